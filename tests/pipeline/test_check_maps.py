"""`akd check` reads maps: what is missing, damaged or disagrees is named."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.check import check_dataset
from pipeline.map_files import write_png16
from tests.pipeline.map_datasets import HEIGHT, WIDTH, instances, rewrite, write_maps_dataset


def named(folder: Path) -> list[str]:
    return [str(problem) for problem in check_dataset(folder)]


@pytest.mark.parametrize("depth", ["png", "exr"])
def test_sound_maps_have_no_problem(tmp_path: Path, depth: str):
    write_maps_dataset(tmp_path, depth=depth)
    assert named(tmp_path) == []


def swapped(folder: Path, content: dict[str, Any]) -> None:
    values = instances()
    write_png16(folder / "maps/instances/000001.png", np.where(values > 0, 3 - values, 0).astype(np.uint16))


def cut_short(folder: Path, content: dict[str, Any]) -> None:
    file = folder / "maps/normals/000001.png"
    file.write_bytes(file.read_bytes()[:40])


FAULTS = {
    "missing": (
        lambda f, c: (f / "maps/depth/000001.png").unlink(),
        r"maps\.depth: there is no file maps/depth/000001",
    ),
    "cut short": (cut_short, r"maps\.normals: .*000001\.png: is not an image that can be decoded"),
    "of 8 bits": (
        lambda f, c: (f / "maps/depth/000001.png").write_bytes((f / "images/000001.png").read_bytes()),
        r"maps\.depth: .*is not a PNG of 16 bits",
    ),
    "too small": (
        lambda f, c: write_png16(f / "maps/depth/000001.png", np.zeros((HEIGHT, WIDTH - 1), np.uint16)),
        r"maps\.depth: .*has the shape \(40, 59\); allowed: .*40x60",
    ),
    "grey normals": (
        lambda f, c: write_png16(f / "maps/normals/000001.png", np.zeros((HEIGHT, WIDTH), np.uint16)),
        r"maps\.normals: .*has the shape \(40, 60\); allowed: \(height, width, 3\)",
    ),
    "swapped instances": (swapped, r"maps\.instances: has 108 pixels of annotation 11; allowed: its area, 600"),
    "one instance too many": (
        lambda f, c: write_png16(f / "maps/instances/000001.png", instances() + np.uint16(1)),
        r"maps\.instances: has the value 3; allowed: 0 to 2",
    ),
    "other ids": (
        lambda f, c: c["images"][1].update(instance_ids=[12, 11]),
        r"instance_ids: are \[12, 11\]; allowed: the ids of its annotations, \[11, 12\]",
    ),
    "leads out": (
        lambda f, c: c["images"][1]["maps"].update(depth="../x.png"),
        r"maps\.depth: '\.\./x\.png' leads out of the dataset",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(tmp_path: Path, name: str):
    content = write_maps_dataset(tmp_path)
    change, pattern = FAULTS[name]
    change(tmp_path, content)
    rewrite(tmp_path, content)
    found = named(tmp_path)
    assert any(line.startswith("error") and re.search(pattern, line) for line in found), found
    assert all("000001.png" in line for line in found), "only the image that was harmed"


def test_what_another_tool_calls_maps_is_left_alone(tmp_path: Path):
    content = write_maps_dataset(tmp_path)
    for image in content["images"]:
        image["maps"] = ["city.osm"]
    rewrite(tmp_path, content)
    assert named(tmp_path) == []
