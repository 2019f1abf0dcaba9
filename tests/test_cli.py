"""`akd` as a user types it: help, exit codes, and one clear line for whatever is wrong."""

import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from akd import main
from pipeline.images import write_image
from tests.pipeline.test_coco import coco

VERBS = (
    "demo",
    "plan",
    "generate",
    "check",
    "vehicle",
    "label",
    "export",
    "report",
    "train",
    "evaluate",
    "compare",
    "predict",
    "index",
    "retrieve",
    "prepare",
    "doctor",
    "schema",
    "completion",
    "status",
    "merge",
    "pack",
    "shift",
    "refine",
)


def run(capsys: pytest.CaptureFixture[str], *arguments: Any) -> tuple[int, str, str]:
    try:
        code = main([str(a) for a in arguments])
    except SystemExit as stop:  # argparse
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_help_lists_every_verb(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert all(re.search(rf"^\s+{verb}\s", out, re.M) for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_shows_an_example_that_its_own_parser_accepts(verb: str, capsys: pytest.CaptureFixture[str]):
    from akd import _parser

    code, out, _ = run(capsys, verb, "--help")
    assert code == 0
    examples = [line.split() for line in out.split("example:")[1].strip().splitlines()]
    assert examples[0][0] == "akd"
    for words in examples:
        start = next(number for number, word in enumerate(words) if word in ("akd", "akd.py"))  # torchrun ... akd.py
        _parser().parse_args(words[start + 1 :])


def test_plan_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "plan", "demo", "--images", 12, "-o", tmp_path / "plan.json")
    assert code == 0
    assert "12 images of 4 vehicles" in out
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert [shot["index"] for shot in plan["shots"]] == list(range(12))
    code, _, err = run(capsys, "plan", "demo", "-o", tmp_path / "plan.json")
    assert code == 1
    assert "exists already" in err


def text(name: str, content: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_text(content)
        return folder / name

    return make


def spec(body: str) -> Callable[[Path], Path]:
    return text("spec.yaml", "name: x\nimages: 2\n" + body)


def dataset(content: Any) -> Callable[[Path], Path]:
    return text("annotations.json", content if isinstance(content, str) else json.dumps(content))


def evil_weights(folder: Path) -> Path:
    class Evil:
        def __reduce__(self) -> tuple:
            return (Path.touch, (folder / "owned",))

    (folder / "evil.pt").write_bytes(pickle.dumps(Evil()))
    return folder / "evil.pt"


SEDANS = "vehicles: {sources: [{parametric: sedan}]}\n"
# name: (what to make in a folder, the command, what its one line must say)
BAD: dict[str, tuple[Callable[[Path], Any], str, str]] = {
    "spec: missing": (lambda d: None, "plan {d}/no.yaml", r"no\.yaml: no such file"),
    "spec: not YAML": (spec("camera: [\n"), "plan {d}/spec.yaml", r"spec\.yaml:\d+:\d+: is not valid YAML"),
    "spec: unknown key": (spec(SEDANS + "camra: {}\n"), "plan {d}/spec.yaml", r"camra: unknown key.*mean 'camera'\?"),
    "spec: wrong value": (
        spec(SEDANS + "render: {samples: 0}\n"),
        "generate {d}/spec.yaml -o {d}/out",
        r"render\.samples: input should be greater than or equal to 1; got 0",
    ),
    "spec: unknown body style": (
        spec("vehicles: {sources: [{parametric: sedann}]}\n"),
        "generate {d}/spec.yaml -o {d}/out",
        r"sources\.0\.parametric: 'sedann' is not a body style; .*mean 'sedan'\?",
    ),
    "spec: missing model": (
        spec("vehicles: {sources: [{model: car.glb}]}\n"),
        "generate {d}/spec.yaml -o {d}/out",
        r"sources\.0\.model: .*car\.glb does not exist",
    ),
    "model: of a type that is not read": (text("car.dwg", ""), "check {d}/car.dwg", r"car\.dwg: "),
    "model: no sidecar": (text("car.glb", ""), "check {d}/car.glb", r"car\.keypoints\.yaml"),
    "dataset: missing": (lambda d: None, "train akd-nano -d {d}/nowhere -o {d}/run", r"nowhere: no such dataset"),
    "dataset: not JSON": (dataset("{"), "check {d}/annotations.json", r"is not valid JSON"),
    "dataset: another schema": (
        dataset(coco()),
        "train akd-nano -d {d}/annotations.json -o {d}/run",
        r"annotations\.json: keypoints differ from schema vehicle20|no such dataset|must be a folder",
    ),
    "weights: missing": (lambda d: None, "predict {d}/w.pt {d} -o {d}/out", r"w\.pt: "),
    "weights: not weights": (text("w.pt", "hello"), "predict {d}/w.pt {d} -o {d}/out", r"w\.pt: "),
    "weights: a program": (evil_weights, "predict {d}/evil.pt {d} -o {d}/out", r"evil\.pt: "),
    "index: missing": (lambda d: None, "retrieve {d}/index {d}/a.jpg", r"index"),
    "model config: unknown": (lambda d: None, "train akd-nan -d {d} -o {d}/run", r"akd-nan: .*mean 'akd-nano'\?"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_clear_line(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    make, command, message = BAD[case]
    make(tmp_path)
    code, out, err = run(capsys, *command.format(d=tmp_path).split())
    assert code == 1
    assert re.search(message, out + err), out + err
    assert err.startswith("akd: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert not (tmp_path / "owned").exists(), "loading weights ran a program"
    assert not (tmp_path / "out").exists(), "nothing is begun before the input is known to be good"


def test_bad_images_get_one_clear_line(tiny_weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "notes.jpg").write_text("not an image")
    (tmp_path / "empty").mkdir()
    for name, message in {
        "notes.jpg": r"notes\.jpg: is not an image",
        "none.jpg": r"none\.jpg: no such file",
        "empty": r"empty: holds no image",
    }.items():
        code, _, err = run(capsys, "predict", tiny_weights, tmp_path / name, "-o", tmp_path / "out")
        assert code == 1
        assert re.search(message, err), err
        assert err.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    ["", "fly", "plan", "generate demo", "plan demo --images 0", "retrieve i a.jpg -k 0", "plan demo --wrong"],
)
def test_bad_usage_is_exit_code_2(command: str, capsys: pytest.CaptureFixture[str]):
    code, _, err = run(capsys, *command.split())
    assert code == 2
    assert "usage: akd" in err


def test_a_users_files_are_not_overwritten(tiny_weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    import numpy as np

    write_image(tmp_path / "a.png", np.full((40, 60, 3), 90, np.uint8))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    code, _, err = run(capsys, "predict", tiny_weights, tmp_path / "a.png", "-o", tmp_path / "out")
    assert code == 1
    assert re.search(r"out: ", err)
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_refine_of_a_missing_report_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, _, err = run(capsys, "refine", "demo", "--shift", tmp_path / "none.json", "-o", tmp_path / "new.yaml")
    assert code == 1
    assert err == f"akd: {tmp_path}/none.json: cannot be read: No such file or directory; akd shift writes one\n"
    assert not (tmp_path / "new.yaml").exists()


def test_shift_refuses_to_write_over_a_folder_before_anything_long(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, _, err = run(capsys, "shift", "w", "--synthetic", tmp_path, "--real", tmp_path, "-o", tmp_path)
    assert (code, err) == (1, f"akd: {tmp_path}: exists already; give another name, or delete it first\n")
