"""`akd doctor`, and what a user reads on a machine that lacks a library of the system."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from akd import main
from pipeline import doctor
from pipeline.images import write_image
from pipeline.system_packages import APT, LIBRARIES, import_advice, missing_library
from tests.conftest import ROOT

GONE = "{name}: cannot open shared object file: No such file or directory"
TOLD = {
    "-c": {"cv2": "5.0.0", "font": True},
    "blender_scenes.doctor": {
        "version": "5.2.3 LTS",
        "gpus": [],
        "fonts": ["Inter.woff2"],
        "missing_fonts": [],
        "device": "CPU, 2 threads",
        "size": "96x96",
        "build_s": 0.7,
        "render_s": 0.4,
        "spread": 50.0,
    },
    "training.doctor": {
        "version": "2.15.0",
        "gpu": "",
        "weights": "akd-nano",
        "size": "256x256",
        "predict_s": 0.03,
    },
}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the probes answer; a test changes it."""
    answers: dict[str, Any] = json.loads(json.dumps(TOLD))

    def ask(arguments: Sequence[str]) -> Mapping[str, Any]:
        return answers["-c" if arguments[0] == "-c" else arguments[1]]

    monkeypatch.setattr(doctor, "_ask", ask)
    monkeypatch.setattr(doctor, "_version", lambda package: "1.0")
    monkeypatch.setattr(doctor.sys, "version_info", (3, 13, 0))
    return answers


def states() -> dict[str, str]:
    return {finding.name: finding.state for finding in doctor.examine()}


def test_a_sound_machine(told: dict[str, Any], capsys: pytest.CaptureFixture[str]):
    assert set(states()) == {
        "Python", "packages", "images", "Blender", "fonts", "render", "torch", "predict", "disk"
    }  # fmt: skip
    assert "broken" not in states().values()
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "a car at 96x96 in 0.4 s on CPU, 2 threads" in out
    assert main(["doctor", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["sound"]
    assert len(answer["findings"]) == 9


def test_a_missing_library_gets_the_apt_line(told: dict[str, Any], capsys: pytest.CaptureFixture[str]):
    told["blender_scenes.doctor"] = {"error": GONE.format(name="libXi.so.6")}
    assert main(["doctor", "--json"]) == 1
    captured = capsys.readouterr()
    blender = next(f for f in json.loads(captured.out)["findings"] if f["name"] == "Blender")
    assert blender["state"] == "broken"
    assert "libXi.so.6 is missing" in blender["said"]
    assert APT in blender["said"]
    assert captured.err == "akd: doctor: broken: Blender; the lines above say how to mend it\n"


def test_an_empty_picture_and_lost_fonts_are_broken(told: dict[str, Any]):
    told["blender_scenes.doctor"] |= {"spread": 0.0, "missing_fonts": ["Inter.woff2"]}
    assert {name for name, state in states().items() if state == "broken"} == {"fonts", "render"}


def test_without_bpy_other_pythons_are_noted_and_ours_is_broken(told: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "_version", lambda package: None if package == "bpy" else "1.0")
    assert states()["Blender"] == "broken"
    monkeypatch.setattr(doctor.sys, "version_info", (3, 12, 4))
    found = states()
    assert (found["Python"], found["Blender"]) == ("note", "note")
    assert "render" not in found
    assert main(["doctor"]) == 0


def test_full_disks_and_missing_packages(told: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    usage = type("Usage", (), {"free": 1e8})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(doctor, "_version", lambda package: None if package == "numba" else "1.0")
    lines = [finding.as_text() for finding in doctor.examine() if finding.state == "broken"]
    assert lines[0].startswith("broken  packages    not installed: numba; make setup")
    assert "0.1 GB free here" in lines[-1]


def test_probes_that_die_or_hang_are_told(monkeypatch: pytest.MonkeyPatch):
    assert doctor._ask(["-c", "raise SystemExit('no luck')"]) == {"error": "ended with exit code 1: no luck"}
    assert doctor._ask(["-c", "print('[1')"])["error"] == "ended with exit code 0: it said nothing"
    monkeypatch.setattr(doctor, "TIMEOUT_S", 0.3)
    assert doctor._ask(["-c", "import time; time.sleep(9)"]) == {"error": "took longer than 0.3 s"}


def test_the_prediction_probe_predicts():
    told = doctor._ask(["-m", "training.doctor"])
    assert "error" not in told
    assert told["predict_s"] > 0
    assert told["weights"].endswith("akd-nano")


def test_the_apt_line_is_the_readmes():
    assert LIBRARIES in (ROOT / "README.md").read_text(encoding="utf-8")


def test_only_missing_libraries_are_advised_on():
    assert missing_library(GONE.format(name="libGL.so.1")) == "libGL.so.1"
    assert missing_library(GONE.format(name="libgthread-2.0.so.0")) == "libgthread-2.0.so.0"
    assert import_advice("No module named 'cv3'") is None


@pytest.mark.parametrize(
    ("module", "library", "command"),
    [
        ("cv2", "libGL.so.1", ["prepare", "{d}/photos", "-o", "{d}/out"]),
        ("bpy", "libXi.so.6", ["check", "{d}/car.obj"]),
    ],
)
def test_any_verb_says_it_in_one_line(module: str, library: str, command: list[str], tmp_path: Path):
    """With a module of that name before the real one, as the system's loader would fail."""
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / f"{module}.py").write_text(f"raise ImportError({GONE.format(name=library)!r})\n")
    write_image(tmp_path / "photos" / "a.png", np.zeros((20, 20, 3), np.uint8))
    (tmp_path / "car.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    (tmp_path / "car.keypoints.yaml").write_text("labels:\n  roof: {at: [0, 0, 0]}\n")
    done = subprocess.run(
        [sys.executable, str(ROOT / "akd.py"), *(text.format(d=tmp_path) for text in command)],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "path")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"akd: the system library {library} is missing; on Debian and Ubuntu: {APT}\n"
