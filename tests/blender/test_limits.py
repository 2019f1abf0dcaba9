"""Shots that fall short are drawn again, the same way every time, and the dataset tells of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import parse_config
from pipeline.generate import generate_dataset
from pipeline.spec import DatasetSpec

pytestmark = pytest.mark.blender
VEHICLES = {"views_per_vehicle": 2, "sources": [{"parametric": "hatchback"}]}


def spec(limits: dict[str, Any], **groups: Any) -> DatasetSpec:
    content = {
        "name": "limits",
        "images": 4,
        "seed": 3,
        "image": {"width": 64, "height": 64, "format": "png"},
        "render": {"samples": 1, "denoise": False, "device": "cpu"},
        "vehicles": VEHICLES,
        "camera": {"azimuth_deg": {"uniform": [0, 360]}, "fill": {"uniform": [0.1, 1.0]}},
        "limits": limits,
    }
    return parse_config(content | groups, DatasetSpec, "test")


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((folder / "shots").glob("*.json"))]


def test_small_ones_are_drawn_again_until_they_are_large_enough(tmp_path: Path):
    wanted = spec({"visible_pixels": 900, "attempts": 40})
    done = [generate_dataset(wanted, tmp_path / name, workers) for name, workers in (("one", 1), ("two", 2))]
    first, second = (records(tmp_path / name) for name in ("one", "two"))
    assert first == second
    assert all(record["annotations"][0]["area"] >= 900 and "breaks" not in record for record in first)
    again = [record for record in first if "rejected" in record]
    assert again, "of four vehicles that may fill a tenth of the image some are too small"
    assert done[0].holds.drawn_again == len(again)
    assert done[0].holds.rejections == {"visible_pixels": sum(len(record["rejected"]) for record in again)}
    assert f"{len(again)} of 4 shots were drawn again: visible_pixels" in done[0].as_text()


def test_what_never_passes_is_kept_and_said_to_fall_short(tmp_path: Path):
    done = generate_dataset(spec({"bright": 0.0, "attempts": 2}, light={"strength": 100.0}), tmp_path / "set", 1)
    for record in records(tmp_path / "set"):
        assert record["rejected"] == [["bright"]]
        assert record["breaks"] == ["bright"]
    assert "4 shots break a limit still" in done.as_text()
