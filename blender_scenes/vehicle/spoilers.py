"""Spoilers on the roof's end and on the boot lid, and the stop lamp that sits high."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.accessories import DUCKTAIL, IN_WINDOW, LIP, WING
from blender_scenes.vehicle.loft import lofted, oval, tube
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part, part
from blender_scenes.vehicle.probe import across_at, from_behind
from blender_scenes.vehicle.seams import tailgate_half_width
from blender_scenes.vehicle.shapes import Mesh, joined, mirrored
from blender_scenes.vehicle.tail import is_tall
from blender_scenes.vehicle.trim import Surface

ROOF_THICK_M = 0.014
SIDE_GAP_M = 0.014
"""Between a spoiler's end and the gap beside tailgate or boot lid."""
WING_UP_M, WING_CHORD_M = 0.165, 0.175
LAMP_HALF_M = 0.14
BOX_LAMP_DOWN_M = 0.15
"""Between a van's roof and its stop lamp, over the windows of its doors."""
LEVEL_FROM_M, LEVEL_TO_M = 0.32, 0.10
"""Before the roof's end: over this stretch it has the slope with which a spoiler leaves; then it rounds downwards."""
ACROSS = 21


@dataclass(frozen=True)
class Blade:
    """A spoiler's solid.

    Attributes:
        mesh: the solid.
        edge: (ACROSS, 3) the middle of its rear face, from right to left: a stop lamp fits there.
    """

    mesh: Mesh
    edge: NDArray[np.float64]


def spoiler_parts(car: CarParameters, surface: Surface) -> list[Part]:
    """What moves with tailgate or boot lid: a spoiler, and the stop lamp unless it is inside the window."""
    blade = _blade(car, surface)
    parts = [] if blade is None else [part("body", "paint", blade.mesh)]
    if _has_wing(car):
        material = "paint" if car.window_chrome else "gloss_black"
        parts.append(part("body", material, _wing(car, surface)))
    if is_tall(car) or (not car.bed and car.stop_lamp != IN_WINDOW):
        parts.append(_edge_lamp(car, surface, blade))
    return parts


def stop_lamp_parts(car: CarParameters, surface: Surface) -> list[Part]:
    """The stop lamp that stays with the body: behind the rear window, or over that of a pickup."""
    if is_tall(car) or (not car.bed and car.stop_lamp != IN_WINDOW):
        return []
    y = np.linspace(-LAMP_HALF_M, LAMP_HALF_M, 9)
    path = across_at(surface, car.roof_end_x - (0.015 if car.bed else 0.085)).at(y)
    path -= [0.0, 0.0, 0.0 if car.bed else 0.026]
    return [part("body", "lamp_rear", tube(path, oval(12, 0.012, 0.011, 4.0)))]


def _blade(car: CarParameters, surface: Surface) -> Blade | None:
    if is_tall(car):
        return None if car.box else _on_roof(car, surface)
    return _on_lid(car, surface) if car.spoiler in (LIP, DUCKTAIL) and not car.bed else None


def _has_wing(car: CarParameters) -> bool:
    return car.spoiler == WING and not is_tall(car) and not car.bed


def _places(car: CarParameters) -> NDArray[np.float64]:
    """y of a spoiler's sections, closer together at its ends."""
    half = tailgate_half_width(car) - SIDE_GAP_M
    return half * np.sin(np.linspace(-np.pi / 2, np.pi / 2, ACROSS))


def _on_roof(car: CarParameters, surface: Surface) -> Blade:
    """The roof drawn out backwards over the window, less far at its ends."""
    y = _places(car)
    before, level, start, below = (
        across_at(surface, car.roof_end_x + dx).at(y) for dx in (LEVEL_FROM_M, LEVEL_TO_M, -0.016, -0.060)
    )
    along = level - before
    along[:, 1] = 0
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    share = 1 - 0.45 * np.abs(y / y[-1])[:, None] ** 5
    reach = car.spoiler_length
    end = start + along * reach * share + [0.0, 0.0, 0.05 * reach]
    inward = np.array([0.04, 0.0, -0.025])
    sunk = np.array([0.0, 0.0, -0.006])
    top = [start + sunk + t * (end - start - sunk) + [0, 0, 0.045 * reach * np.sin(np.pi * t)] for t in _STEPS]
    under_end = end + [0.006, 0.0, -ROOF_THICK_M]
    under = [under_end + t * (below + 0.2 * inward - under_end) for t in _STEPS]
    rings = np.stack([start + inward, *top, *under], axis=1)
    return Blade(lofted(rings), (end + under_end) / 2)


_STEPS = np.array([0.0, 0.25, 0.5, 0.75, 0.9, 1.0])


def _on_lid(car: CarParameters, surface: Surface) -> Blade:
    """A lip along the boot lid's rear edge, or a ducktail that rises towards it."""
    high, chord = (0.020, 0.10) if car.spoiler == LIP else (0.058, 0.20)
    chord = min(chord, car.backlight_x - car.rear_x - 0.11)
    y = _places(car)
    lines = [across_at(surface, car.rear_x + 0.075 + chord * (1 - t)).at(y) for t in _STEPS]
    share = np.sqrt(np.clip(1 - np.abs(y / y[-1]) ** 6, 0.06, 1))[:, None]
    up, sunk = np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, 0.005])
    top = [line + up * (high * share * t**1.7) - sunk * (1 - t) for line, t in zip(lines, _STEPS, strict=True)]
    end = top[-1] - [0.012, 0.0, 0.0]
    foot = across_at(surface, car.rear_x + 0.050).at(y) + [0.006, 0.0, -0.006]
    under = end + [0.004, 0.0, -0.008]
    inside = foot + [0.05, 0.0, -0.02]
    rings = np.stack([top[0] - [0.0, 0.0, 0.02], *top, end, under, foot, inside], axis=1)
    return Blade(lofted(rings), (under + foot) / 2 - [0.003, 0, 0])


def _wing(car: CarParameters, surface: Surface) -> Mesh:
    """A blade on two posts, with plates at its ends."""
    y = _places(car)
    lid = across_at(surface, car.rear_x + 0.13)
    middle = lid.at(np.array([0.0]))[0]
    blade = lid.at(y)
    blade[:, 0] = middle[0] + 0.6 * (blade[:, 0] - middle[0])
    blade[:, 2] = middle[2] + WING_UP_M - 0.012 * (y / y[-1]) ** 2
    foil = np.array(
        [[0.5, 0.0], [0.44, 0.05], [0.25, 0.075], [0.0, 0.075], [-0.3, 0.085], [-0.5, 0.12], [-0.5, 0.085],
         [-0.3, 0.015], [0.0, -0.035], [0.25, -0.05], [0.44, -0.04]]
    )  # fmt: skip
    rings = np.stack([blade + [WING_CHORD_M * x, 0.0, WING_CHORD_M * z] for x, z in foil], axis=1)
    plate = _plate(blade[-1])
    post = _post(lid.at(np.array([0.62 * y[-1]]))[0], float(middle[2]) + WING_UP_M, float(blade[ACROSS // 2, 0]))
    return joined([lofted(rings), plate, mirrored(plate), post, mirrored(post)])


def _plate(end: NDArray) -> Mesh:
    outline = oval(20, WING_CHORD_M * 0.54, 0.034, 3.5)
    rings = [np.stack([end[0] + outline[:, 0], np.full(20, end[1] + y), end[2] + outline[:, 1]], 1) for y in (0, 0.009)]
    return lofted(np.array(rings))


def _post(foot: NDArray, top: float, x: float) -> Mesh:
    """A fin between lid and wing, leaning back."""
    rings = []
    for share, long in ((0.0, 0.062), (0.5, 0.046), (1.0, 0.052)):
        flat = oval(16, long, 0.010, 2.6)
        at = np.array([foot[0] + 0.02 + share * (x - 0.01 - foot[0] - 0.02), foot[1], 0.0])
        at[2] = foot[2] - 0.012 + share * (top - foot[2] + 0.012)
        rings.append(np.concatenate([flat, np.zeros((16, 1))], axis=1) + at)
    return lofted(np.array(rings))


def _edge_lamp(car: CarParameters, surface: Surface, blade: Blade | None) -> Part:
    """A red bar in the spoiler's rear face, or along the edge that a spoiler would stand on."""
    y = np.linspace(-LAMP_HALF_M, LAMP_HALF_M, 9)
    if car.box:
        path = np.array([from_behind(surface, float(at), car.height - BOX_LAMP_DOWN_M) for at in y])
        path[:, 1] = y
    elif blade is None:
        path = across_at(surface, car.rear_x + 0.055).at(y)
    else:
        path = np.stack([np.interp(y, blade.edge[:, 1], blade.edge[:, i]) for i in range(3)], axis=1)
    return part("body", "lamp_rear", tube(path, oval(12, 0.008, 0.006, 3.0)))
