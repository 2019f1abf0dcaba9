import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import parse_config
from pipeline.spec import DatasetSpec
from tests.conftest import ROOT

FAKE_COMMAND = (sys.executable, "-m", "tests.farm.fake_worker")
SPEC: dict[str, Any] = {
    "name": "fake",
    "seed": 1,
    "images": 12,
    "image": {"width": 16, "height": 16, "format": "png"},
    "render": {"device": "cpu"},
    "vehicles": {"views_per_vehicle": 2, "sources": [{"parametric": "suv"}]},
}

Mischief = Callable[[dict[str, str]], None]


def fake_spec(**changes: Any) -> DatasetSpec:
    return parse_config({**SPEC, **changes}, DatasetSpec, "fake")


@pytest.fixture(autouse=True)
def fake_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every farm of this folder's tests has workers that need no Blender."""
    monkeypatch.setattr("pipeline.generate.WORKER_COMMAND", FAKE_COMMAND)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
def mischief(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mischief:
    """Say what the workers do wrong, by index of the shot."""

    def plan(wanted: dict[str, str]) -> None:
        file = tmp_path / "mischief.json"
        file.write_text(json.dumps(wanted))
        monkeypatch.setenv("AKD_MISCHIEF", str(file))

    return plan


def digest(dataset: Path) -> dict[str, str]:
    """A hash of each label file, record and image."""
    files = [*dataset.glob("*.json"), *dataset.glob("*.yaml"), *dataset.glob("shots/*"), *dataset.glob("images/*")]
    return {str(file.relative_to(dataset)): hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(files)}
