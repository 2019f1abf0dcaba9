"""The whole loop as a stranger runs it, on a handful of images."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.images import write_image
from tests.conftest import ROOT

pytestmark = [pytest.mark.blender, pytest.mark.slow]


def akd(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(ROOT / "akd.py"), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_demo_runs_all_stages_and_writes_a_page(tmp_path: Path):
    photos = tmp_path / "photos"
    picture = np.random.default_rng(0).integers(0, 255, (90, 120, 3)).astype(np.uint8)
    write_image(photos / "a.jpg", picture)
    command = ("demo", "-o", str(tmp_path / "demo"), "--real", str(photos), "--images", "12", "--epochs", "1")
    done = akd(*command)
    assert done.returncode == 0, done.stderr[-2000:]
    steps = json.loads((tmp_path / "demo" / "commands.json").read_text())
    verbs = [step["command"].split()[1] for step in steps]
    assert verbs == ["plan", "generate", "check", "train", "evaluate", "predict", "predict", "index", "retrieve"]
    page = (tmp_path / "demo" / "index.html").read_text()
    for step in steps:
        assert step["title"] in page
    report = json.loads((tmp_path / "demo" / "evaluation.json").read_text())
    assert f"{report['images']} images" in page
    pictures = re.findall(r'<img src="([^"]+)"', page)
    assert len(pictures) >= 6
    assert all((tmp_path / "demo" / name).is_file() for name in pictures)
    assert "http" not in page, "the page works offline"

    again = akd(*command)
    assert again.returncode == 0
    assert json.loads((tmp_path / "demo" / "commands.json").read_text()) == steps, "nothing was run twice"


def test_a_folder_that_is_not_a_demos_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("mine")
    done = akd("demo", "-o", str(tmp_path))
    assert done.returncode == 1
    assert "is not empty and holds no demo" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
