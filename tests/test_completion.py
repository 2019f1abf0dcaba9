"""The shells' completion, the table of contents, and that an option means the same in every verb."""

import argparse
import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from akd import _parser, main
from pipeline.arguments import positive
from pipeline.completion import SHELLS, completion_script
from pipeline.contents import STAGES, WIDTH, by_stage, first_clauses
from tests.pipeline.small_datasets import write_dataset
from tests.test_cli import run

REPLIES = """
try() {{
  COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMPREPLY=()
  $(complete -p akd | sed 's/.*-F \\([^ ]*\\).*/\\1/')
  echo "${{COMPREPLY[*]}}"
}}
source {script}
"""


def verbs() -> dict[str, argparse.ArgumentParser]:
    return next(a for a in _parser()._actions if isinstance(a, argparse._SubParsersAction)).choices


def completed(script: Path, *lines: str) -> list[str]:
    program = REPLIES.format(script=script) + "\n".join(f"try {line}" for line in lines)
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True, cwd=script.parent)
    assert not done.stderr
    return done.stdout.splitlines()


def test_bash_completes_verbs_options_and_what_ships(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["completion", "bash"]) == 0
    script = tmp_path / "akd.bash"
    script.write_text(capsys.readouterr().out)
    (tmp_path / "my.yaml").touch()
    (tmp_path / "my.txt").touch()
    found = completed(
        script,
        "akd pl",
        "akd plan de",
        "akd plan my",
        "akd train akd-4",
        "akd evaluate x --split v",
        "akd prepare --fi",
    )
    assert found == ["plan", "demo", "my.yaml", "akd-4.0", "val", "--fill"]
    assert set(completed(script, 'akd completion ""')[0].split()) == set(SHELLS)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_verb_is_in_every_shells_script(shell: str):
    script = completion_script(_parser(), shell)
    assert all(re.search(rf"\b{verb}\b", script) for verb in verbs())
    assert "akd-nano" in script
    assert "vehicle20" in script


def test_help_is_a_table_of_contents(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for stage, names in by_stage(list(verbs())).items():
        section = out.split(f"{stage}:\n")[1].split("\n\n")[0].splitlines()
        assert [line.split()[0] for line in section] == names, "one line each"
    assert run(capsys, "--version")[1].startswith("akd ")


def test_every_verb_has_a_stage():
    known = [name for names in STAGES.values() for name in names]
    assert len(set(known)) == len(known)
    assert set(verbs()) <= set(known), "say in pipeline/contents.py where it belongs"


def test_a_verb_that_no_stage_names_is_still_listed():
    assert by_stage(["plan", "fly"]) == {"render (images with exact labels, from a spec)": ["plan"], "more": ["fly"]}
    assert first_clauses("write it; a line each, or all", 20) == "write it"
    assert first_clauses("a" * 80, WIDTH) == "a" * 80


def test_an_option_means_the_same_in_every_verb():
    seen: dict[str, set[Any]] = defaultdict(set)
    for parser in verbs().values():
        for action in parser._actions:
            for option in action.option_strings:
                seen[option].add((tuple(action.option_strings), action.dest))
    assert {option: forms for option, forms in seen.items() if len(forms) > 1} == {}
    long = {"-h": "--help", "-o": "--out", "-d": "--dataset"}
    assert {option: forms.pop()[0][1] for option, forms in seen.items() if option in long} == long


def test_types_and_choices_of_shared_options_agree():
    wanted = {"--split": None, "--workers": positive, "--images": positive, "-k": positive, "--epochs": positive}
    wanted |= {"--seed": int, "-o": Path, "-d": Path, "--weights": Path, "--json": Path}
    for name, parser in verbs().items():
        for action in parser._actions:
            for option in set(action.option_strings) & set(wanted):
                assert action.type is wanted[option], f"akd {name} {option}"
                if option == "--split":
                    assert tuple(action.choices or ()) == ("train", "val", "test"), name


def test_json_goes_to_stdout_or_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    dataset = write_dataset(tmp_path / "d")
    for command in (["plan", "demo", "--images", 6], ["check", dataset / "annotations.json"]):
        code, out, _ = run(capsys, *command, "--json")
        told = json.loads(out)
        file = tmp_path / f"{command[0]}.json"
        assert run(capsys, *command, "--json", file)[0] == code
        assert json.loads(file.read_text()) == told
        code, _, err = run(capsys, *command, "--json", file)
        assert code == 1
        assert "exists already" in err
    assert json.loads((tmp_path / "plan.json").read_text())["images"] == 6
    assert json.loads((tmp_path / "check.json").read_text())["kind"] == "dataset"
    spec = tmp_path / "s.yaml"
    spec.write_text("name: x\nimages: 2\nvehicles: {sources: [{parametric: suv}]}\n")
    assert json.loads(run(capsys, "check", spec, "--json")[1]) == {"target": str(spec), "kind": "spec", "sound": True}
