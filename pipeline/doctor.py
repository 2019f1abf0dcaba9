"""`akd doctor`: does this machine have what the program needs? Each answer is one line, with how to mend it."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from pipeline.cores import usable_cores
from pipeline.system_packages import import_advice
from pipeline.worker_process import ROOT

State = Literal["ok", "note", "broken"]
PACKAGES = ("numpy", "opencv-python", "pydantic", "PyYAML", "scipy", "numba", "pycocotools", "trimesh", "torchvision")
"""What the program cannot do without, beside what has a line of its own."""
INSTALL = "make setup, or: pip install -c constraints.txt -e ."
BLENDER_PYTHON = (3, 13)
"""The only Python that the pinned bpy is made for."""
NEEDED_GB, USUAL_GB = 0.5, 5.0
"""Free disk below which nothing works, and below which a dataset soon does not fit."""
TIMEOUT_S = 180.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `mend` says how to mend what is broken, or what a note advises."""

    name: str
    state: State
    said: str
    mend: str = ""

    def as_text(self) -> str:
        """One line."""
        line = f"{self.state:<7} {self.name:<11} {self.said}"
        return f"{line}; {self.mend}" if self.mend else line


def examine() -> list[Finding]:
    """Everything, in the order in which one thing needs another."""
    return [_python(), _packages(), _opencv(), *_blender(), *_torch(), _disk()]


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Plain values for programs."""
    return {"sound": not any(f.state == "broken" for f in findings), "findings": [asdict(f) for f in findings]}


def _python() -> Finding:
    version, cores = ".".join(map(str, sys.version_info[:3])), usable_cores()
    said = f"{version}, {cores} core{'s' if cores > 1 else ''} to use"
    if sys.version_info[:2] == BLENDER_PYTHON:
        return Finding("Python", "ok", said)
    wanted = ".".join(map(str, BLENDER_PYTHON))
    return Finding("Python", "note", said, f"rendering needs Python {wanted}; all else works")


def _packages() -> Finding:
    found = {name: _version(name) for name in ("akd", *PACKAGES)}
    missing = [name for name, version in found.items() if version is None]
    if missing:
        return Finding("packages", "broken", f"not installed: {', '.join(missing)}", INSTALL)
    return Finding("packages", "ok", ", ".join(f"{name} {version}" for name, version in found.items()))


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _opencv() -> Finding:
    """OpenCV and Pillow in a process of their own: a missing library must not end this one."""
    code = "import cv2, json; from pipeline.draw_labels import font; from PIL import ImageFont; "
    code += "print(json.dumps({'cv2': cv2.__version__, 'font': isinstance(font(12), ImageFont.FreeTypeFont)}))"
    told = _ask(["-c", code])
    if "error" in told:
        return _broken("images", told)
    if not told["font"]:
        return Finding("images", "broken", "Pillow has no FreeType, and draws no text", "pip install --force pillow")
    return Finding("images", "ok", f"OpenCV {told['cv2']}, Pillow's font")


def _blender() -> list[Finding]:
    if _version("bpy") is None:
        if sys.version_info[:2] != BLENDER_PYTHON:
            return [Finding("Blender", "note", "not installed: there is no bpy for this Python")]
        return [Finding("Blender", "broken", "bpy is not installed", INSTALL)]
    told = _ask(["-m", "blender_scenes.doctor"])
    if "error" in told:
        return [_broken("Blender", told)]
    gpus = ", ".join(told["gpus"]) or "no GPU, Cycles uses the CPU"
    fonts = Finding("fonts", "ok", f"Blender's {', '.join(told['fonts'])}")
    if told["missing_fonts"]:
        said = f"Blender lacks {', '.join(told['missing_fonts'])}"
        fonts = Finding("fonts", "broken", said, "pip install --force bpy, from the wheel of constraints.txt")
    rendered = f"a car at {told['size']} in {told['render_s']:.1f} s on {told['device']}"
    render = Finding("render", "ok", f"{rendered}, built in {told['build_s']:.1f} s")
    if told["spread"] < 1:
        render = Finding(
            "render", "broken", "the picture is empty", "update the GPU's driver, or render: {device: cpu}"
        )
    return [Finding("Blender", "ok", f"{told['version']}, {gpus}"), fonts, render]


def _torch() -> list[Finding]:
    if _version("torch") is None:
        return [Finding("torch", "broken", "not installed", INSTALL)]
    told = _ask(["-m", "training.doctor"])
    if "error" in told:
        return [_broken("torch", told)]
    said = f"{told['version']}, {told['gpu'] or 'no GPU, training and prediction use the CPU'}"
    torch = Finding("torch", "ok", said)
    if not told["gpu"] and Path("/dev/nvidia0").exists():
        torch = Finding("torch", "note", f"{told['version']} does not see this machine's GPU", "install torch for CUDA")
    predicted = f"{told['weights']} on a {told['size']} image in {told['predict_s']:.2f} s"
    return [torch, Finding("predict", "ok", predicted)]


def _disk() -> Finding:
    places = {"here": Path.cwd(), "for temporary files": Path(tempfile.gettempdir())}
    free = {name: shutil.disk_usage(path).free / 1e9 for name, path in places.items()}
    said = ", ".join(f"{size:.1f} GB free {name}" for name, size in free.items())
    if min(free.values()) < NEEDED_GB:
        return Finding("disk", "broken", said, f"free {NEEDED_GB} GB at least; TMPDIR moves temporary files")
    if min(free.values()) < USUAL_GB:
        return Finding("disk", "note", said, "10,000 images of 512x512 take about 1 GB")
    return Finding("disk", "ok", said)


def _ask(arguments: Sequence[str]) -> Mapping[str, Any]:
    """What a Python process answers: a JSON object on stdout; {"error": ...} if it does not."""
    try:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        return {"error": f"took longer than {TIMEOUT_S:g} s"}
    try:
        return json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return {"error": f"ended with exit code {done.returncode}: {last}"}


def _broken(name: str, told: Mapping[str, Any]) -> Finding:
    text = " ".join(str(told["error"]).split())
    return Finding(name, "broken", import_advice(text) or text, "" if import_advice(text) else INSTALL)
