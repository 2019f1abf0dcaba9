"""Nothing reaches into a tyre, however far the front wheels are steered."""

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from blender_scenes.vehicle import STYLES, Vehicle, build_vehicle
from blender_scenes.vehicle.lenders import AT_REST
from blender_scenes.vehicle.params import sample_parameters
from blender_scenes.vehicle.wheels import steered_tyre_inner_y
from pipeline.check_shape import MAX_CLASH_M, measure_shape
from pipeline.vehicle_parameters import LIMITS

PLATE_IN_THE_ARCH = [("suv", 157), ("pickup", 71), ("pickup", 112), ("pickup", 118)]
TYRE_THROUGH_THE_WALL = [("pickup", 93), ("pickup", 124)]
AXIS_HARD_TO_FIND = [("sedan", 118), ("hatchback", 83)]
"""Wide tyres with a row of corners just where the check begins to take them for the tyre."""
WIDEST = {"tyre_radius": LIMITS["tyre_radius"][1], "tyre_width": LIMITS["tyre_width"][1]}


def corners(vehicle: Vehicle, name: str, material: str) -> NDArray[np.float64]:
    """Corners (N, 3) of the triangles of one part and material."""
    parts = [p for p in vehicle.parts if (p.name, p.material) == (name, material)]
    return np.concatenate([p.vertices[p.triangles].reshape(-1, 3) for p in parts])


def front_wall_y(vehicle: Vehicle) -> float:
    """|y| of the inner wall of the front wells."""
    well = corners(vehicle, "body", "well")
    return float(np.abs(well[well[:, 0] > 0, 1]).min())


@pytest.mark.parametrize(("style", "seed"), PLATE_IN_THE_ARCH + TYRE_THROUGH_THE_WALL + AXIS_HARD_TO_FIND)
def test_known_offenders_have_clear_tyres(style: str, seed: int):
    assert max(measure_shape(build_vehicle(style, seed).mesh).clash_m.values()) <= MAX_CLASH_M


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("given", [{"steer_deg": 28.0}, {"steer_deg": -30.0, **WIDEST}], ids=["drawn", "utmost"])
def test_tyres_are_clear_at_full_lock(style: str, given: Mapping[str, float]):
    vehicle = build_vehicle(style, 3, {**AT_REST, "skid_plate": 1, "mud_flaps": 1, "side_step": 2, **given})
    measures = measure_shape(vehicle.mesh)
    assert max(measures.clash_m.values()) <= MAX_CLASH_M
    assert measures.floating == {}


@pytest.mark.parametrize("steer_deg", [0.0, 12.0, -25.0])
def test_the_tyre_comes_as_near_to_the_midline_as_foretold(steer_deg: float):
    given = {"steer_deg": steer_deg}
    vehicle = build_vehicle("pickup", 4, given)
    tyres = np.concatenate([corners(vehicle, name, "tyre") for name in ("wheel_FL", "wheel_FR")])
    foretold = steered_tyre_inner_y(sample_parameters("pickup", 4, given))
    assert np.abs(tyres[:, 1]).min() == pytest.approx(foretold, abs=1e-3)
    assert front_wall_y(vehicle) < foretold - 0.01


def test_a_well_is_deeper_only_as_far_as_the_tyre_needs_it():
    straight, little, far = (front_wall_y(build_vehicle("pickup", 4, {"steer_deg": a})) for a in (0.0, 12.0, 28.0))
    assert straight == pytest.approx(little, abs=1e-9)
    assert far < straight - 0.03


@pytest.mark.parametrize(("style", "seed"), PLATE_IN_THE_ARCH)
def test_a_skid_plate_ends_at_the_arch(style: str, seed: int):
    car = sample_parameters(style, seed)
    vehicle = build_vehicle(style, seed)
    plate = corners(vehicle, "body", "silver")
    plate = plate[plate[:, 0] > 0]
    over_arch = np.hypot(plate[:, 0] - car.axles[0], plate[:, 2] - car.tyre_radius) - car.arch_radius
    within = (over_arch < -0.011) & (np.abs(plate[:, 1]) > front_wall_y(vehicle) + 0.005)  # it is moved out by 0.010
    assert len(plate) > 100
    assert not within.any()
