"""What is fitted to a car: every choice builds a sound one, and they come as often as they should."""

import itertools
from collections import Counter

import numpy as np
import pytest

from blender_scenes.vehicle import STYLES, build_vehicle
from blender_scenes.vehicle.accessories import (
    BOX,
    DUCKTAIL,
    EXHAUSTS,
    IN_WINDOW,
    LOADS,
    MIRRORS,
    ON_LID,
    RAILS,
    SPOILERS,
    WING,
)
from blender_scenes.vehicle.lenders import AT_REST
from blender_scenes.vehicle.loft import lofted, oval, rounded_path, tube
from blender_scenes.vehicle.params import sample_parameters
from blender_scenes.vehicle.shapes import Mesh
from pipeline.check_model import check_labelled_mesh
from pipeline.check_shape import check_shape, measure_shape
from pipeline.keypoints import load_schema
from pipeline.vehicle import LabelledMesh
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
    "stop_lamp",
)
MOST_TRIANGLES = 130_000
LEAST_GROUND_M = 0.08
LONGEST = 4
"""No accessory has more choices."""


def choices(name: str) -> range:
    return range(int(LIMITS[name][1]) + 1)


def low_point(mesh: LabelledMesh) -> float:
    """Height over the ground of the lowest point that is no wheel's."""
    wheels = [number for number, name in enumerate(mesh.parts) if name.startswith("wheel")]
    return float(mesh.vertices[mesh.triangles[~np.isin(mesh.triangle_part, wheels)]][..., 2].min())


@pytest.mark.parametrize(("style", "number"), list(itertools.product(STYLES, range(LONGEST))))
def test_every_choice_builds_a_sound_car(style: str, number: int):
    turn = number + STYLES.index(style)  # other choices meet on cars of other styles
    given = {name: float(choices(name)[turn % len(choices(name))]) for name in FITTED}
    mesh = build_vehicle(style, 40 + number, AT_REST | given).mesh
    assert check_shape(measure_shape(mesh)) == []
    assert check_labelled_mesh(mesh, SCHEMA) == []
    assert low_point(mesh) >= LEAST_GROUND_M
    assert len(mesh.triangles) <= MOST_TRIANGLES


@pytest.mark.parametrize("name", [name for name in FITTED if name not in ("spoiler", "stop_lamp")])
def test_every_choice_changes_the_car(name: str):
    bare = {"roof_load": 0.0}  # bars leave no room for a whip over the windscreen
    shapes = {build_vehicle("suv", 5, bare | {name: choice}).mesh.vertices.tobytes() for choice in choices(name)}
    assert len(shapes) == len(choices(name))


@pytest.mark.parametrize(
    ("style", "name", "shares"),
    [
        ("suv", "roof_load", LOADS["suv"]),
        ("coupe", "spoiler", SPOILERS["coupe"]),
        ("van", "mirror_shape", MIRRORS["van"]),
        ("wagon", "roof_rails", RAILS["wagon"]),
        ("coupe", "exhaust", EXHAUSTS["coupe"]),
        ("sedan", "stop_lamp", (0.7, 0.3)),
    ],
)
def test_choices_come_as_often_as_they_should(style: str, name: str, shares: tuple[float, ...]):
    count = 2000
    drawn = Counter(getattr(sample_parameters(style, seed), name) for seed in range(count))
    for value, share in enumerate(shares):
        spread = 4 * np.sqrt(share * (1 - share) / count)
        assert drawn[value] / count == pytest.approx(share, abs=spread)


def test_the_stop_lamp_of_a_sedan_is_in_its_window_or_on_its_lid():
    heights = []
    for place in (IN_WINDOW, ON_LID):
        car = build_vehicle("sedan", 5, {"stop_lamp": place, "spoiler": 0})
        lamps = [part.vertices for part in car.parts if part.material == "lamp_rear"]
        heights.append(max(float(v[np.abs(v[:, 1]) < 0.1, 2].max(initial=0.0)) for v in lamps))
    roof, lid = float(car.parameters["height"]), float(car.parameters["boot_height"])
    assert lid + 0.1 < heights[0] < roof
    assert heights[1] == pytest.approx(lid, abs=0.08)


@pytest.mark.parametrize("style", ["pickup", "van", "minibus"])
def test_upright_and_open_tails_have_no_spoiler(style: str):
    bare, asked = (build_vehicle(style, 3, {"spoiler": spoiler}).mesh for spoiler in (0, WING))
    np.testing.assert_array_equal(bare.vertices, asked.vertices)


@pytest.mark.parametrize("shape", choices("mirror_shape"))
@pytest.mark.parametrize("style", ["coupe", "minibus"])
def test_mirror_keypoints_are_inside_the_housings(style: str, shape: int):
    car = build_vehicle(style, 2, AT_REST | {"mirror_shape": shape})
    left, right = (car.mesh.place_positions(name).mean(axis=0) for name in ("mirror_LEFT", "mirror_RIGHT"))
    housing = next(part for part in car.parts if part.name == "mirror_LEFT").vertices
    assert (housing.min(axis=0) + 0.02 < left).all()
    assert (left < housing.max(axis=0) - 0.02).all()
    np.testing.assert_allclose(left, right * [1, -1, 1], atol=1e-9)


@pytest.mark.parametrize(("style", "spoiler"), [("coupe", WING), ("hatchback", WING), ("sedan", DUCKTAIL)])
@pytest.mark.parametrize("angle", [20, 80])
def test_what_stands_on_a_lid_moves_with_it_as_a_whole(style: str, spoiler: int, angle: float):
    opened = build_vehicle(style, 4, AT_REST | {"spoiler": spoiler, "stop_lamp": ON_LID, "tailgate_deg": angle})
    assert measure_shape(opened.mesh).floating == {}


def test_a_roof_box_leaves_the_roofs_middle_in_sight():
    car = build_vehicle("suv", 5, AT_REST | {"roof_load": BOX})
    bare = build_vehicle("suv", 5, AT_REST | {"roof_load": 0})
    assert car.mesh.extent_m[2] > bare.mesh.extent_m[2] + 0.25
    assert not [line for line in check_labelled_mesh(car.mesh, SCHEMA) if line.startswith("roof")]


def volume(mesh: Mesh) -> float:
    corners = mesh[0][mesh[1]]
    return float(np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum()) / 6


SQUARE = np.array([[-0.1, -0.1], [0.1, -0.1], [0.1, 0.1], [-0.1, 0.1]])
LINE = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]])


@pytest.mark.parametrize("path", [LINE, LINE[::-1], LINE[:, [1, 0, 2]], LINE[:, [1, 2, 0]]])
@pytest.mark.parametrize("section", [SQUARE, SQUARE[::-1]])
def test_a_tube_is_closed_and_faces_outwards_whichever_way_it_runs(path: np.ndarray, section: np.ndarray):
    mesh = tube(path, section)
    assert volume(mesh) == pytest.approx(0.08)
    facing = np.cross(*np.diff(mesh[0][mesh[1]], axis=1).transpose(1, 0, 2))
    assert ((facing * mesh[2][mesh[1]].mean(axis=1)).sum(axis=1) > 0).all()


def test_a_bent_and_a_hollow_solid_have_no_open_edge():
    bent = tube(rounded_path(np.array([[0.0, 0, 0], [1, 0, 0], [1, 0, 1]]), 0.3), oval(12, 0.05, 0.03))
    ring = np.concatenate([np.zeros((12, 1)), oval(12, 1.0, 1.0)], axis=1)
    places = ((0.0, 1.0), (1.0, 1.0), (1.0, 0.9), (0.3, 0.9))
    cup = lofted(np.array([ring * [1, share, share] + [x, 0, 0] for x, share in places]))
    for mesh in (bent, cup):
        _, welded = np.unique(mesh[0].round(9), axis=0, return_inverse=True)
        edges = Counter()
        for triangle in welded.reshape(-1)[mesh[1]]:
            edges.update(zip(triangle.tolist(), np.roll(triangle, -1).tolist(), strict=True))
        assert all(edges[b, a] == times for (a, b), times in edges.items())
