"""YAML that would run code, take the memory or the day, or break the one line that an error has."""

from pathlib import Path

import pytest

from pipeline.config import read_yaml
from pipeline.errors import SpecError
from pipeline.safe_yaml import MAX_REPEATED
from pipeline.spec import load_spec

NINE = "[" + ", ".join(["*{0}"] * 9) + "]"
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} {NINE.format(chr(ord(name) - 1))}\n" for name in "bcdefghijkl"
)
MERGES = "a0: &a0 {k: v}\n" + "".join(f"a{i + 1}: &a{i + 1}\n  <<: [*a{i}, *a{i}]\n" for i in range(40))
HOSTILE = {
    "aliases of aliases": (LAUGHS, "its aliases stand for"),
    "merge keys of merge keys": (MERGES, "its aliases stand for"),
    "an alias of itself": ("&a [*a]", "stands inside of what it repeats"),
    "a Python object": ("!!python/object/apply:os.system [echo hi]", "could not determine a constructor"),
    "a Python name": ("name: !!python/name:os.system", "could not determine a constructor"),
    "nesting": ("[" * 5_000, "nested too deep"),
    "a number of 5000 digits": ("a: " + "9" * 5000, "too long"),
    "a number of 300 bits": ("a: 0x" + "f" * 75, "too large"),
    "hours and minutes without end": ("a: 1" + ":1" * 60_000, "too long"),
    "a list as a key": ("? [a]\n: b", "unhashable key"),
    "a tag that does not fit": ("a: !!bool maybe", "not valid YAML"),
    "a date that is none": ("a: !!timestamp soon", "not valid YAML"),
    "a mapping that is none": ("!!map [a]", "must be a mapping"),
    "an empty number": ("a: !!int ''", "not valid YAML"),
    "two documents": ("a: 1\n---\nb: 2", "another document"),
    "a NUL": ("a: \0", "not valid YAML"),
    "a tag of a megabyte": ("!" * 200_000, "could not determine a constructor"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_yaml_is_refused_in_one_line(tmp_path: Path, name: str):
    text, message = HOSTILE[name]
    file = tmp_path / "spec.yaml"
    file.write_text(text)
    with pytest.raises(SpecError, match=message) as caught:
        read_yaml(file)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_aliases_that_do_not_multiply_are_fine(tmp_path: Path):
    file = tmp_path / "spec.yaml"
    file.write_text("a: &a {x: 1}\nb: {<<: *a, x: 2}\nc: [*a, *a]")
    assert read_yaml(file) == {"a": {"x": 1}, "b": {"x": 2}, "c": [{"x": 1}, {"x": 1}]}


def test_a_plain_list_may_be_as_long_as_its_file(tmp_path: Path):
    file = tmp_path / "spec.yaml"
    file.write_text(f"a: {[0] * 2000}")
    assert len(read_yaml(file)["a"]) == 2000
    assert MAX_REPEATED > 2000


SPEC = "name: x\nimages: 1\nvehicles: {sources: [{parametric: suv}]}\n"
VALUES = {
    "not a number": ("seed: .nan", "seed: "),
    "infinity": ("light: {strength: .inf}", "light.strength.*finite"),
    "a distribution inside of itself, forty times": (
        "light:\n  strength: &n0 1\n"
        + "".join(
            f"k{i}: &n{i + 1} {{probability: 0.5, value: *n{i}, otherwise: *n{i}}}\n" for i in range(40)
        ),
        "its aliases stand for",
    ),
    "a list for a name": ("camera: {preset: [street]}", "camera.preset"),
    "a key of two lines": ('"a\\nb\\e[2J": 1', r"a b\\x1b\[2J: unknown key"),
    "a name that no file can have": (f"keypoints: {'k' * 5000}", "no such file"),
    "a folder with a NUL": ('light: {hdri: "a\\0b"}', "light.hdri"),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_hostile_values_are_refused_in_one_line(tmp_path: Path, name: str):
    text, message = VALUES[name]
    file = tmp_path / "spec.yaml"
    file.write_text(SPEC + text)
    from pipeline.keypoints import load_schema

    with pytest.raises(SpecError, match=message) as caught:
        load_schema(load_spec(str(file)).keypoints)
    assert "\n" not in str(caught.value)
