"""Doors and tailgates that stand open, and the keypoints that go with them."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from blender_scenes.vehicle import Vehicle
from blender_scenes.vehicle.assemble import assemble
from blender_scenes.vehicle.params import sample_parameters

SHUT = dict.fromkeys(("door_fl_deg", "door_fr_deg", "door_rl_deg", "door_rr_deg", "tailgate_deg"), 0.0)
MOVED = {
    "door_fl_deg": {"door_FL", "mirror_LEFT"},
    "door_fr_deg": {"door_FR", "mirror_RIGHT"},
    "door_rl_deg": {"door_RL"},
    "door_rr_deg": {"door_RR"},
    "tailgate_deg": {"license_plate", "windshield_REAR"},
}


@cache
def car(style: str, **open_deg: float) -> Vehicle:
    return assemble(style, 0, replace(sample_parameters(style, 0), **{**SHUT, **open_deg}))  # type: ignore[arg-type]


def places(vehicle: Vehicle) -> dict[str, np.ndarray]:
    return {name: vehicle.mesh.place_positions(name) for name in vehicle.mesh.labels}


@pytest.mark.parametrize("panel", MOVED)
def test_keypoints_on_an_open_panel_move_and_no_others(panel: str):
    shut, opened = places(car("suv")), places(car("suv", **{panel: 25.0}))
    moved = {name for name in shut if np.abs(shut[name] - opened[name]).max() > 0.02}
    still = {name for name in shut if np.abs(shut[name] - opened[name]).max() < 1e-9}
    may_move = {"headlight_RL", "headlight_RR"} if panel == "tailgate_deg" else set()  # lamps that the gap divides
    assert moved - may_move == MOVED[panel]
    assert still - may_move == set(shut) - MOVED[panel] - may_move


def test_a_door_turns_rigidly_about_its_front_edge():
    shut, opened = car("sedan"), car("sedan", door_fl_deg=20.0, door_rr_deg=20.0)
    for name, sign in (("door_FL", 1), ("door_RR", -1)):
        before, after = shut.mesh.place_positions(name)[0], opened.mesh.place_positions(name)[0]
        assert (after - before)[1] * sign > 0.1
        assert (after - before)[0] > 0
        assert after[2] == pytest.approx(before[2])


def test_the_tailgate_rises():
    shut, opened = car("hatchback"), car("hatchback", tailgate_deg=30.0)
    before, after = shut.mesh.place_positions("license_plate"), opened.mesh.place_positions("license_plate")
    np.testing.assert_allclose(after[0], before[0])  # the front plate stays
    assert after[1][2] - before[1][2] > 0.1
    assert after[1][0] < before[1][0]


@pytest.mark.parametrize("style", ["sedan", "coupe", "hatchback"])
def test_open_panels_keep_the_surface_they_had(style: str):
    """Nothing is lost or doubled but for the lining: the outer skin has the same area open and shut."""
    opened = car(style, door_fl_deg=30.0, tailgate_deg=30.0)
    areas = [
        sum(area(part.vertices, part.triangles) for part in vehicle.parts if part.material != "interior")
        for vehicle in (car(style), opened)
    ]
    assert areas[0] == pytest.approx(areas[1], rel=1e-6)


def area(vertices: np.ndarray, triangles: np.ndarray) -> float:
    a, b, c = vertices[triangles].transpose(1, 0, 2)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)
