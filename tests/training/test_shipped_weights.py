"""The detector that ships does what the README says of it, on a few images: a broken or mixed-up file is seen here."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from akd import main
from pipeline.coco import load_coco
from tests.conftest import ROOT
from training.checkpoint import load_model
from training.evaluate import evaluate_loaded, evaluate_weights
from training.weights_path import SHIPPED

EXAMPLES = ROOT / "docs" / "examples"
LIMIT_MB = 20


def test_weights_that_ship_are_small():
    files = list(SHIPPED.glob("*.pt"))
    assert [file.stem for file in files] == ["akd-nano"]
    assert sum(file.stat().st_size for file in files) < LIMIT_MB * 1e6


def test_it_finds_the_keypoints_of_the_examples():
    report = evaluate_weights(Path("akd-nano"), EXAMPLES, resamples=0)
    assert report.pck.overall["0.1"] > 0.85
    assert report.box.ap50 > 0.8  # two of the ten vehicles stand half hidden behind others


def test_it_finds_them_in_real_photos(shared_data: Path):
    """Every eighth of the photos; what it scores on all of them is in the README."""
    photos = load_coco(shared_data / "real_photos")
    report = evaluate_loaded(load_model(Path("akd-nano")), replace(photos, images=photos.images[::8]))
    assert report.pck.overall["0.1"] > 0.6
    assert report.box.ap50 > 0.8


def test_the_first_command_of_the_readme(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    photo = next(iter(sorted(EXAMPLES.glob("*.jpg"))))
    assert main(["predict", "akd-nano", str(photo), "-o", str(tmp_path / "first")]) == 0
    found = json.loads((tmp_path / "first" / "predictions.json").read_text())["annotations"]
    assert found[0]["score"] > 0.3
    assert np.isfinite(found[0]["keypoints"]).all()


def test_it_says_what_it_was_made_by():
    config = load_model(Path("akd-nano")).config
    assert config.name == "akd-nano-photos"
