"""A generated vehicle written to a file is the same vehicle when it is read again."""

import re
from pathlib import Path

import bpy
import numpy as np
import pytest
import yaml

from akd import main
from blender_scenes.importers import add_model
from blender_scenes.vehicle import build_vehicle
from blender_scenes.vehicle_file import write_vehicle
from pipeline.appearance import Appearance
from pipeline.export_vehicle import SUFFIXES
from pipeline.keypoints import KeypointSchema
from pipeline.sidecar import sidecar_path

pytestmark = pytest.mark.blender
ONE_MM = 0.001


def assert_same_labels(path: Path, schema: KeypointSchema) -> None:
    vehicle = build_vehicle("hatchback", 5)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _, mesh = add_model(path, schema=schema)
    assert set(mesh.labels) == set(vehicle.mesh.labels)
    np.testing.assert_allclose(mesh.extent_m, vehicle.mesh.extent_m, atol=ONE_MM)
    for name in mesh.labels:
        here, there = mesh.place_positions(name), vehicle.mesh.place_positions(name)
        middle = vehicle.mesh.place_positions("wheel_FL").mean(axis=0) - mesh.place_positions("wheel_FL").mean(axis=0)
        np.testing.assert_allclose(here + middle, there, atol=ONE_MM, err_msg=name)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_labels_survive(tmp_path: Path, suffix: str, schema: KeypointSchema):
    path = tmp_path / f"car{suffix}"
    write_vehicle(build_vehicle("hatchback", 5), path, Appearance())
    assert_same_labels(path, schema)


def test_a_blend_file_carries_its_labels_itself(tmp_path: Path, schema: KeypointSchema):
    path = tmp_path / "car.blend"
    write_vehicle(build_vehicle("hatchback", 5), path, Appearance())
    sidecar_path(path).unlink()
    assert_same_labels(path, schema)


def test_the_verb_writes_a_model_that_check_accepts(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "new" / "suv.glb"
    assert main(["vehicle", "--style", "suv", "--seed", "7", "-o", str(path), "--set", "wheelbase=2.7"]) == 0
    assert main(["check", str(path)]) == 0
    assert f"{path}: sound" in capsys.readouterr().out
    assert main(["vehicle", "--style", "suv", "--seed", "8", "-o", str(path)]) == 1
    assert "exists already; --force writes over it" in capsys.readouterr().err


def test_parameters_are_printed_as_yaml(capsys: pytest.CaptureFixture[str]):
    assert main(["vehicle", "--style", "van", "--seed", "2", "--parameters", "--set", "width=2"]) == 0
    printed = yaml.safe_load(capsys.readouterr().out)
    assert printed["width"] == 2.0
    assert len(printed) >= 40


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--style", "suvv", "--parameters"], "'suvv' is not a body style; allowed: .*suv"),
        (["--style", "suv"], "say -o FILE, --parameters, or both"),
        (["--style", "suv", "--parameters", "--set", "width"], "'width' must be NAME=NUMBER"),
        (["--style", "suv", "--parameters", "--set", "width=9"], "width must lie within 1.5..2.15; got 9"),
        (["--style", "suv", "-o", "car.step"], "cannot write a .step file; allowed: .glb"),
    ],
)
def test_bad_orders_get_a_line(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]):
    assert main(["vehicle", *arguments]) == 1
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert re.search(says, error)
