"""What SUVs, pickups and vans have beyond cars: as often as drawn, where it belongs, the same left and right."""

from collections.abc import Mapping
from dataclasses import asdict, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from blender_scenes.vehicle import STYLES, Vehicle, build_vehicle, params
from blender_scenes.vehicle.assemble import CLAD_STYLES, assemble
from blender_scenes.vehicle.body import build_skin
from blender_scenes.vehicle.lenders import AT_REST
from blender_scenes.vehicle.params import CarParameters, sample_parameters
from blender_scenes.vehicle.regions import cut_body, sink_pieces
from blender_scenes.vehicle.sturdy import (
    BOARD,
    DOOR_CLADDING,
    LOWER_HALF,
    NAMES,
    NO_STEP,
    PAINTED,
    SHARES,
    SPANS,
    TUBE,
    WHOLE,
    draw_sturdy,
)
from pipeline.check_model import check_labelled_mesh
from pipeline.check_shape import check_shape, measure_shape
from pipeline.keypoints import load_schema
from pipeline.vehicle_parameters import LIMITS
from tests.blender.test_skin import open_edges

SCHEMA = load_schema("vehicle20")
STURDY = tuple(SPANS)
MOST_TRIANGLES = 140_000
PLAIN = dict.fromkeys(NAMES, 0.0)
MOST = {name: LIMITS[name][1] for name in NAMES}
ONE_MM = 0.001


def car(style: str, seed: int, given: Mapping[str, float]) -> Vehicle:
    """At rest, and plain but for what is given."""
    return build_vehicle(style, seed, {**AT_REST, **PLAIN, **given})


def points(vehicle: Vehicle, *materials: str) -> NDArray[np.float64]:
    """Corners (N, 3) of the body's triangles of these materials, or of all."""
    parts = [p for p in vehicle.parts if p.name == "body" and (not materials or p.material in materials)]
    return np.concatenate([p.vertices[p.triangles].reshape(-1, 3) for p in parts])


def is_symmetric(found: NDArray[np.float64]) -> bool:
    """Whether the mirror image of every point is one, too."""
    both = [np.unique((found * [1, side, 1]).round(4) + 0.0, axis=0) for side in (1, -1)]
    return both[0].shape == both[1].shape and bool((both[0] == both[1]).all())


@pytest.mark.parametrize("style", STURDY)
def test_parts_come_as_often_as_they_should(style: str):
    count = 1500
    cars = [sample_parameters(style, seed) for seed in range(count)]
    for name, shares in SHARES[style].items():
        for value, share in enumerate(shares):
            met = np.mean([getattr(c, name) == value for c in cars])
            assert met == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / count) + 1e-9), (name, value)
    share = DOOR_CLADDING.get(style, (0.0, 0.0, 0.0))[0]
    met = np.mean([c.door_cladding > 0 for c in cars])
    assert met == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / count) + 1e-9)
    for name, (low, high) in SPANS[style].items():
        drawn = np.array([getattr(c, name) for c in cars])
        assert low <= drawn.min() < drawn.max() <= high
        assert np.ptp(drawn) > 0.95 * (high - low)


@pytest.mark.parametrize("style", STYLES)
def test_they_are_drawn_apart_from_all_else(style: str, monkeypatch: pytest.MonkeyPatch):
    drawn = asdict(sample_parameters(style, 7))
    monkeypatch.setattr(params, "draw_sturdy", lambda style, rng: draw_sturdy("sedan", rng))
    plain = asdict(sample_parameters(style, 7))
    differ = {name for name in drawn if drawn[name] != plain[name]}
    assert differ <= set(NAMES)
    assert bool(differ) == (style in STURDY)
    assert not any(plain[name] for name in NAMES)


@pytest.mark.parametrize("style", STURDY)
@pytest.mark.parametrize("seed", [21, 22])
def test_the_utmost_of_everything_is_still_sound(style: str, seed: int):
    mesh = car(style, seed, MOST).mesh
    assert check_shape(measure_shape(mesh)) == []
    assert check_labelled_mesh(mesh, SCHEMA) == []
    assert len(mesh.triangles) <= MOST_TRIANGLES


@pytest.mark.parametrize("style", STURDY)
@pytest.mark.parametrize("family", range(4))
def test_the_skin_has_no_holes_with_it(style: str, family: int):
    given = {**AT_REST, **MOST, "bumper_family": family, "grille_family": family}
    chosen = sample_parameters(style, 30 + family, given)
    surface = sink_pieces(chosen, cut_body(chosen, build_skin(chosen), clad=style in CLAD_STYLES))
    assert np.abs(open_edges(surface)[:, 1]).max() < 1e-6


@pytest.mark.parametrize("door", ["door_fl_deg", "door_rr_deg"])
def test_an_open_door_takes_its_cladding_along(door: str):
    opened = car("suv", 3, {**MOST, "doors": 4, door: 50.0})
    assert measure_shape(opened.mesh).floating == {}
    panel = "door_" + door[5:7].upper()
    assert {"paint", "trim"} <= {part.material for part in opened.parts if part.name == panel}


def without_step(style: str, step: int) -> tuple[NDArray[np.float64], CarParameters]:
    """Corners of the step's triangles alone: what a car has more than the same one without."""
    given = {**AT_REST, **PLAIN, "side_step": float(step)}
    chosen = sample_parameters(style, 4, given)
    bare = {p.vertices.tobytes() for p in assemble(style, 4, replace(chosen, side_step=NO_STEP)).parts}
    added = [p.vertices for p in assemble(style, 4, chosen).parts if p.vertices.tobytes() not in bare]
    return np.concatenate(added), chosen


@pytest.mark.parametrize("style", STURDY)
@pytest.mark.parametrize("step", [TUBE, BOARD])
def test_steps_are_under_the_sills_between_the_wheels(style: str, step: int):
    found, chosen = without_step(style, step)
    assert is_symmetric(found)
    outer = found[np.abs(found[:, 1]) > chosen.width / 2]
    assert len(outer) > 50
    assert outer[:, 2].min() > 0.5 * chosen.clearance
    assert outer[:, 2].max() < chosen.clearance + 0.03
    assert np.abs(found[:, 1]).max() < chosen.width / 2 + 0.10
    for axle in chosen.axles:
        assert np.abs(found[:, 0] - axle).min() > chosen.tyre_radius
    assert measure_shape(car(style, 4, {"side_step": step}).mesh).floating == {}


@pytest.mark.parametrize("style", ["suv", "pickup"])
def test_arches_swell_and_the_wheels_follow(style: str):
    flat, flared = (car(style, 6, {"arch_flare": flare}) for flare in (0.0, 0.04))
    for name, side in (("wheel_FL", 1), ("wheel_RR", -1)):
        moved = flared.mesh.place_positions(name).mean(axis=0) - flat.mesh.place_positions(name).mean(axis=0)
        np.testing.assert_allclose(moved, [0.0, side * 0.028, 0.0], atol=ONE_MM)
    axle = float(flat.parameters["wheelbase"]) / 2
    widest = []
    for vehicle in (flat, flared):
        body = points(vehicle, "paint")
        near = (np.abs(body[:, 0] - axle) < 0.05) & (body[:, 2] < 1.0)
        assert is_symmetric(body)
        widest.append(np.abs(body[near, 1]).max())
    assert 0.025 < widest[1] - widest[0] < 0.045


def test_cladding_stands_out_of_the_doors_as_high_as_told():
    tall, out = 0.15, 0.012
    vehicle = car("suv", 8, {"door_cladding": tall, "clad_out": out})
    flush = car("suv", 8, {"door_cladding": tall})
    base = float(vehicle.parameters["clearance"]) + 0.15
    middle = {}
    for name, one in (("raised", vehicle), ("flush", flush)):
        trim = points(one, "trim")
        doors = trim[(np.abs(trim[:, 0]) < 0.4) & (np.abs(trim[:, 1]) > 0.9 * 0.5 * float(one.parameters["width"]))]
        doors = doors[doors[:, 2] < base + 0.3]
        assert is_symmetric(doors)
        assert doors[:, 2].max() == pytest.approx(base + tall, abs=0.005)
        middle[name] = np.abs(doors[doors[:, 2] > base + 0.5 * tall, 1]).max()
    assert middle["raised"] - middle["flush"] == pytest.approx(out, abs=ONE_MM)


def test_arches_are_dark_only_if_clad():
    areas = []
    for clad in (0, 1):
        vehicle = car("pickup", 5, {"arch_cladding": clad, "clad_out": 0.015})
        x, _, z = points(vehicle, "trim").T
        arch = 1.1 * float(vehicle.parameters["tyre_radius"]) + 0.022
        over = np.hypot(x - float(vehicle.parameters["wheelbase"]) / 2, z - float(vehicle.parameters["tyre_radius"]))
        areas.append(int(((over > arch + 0.01) & (over < arch + 0.03) & (z > 0.75)).sum()))
    assert areas[0] == 0
    assert areas[1] > 50


@pytest.mark.parametrize("style", STURDY)
def test_bumpers_are_as_dark_as_told(style: str):
    dark = []
    for cover in (PAINTED, LOWER_HALF, WHOLE):
        vehicle = car(style, 9, {"bumper_cover": cover, "bumper_family": 0})
        parameters = vehicle.parameters
        low = float(parameters["clearance"]) + 0.14
        for end in (1, -1):
            reach = float(parameters["wheelbase"]) / 2 + 0.6
            trim = [points(vehicle, material) for material in ("trim", "paint")]
            face = [p[(end * p[:, 0] > reach) & (p[:, 2] > low) & (p[:, 2] < low + 0.14)] for p in trim]
            dark.append(len(face[0]) / (len(face[0]) + len(face[1])))
            assert is_symmetric(face[0])
    assert dark[0] < dark[2] < dark[4]
    assert dark[1] <= dark[3] < dark[5]
    assert dark[4] > 0.9
    assert dark[5] > 0.9


def test_a_skid_plate_is_in_front_and_symmetric():
    bare, fitted = (car("pickup", 2, {"skid_plate": n, "bumper_family": 1, "cladding": 0.05}) for n in (0, 1))
    assert not [p for p in bare.parts if p.material == "silver" and p.vertices[:, 0].max() > 1.0]
    plate = points(fitted, "silver")
    plate = plate[plate[:, 0] > 0]
    assert is_symmetric(plate)
    assert plate[:, 2].max() == pytest.approx(float(fitted.parameters["clearance"]) + 0.165, abs=0.005)
    assert plate[:, 0].max() > fitted.mesh.vertices[:, 0].max() - 0.15


def test_a_lifted_nose_is_higher_by_its_share_of_the_way():
    low, high = (car("suv", 1, {"nose_lift": lift, "bonnet_bulge": 0.0}) for lift in (0.0, 0.8))
    heights = []
    for vehicle in (low, high):
        body = points(vehicle, "paint")
        front = body[:, 0].max()
        heights.append(body[(body[:, 0] > front - 0.25) & (np.abs(body[:, 1]) < 0.1), 2].max())
    way = float(low.parameters["cowl_height"]) - 0.05 - float(low.parameters["nose_height"])
    assert heights[1] - heights[0] == pytest.approx(0.8 * way, rel=0.35)
    assert heights[1] < float(high.parameters["cowl_height"])


def test_the_bonnets_middle_bulges():
    flat, bulged = (points(car("pickup", 1, {"bonnet_bulge": up}), "paint") for up in (0.0, 0.03))
    difference = []
    for y in (0.0, 0.70):
        tops = [
            p[(np.abs(p[:, 0] - 1.75) < 0.15) & (np.abs(np.abs(p[:, 1]) - y) < 0.06), 2].max() for p in (flat, bulged)
        ]
        difference.append(tops[1] - tops[0])
    assert difference[0] > 0.02
    assert difference[1] < 0.005


@pytest.mark.parametrize("family", range(6))
def test_a_wide_frame_stands_out_round_the_grille(family: int):
    given = {"grille_family": family, "frame_chrome": 1}
    framed = points(car("pickup", 1, {**given, "grille_frame": 0.025}), "gloss_black")
    narrow = points(car("pickup", 1, given), "gloss_black")
    assert is_symmetric(framed)
    assert framed[:, 0].max() > narrow[:, 0].max() + 0.005
    assert np.ptp(framed[framed[:, 0] > 1.5, 2]) > np.ptp(narrow[narrow[:, 0] > 1.5, 2])
