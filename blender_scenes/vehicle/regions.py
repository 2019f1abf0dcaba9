"""Which piece of the skin is what: glass, pillars, cladding and arches; lamps are in fascia.py and tail.py."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.fascia import cut_front
from blender_scenes.vehicle.fields import (
    Field,
    above,
    ahead,
    behind,
    below,
    carve,
    coordinate,
    inward_of,
    outward_of,
    round_arch,
)
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.seams import cut_seams, door_lines
from blender_scenes.vehicle.tail import cut_rear, is_tall, plate_height
from blender_scenes.vehicle.trim import EDGE, EDGE_Y, SHOULDER, X0, Surface, T, paint, sink
from blender_scenes.vehicle.wheels import front_well_y, rear_well_y

BLACK_PILLAR_M = 0.032
BED_FLOOR_M = 0.40
WINDOW_HEIGHT_M = 0.74
GLASS_BELOW_HINGE_M = 0.045
"""Of an upright tail's window behind the roof's end: the tailgate's own edge, and a spoiler's foot, are above it."""
SKIN_DEPTH_M = (
    (("glass_side",), 0.006, "trim"),
    (("glass_front",), 0.003, "trim"),
    (("glass_rear",), 0.004, "trim"),
    (("pillar",), 0.004, "trim"),
    (("lamp_front",), 0.05, "lamp_chrome"),
    (("lamp_led",), 0.012, "lamp_front"),
    (("lamp_rear", "lamp_glow", "lamp_amber", "lamp_reverse"), -0.006, "lamp_rear"),
    (("recess",), 0.018, "paint"),
    (("seam",), 0.006, "seam"),
)
"""Pieces, how far each is moved in along the normals, and what the walls round it are made of."""
FRONT_DEPTH_M = {"grille": 0.04, "grille_bar": 0.008, "grille_chrome": 0.004, "intake": 0.06, "intake_fog": 0.035}
"""Pieces that are moved straight back."""
FRAME_OUT_M, SKID_OUT_M = 0.009, 0.010


def cut_body(car: CarParameters, surface: Surface, clad: bool) -> Surface:
    """The skin with all its pieces named; `clad` gives it dark plastic along the sills."""
    for step in (_glass, cut_front, cut_rear):
        surface = step(car, surface)
    surface = _cladding(car, surface, clad)
    surface = _wells(car, surface)
    return cut_seams(car, _bed(car, surface) if car.bed else surface)


def _bed(car: CarParameters, surface: Surface) -> Surface:
    """The open load bed of a pickup."""
    inside = [
        *coordinate(T, 5.6, 9.0),
        lambda v, c: v[:, 1] - c[:, EDGE_Y] + 0.0,
        *coordinate(X0, car.rear_x + 0.17, car.backlight_x - 0.10),
    ]
    return carve(surface, inside, "bed")


def _glass(car: CarParameters, surface: Surface) -> Surface:
    _, pillar, last = door_lines(car)
    rear_edge = (pillar, last, car.backlight_x + (0.24 if is_tall(car) or car.bed else 0.06))[car.glazing]
    slope = car.pillar_slope if car.glazing == 2 and not car.box else 0.0
    side: list[Field] = [
        *coordinate(T, 4.9, 6.0),
        lambda v, c: c[:, SHOULDER] + 0.018 - v[:, 2],
        lambda v, c: v[:, 2] - np.minimum(c[:, EDGE] - 0.035, c[:, SHOULDER] + WINDOW_HEIGHT_M),
        lambda v, c: c[:, X0] - car.cowl_x + 0.14,
        lambda v, c: rear_edge - slope * (v[:, 2] - car.belt_height) - c[:, X0],
    ]
    surface = carve(surface, side, "glass_side")
    belt: list[Field] = [*side[:2], lambda v, c: c[:, SHOULDER] + 0.004 - v[:, 2], *side[3:]]
    belt[1:1] = [lambda v, c: v[:, 2] - c[:, SHOULDER] - 0.03]
    surface = carve(surface, belt, "chrome" if car.window_chrome else "pillar")
    screen: list[Field] = [
        lambda v, c: v[:, 1] - c[:, EDGE_Y] + 0.045,
        *coordinate(T, 6.0, 9.0),
        *coordinate(X0, car.header_x + 0.05, car.cowl_x - 0.015),
    ]
    surface = carve(surface, screen, "glass_front")
    back: list[Field] = [
        lambda v, c: v[:, 1] - c[:, EDGE_Y] + 0.07,
        *coordinate(T, 6.0, 9.0),
        *coordinate(X0, car.backlight_x + 0.035, car.roof_end_x - 0.045),
    ]
    if is_tall(car):
        foot = max(car.boot_height + (0.0 if car.box else 0.06), plate_height(car) + 0.30)
        back = [
            inward_of((0.36 if car.box else 0.395) * car.width, -0.8 * car.tumblehome, foot),
            above(foot),
            below(car.height - (0.30 if car.box else 0.13)),
            lambda v, c: c[:, X0] - car.roof_end_x + GLASS_BELOW_HINGE_M,
        ]
    surface = carve(surface, back, "glass_rear")
    if car.barn_doors:
        surface = carve(surface, [inward_of(BLACK_PILLAR_M)], "pillar", only=("glass_rear",))
    pillars = {pillar} | ({last - 0.02} if car.doors == 4 else set())
    if car.box:
        pillars |= set(np.arange(last - 1.15, rear_edge + 0.5, -1.13).tolist())
    for x in sorted(pillars):
        post = [ahead(x - BLACK_PILLAR_M), behind(x + BLACK_PILLAR_M)]
        surface = carve(surface, post, "pillar", only=("glass_side",))
    return surface


def _cladding(car: CarParameters, surface: Surface, clad: bool) -> Surface:
    """Of the flank's cladding, what stands out is "clad"."""
    flank, material = coordinate(T, 2.2, 4.9), "clad" if car.clad_out else "trim"
    if car.arch_cladding:
        for axle in car.axles:
            ring = round_arch(axle, car.tyre_radius, car.arch_radius + car.cladding)
            surface = carve(surface, [ring, *flank], material, only=("paint", "trim"))
    if car.door_cladding:
        between = [ahead(car.axles[1]), behind(car.axles[0])]
        band = [above(car.clearance + 0.07), below(car.clearance + 0.15 + car.door_cladding), *flank, *between]
        surface = carve(surface, band, material)
    return carve(surface, [below(car.clearance + 0.13)], "trim") if clad else surface


def _wells(car: CarParameters, surface: Surface) -> Surface:
    """Whatever piece reaches into an arch ends there: a skid plate, too."""
    for axle, inner in zip(car.axles, (front_well_y(car), rear_well_y(car)), strict=True):
        well = [round_arch(axle, car.tyre_radius, car.arch_radius), outward_of(inner)]
        surface = carve(surface, well, "well", only=np.unique(surface.material).tolist())
    return surface


def _bed_floor(car: CarParameters, vertices: NDArray) -> NDArray[np.float64]:
    """Height of a pickup's bed: flat but for the boxes over the rear wheels."""
    along = np.abs(vertices[:, 0] - car.axles[1]) / (car.arch_radius + 0.06)
    boxed = (along < 1) & (vertices[:, 1] > rear_well_y(car) - 0.06)
    high = car.tyre_radius + (car.tyre_radius + 0.07) * np.sqrt(1 - along.clip(0, 1) ** 2)
    flat = car.clearance + BED_FLOOR_M
    return np.where(boxed, np.maximum(high, flat), flat)


def sink_pieces(car: CarParameters, surface: Surface) -> Surface:
    """Each piece of the cut skin moved to its depth: glass and seams in, tail lamps out, wheel wells far in."""

    def inward(depth: float) -> NDArray:
        moved = surface.vertices - depth * surface.normals
        moved[np.abs(surface.vertices[:, 1]) < 1e-9, 1] = 0.0
        return moved

    surface = _with_lenses(surface)
    for materials, depth, wall in SKIN_DEPTH_M:
        surface = sink(surface, materials, inward(depth), wall)
    for material, depth in FRONT_DEPTH_M.items():
        surface = sink(surface, (material,), surface.vertices - [depth, 0, 0], "trim")
    for piece, move, material in _raised(car):
        surface = sink(surface, (piece,), surface.vertices + move, material)
        surface = paint(surface, surface.material == piece, material)
    surface = paint(surface, surface.material == "recess", "paint")
    floor = surface.vertices.copy()
    floor[:, 2] = np.minimum(floor[:, 2], _bed_floor(car, floor))
    surface = sink(surface, ("bed",), floor, "bed")
    flat = surface.vertices.copy()
    flat[:, 1] = np.minimum(flat[:, 1], np.where(flat[:, 0] > 0, front_well_y(car), rear_well_y(car)))
    return sink(surface, ("well",), flat, "well")


def _raised(car: CarParameters) -> tuple[tuple[str, NDArray, str], ...]:
    """Pieces that stand out, where to they are moved, and what they are made of."""
    return (
        ("clad", np.array([0.0, car.clad_out, 0.0]), "trim"),
        ("frame_chrome", np.array([FRAME_OUT_M, 0.0, 0.0]), "chrome"),
        ("frame_black", np.array([FRAME_OUT_M, 0.0, 0.0]), "gloss_black"),
        ("skid", np.array([SKID_OUT_M, 0.0, 0.0]), "silver"),
    )


def _with_lenses(surface: Surface) -> Surface:
    """A second, clear skin over the front lamps: the lamp sinks in behind it."""
    lamp = np.isin(surface.material, ["lamp_front", "lamp_led"])
    return replace(
        surface,
        triangles=np.concatenate([surface.triangles, surface.triangles[lamp]]),
        material=np.concatenate([surface.material, np.full(int(lamp.sum()), "lens")]),
    )
