"""What is bolted on: every choice builds a sound car, and choices are met about as often as they should be."""

import itertools

import numpy as np
import pytest

from blender_scenes.vehicle import STYLES, build_vehicle
from blender_scenes.vehicle.equipment import SHARES, shares_of
from blender_scenes.vehicle.params import sample_parameters
from pipeline.check_shape import check_shape, measure_shape
from pipeline.errors import SpecError
from pipeline.vehicle import LabelledMesh
from pipeline.vehicle_parameters import LIMITS

SEEDS = 600
LEAST_GROUND_M = 0.08
MAX_TRIANGLES = 130_000
ROW = [name for name in SHARES if name != "stop_lamp"]


def choices(name: str) -> range:
    return range(int(LIMITS[name][1]) + 1)


def rows(style: str) -> list[dict[str, float]]:
    """Cars on which every choice of every accessory is met at least once."""
    longest = max(len(choices(name)) for name in SHARES)
    return [{name: choices(name)[(number + STYLES.index(style)) % len(choices(name))] for name in SHARES}
            for number in range(longest)]  # fmt: skip


def low_point(mesh: LabelledMesh) -> float:
    """Height over the ground of the lowest point that is no wheel's."""
    wheels = [number for number, name in enumerate(mesh.parts) if name.startswith("wheel")]
    return float(mesh.vertices[mesh.triangles[~np.isin(mesh.triangle_part, wheels)]][..., 2].min())


@pytest.mark.parametrize(("style", "number"), list(itertools.product(STYLES, range(4))))
def test_every_choice_builds_a_car_with_nothing_floating_or_rubbing(style: str, number: int):
    given = rows(style)[number]
    mesh = build_vehicle(style, 40 + number, given).mesh
    assert check_shape(measure_shape(mesh)) == []
    assert low_point(mesh) >= LEAST_GROUND_M
    assert len(mesh.triangles) <= MAX_TRIANGLES


@pytest.mark.parametrize("name", ROW)
def test_every_choice_changes_the_car(name: str):
    bare = {"roof_load": 0}  # bars leave no room for a whip over the windscreen
    shapes = {build_vehicle("suv", 5, bare | {name: choice}).mesh.vertices.tobytes() for choice in choices(name)}
    assert len(shapes) == len(choices(name))


def test_the_stop_lamp_of_a_sedan_is_in_its_window_or_on_its_lid():
    heights = []
    for choice in choices("stop_lamp"):
        car = build_vehicle("sedan", 5, {"stop_lamp": choice, "spoiler": 0})
        lamps = [p.vertices for p in car.parts if p.material == "lamp_rear"]
        heights.append(max(float(v[np.abs(v[:, 1]) < 0.1, 2].max(initial=0.0)) for v in lamps))
    roof, lid = float(car.parameters["height"]), float(car.parameters["boot_height"])
    assert lid + 0.1 < heights[0] < roof
    assert heights[1] == pytest.approx(lid, abs=0.08)


@pytest.mark.parametrize("style", ["pickup", "van", "minibus"])
def test_upright_and_open_tails_have_no_spoiler(style: str):
    bare, asked = (build_vehicle(style, 3, {"spoiler": spoiler}).mesh for spoiler in (0, 3))
    np.testing.assert_array_equal(bare.vertices, asked.vertices)


@pytest.mark.parametrize("shape", choices("mirror_shape"))
@pytest.mark.parametrize("style", ["coupe", "minibus"])
def test_mirror_keypoints_are_inside_the_housings(style: str, shape: int):
    car = build_vehicle(style, 2, {"mirror_shape": shape, "door_fl_deg": 0, "door_fr_deg": 0})
    left, right = (car.mesh.place_positions(name).mean(axis=0) for name in ("mirror_LEFT", "mirror_RIGHT"))
    housing = next(p for p in car.parts if p.name == "mirror_LEFT").vertices
    assert (housing.min(axis=0) + 0.02 < left).all()
    assert (left < housing.max(axis=0) - 0.02).all()
    np.testing.assert_allclose(left, right * [1, -1, 1], atol=1e-9)
    assert housing[:, 1].max() > float(car.parameters["width"]) / 2 + 0.1


@pytest.mark.parametrize("angle", [20, 80])
def test_what_stands_on_a_lid_moves_with_it_as_a_whole(angle: float):
    for style, spoiler in (("coupe", 3), ("hatchback", 3), ("sedan", 2)):
        given = {"spoiler": spoiler, "stop_lamp": 1, "window_chrome": 0, "sunroof": 0, "tailgate_deg": angle}
        opened = build_vehicle(style, 4, given).mesh
        assert measure_shape(opened).floating == {}, style


@pytest.mark.parametrize(("style", "name"), list(itertools.product(STYLES, SHARES)))
def test_choices_are_met_about_as_often_as_stated(style: str, name: str):
    drawn = [getattr(sample_parameters(style, seed), name) for seed in range(SEEDS)]
    shares = np.array(shares_of(name, style))
    if name in ("antenna", "roof_rails"):  # of the cars that have one at all
        drawn = [choice for choice in drawn if choice]
    met = np.bincount(drawn, minlength=len(shares)) / max(len(drawn), 1)
    allowed = 4.5 * np.sqrt(shares * (1 - shares) / max(len(drawn), 1)) + 1e-9
    assert len(shares) == len(choices(name))
    assert sum(shares) == pytest.approx(1.0)
    assert not drawn or (np.abs(met - shares) <= allowed).all(), met


def test_accessories_are_drawn_apart_from_everything_else(monkeypatch: pytest.MonkeyPatch):
    before = sample_parameters("suv", 7).as_dict()
    monkeypatch.setitem(SHARES, "exhaust", ((0.0, 0.0, 0.0, 1.0), {}))  # type: ignore[misc]
    after = sample_parameters("suv", 7).as_dict()
    assert {name for name in before if before[name] != after[name]} <= {"exhaust"}
    assert after["exhaust"] == 3


def test_a_choice_that_there_is_not_is_refused():
    with pytest.raises(SpecError, match=r"exhaust must lie within 0\.\.3; got 4"):
        sample_parameters("suv", 0, {"exhaust": 4})
