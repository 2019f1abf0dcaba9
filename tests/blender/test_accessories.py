"""What is fitted to a car: every choice builds a sound one, and they come as often as they should."""

from collections import Counter

import numpy as np
import pytest

from blender_scenes.vehicle import build_vehicle
from blender_scenes.vehicle.accessories import BOX, LOADS, SPOILERS
from blender_scenes.vehicle.lenders import AT_REST
from blender_scenes.vehicle.params import sample_parameters
from blender_scenes.vehicle.shapes import Mesh
from blender_scenes.vehicle.sweep import round_outline, swept
from pipeline.check_model import check_labelled_mesh
from pipeline.check_shape import check_mirrored, measure_shape
from pipeline.keypoints import load_schema
from pipeline.vehicle_parameters import LIMITS

SCHEMA = load_schema("vehicle20")
FITTED = (
    "mirror_shape",
    "antenna",
    "roof_rails",
    "roof_load",
    "spoiler",
    "exhaust",
    "tow_bar",
    "mud_flaps",
    "handle_kind",
)
MOST_TRIANGLES = 130_000


@pytest.mark.parametrize("style", ["sedan", "coupe", "suv", "van"])
@pytest.mark.parametrize("number", range(4))
def test_every_choice_builds_a_sound_car(style: str, number: int):
    given = {name: float(min(number, LIMITS[name][1])) for name in FITTED}
    car = build_vehicle(style, 5, {**AT_REST, **given})
    shape = measure_shape(car.mesh)
    assert not shape.floating
    assert check_labelled_mesh(car.mesh, SCHEMA) == []
    assert check_mirrored(shape) == []
    assert len(car.mesh.triangles) < MOST_TRIANGLES


@pytest.mark.parametrize(
    ("style", "name", "shares"), [("suv", "roof_load", LOADS["suv"]), ("coupe", "spoiler", SPOILERS["coupe"])]
)
def test_choices_come_as_often_as_they_should(style: str, name: str, shares: tuple[float, ...]):
    count = 2000
    drawn = Counter(getattr(sample_parameters(style, seed), name) for seed in range(count))
    for value, share in enumerate(shares):
        spread = 4 * np.sqrt(share * (1 - share) / count)
        assert drawn[value] / count == pytest.approx(share, abs=spread)


def test_a_roof_box_leaves_the_roofs_middle_in_sight():
    car = build_vehicle("suv", 5, {**AT_REST, "roof_load": BOX})
    bare = build_vehicle("suv", 5, {**AT_REST, "roof_load": 0})
    assert car.mesh.extent_m[2] > bare.mesh.extent_m[2] + 0.25
    assert not [line for line in check_labelled_mesh(car.mesh, SCHEMA) if line.startswith("roof")]


def volume(mesh: Mesh) -> float:
    corners = mesh[0][mesh[1]]
    return float(np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum()) / 6


def test_a_swept_outline_is_closed_and_faces_outwards():
    path = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]])
    square = np.array([[-0.1, -0.1], [0.1, -0.1], [0.1, 0.1], [-0.1, 0.1]])
    assert volume(swept(path, square)) == pytest.approx(0.08)
    assert volume(swept(path[::-1], square)) == pytest.approx(0.08)
    bent = swept([[0, 0, 0], [1, 0, 0], [2, 0, 1]], round_outline(0.05))
    assert volume(bent) > 0
    edges = Counter()
    _, welded = np.unique(bent[0].round(9), axis=0, return_inverse=True)
    for triangle in welded.reshape(-1)[bent[1]]:
        for a, b in zip(triangle, np.roll(triangle, -1), strict=True):
            edges[a, b] += 1
    assert all(edges[b, a] == times for (a, b), times in edges.items())
