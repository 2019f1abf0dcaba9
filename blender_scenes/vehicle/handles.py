"""Door handles: bars, flaps over a dark hollow, and grips that lie flush."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.equipment import HANDLE_BAR, HANDLE_FLAP
from blender_scenes.vehicle.loft import lofted, oval, tube
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part, part
from blender_scenes.vehicle.probe import from_left
from blender_scenes.vehicle.seams import door_lines
from blender_scenes.vehicle.shapes import Mesh, joined, mirrored
from blender_scenes.vehicle.trim import Surface

HALF_M = 0.092
BELOW_BELT_M = 0.10
SUNK_M = 0.012
NODES = np.linspace(-1, 1, 15)
"""Along a handle, from its rear end to its front."""


def handle_parts(car: CarParameters, surface: Surface) -> list[Part]:
    """A handle near the rear edge of each door: what one grips, and the dark hollow behind it."""
    _, pillar, last = door_lines(car)
    places = [pillar + 0.13] + ([last + 0.16] if car.doors == 4 else [])
    grips, hollows = [], []
    for x in places:
        grip, hollow = _handle(car, _line_on_door(car, surface, x))
        grips.append(grip)
        hollows.append(hollow)
    left, dark = joined(grips), joined(hollows)
    return [
        part("body", "chrome" if car.handle_chrome else "paint", joined([left, mirrored(left)])),
        part("body", "seam", joined([dark, mirrored(dark)])),
    ]


def _line_on_door(car: CarParameters, surface: Surface, x: float) -> NDArray[np.float64]:
    """Points (len(NODES), 3) of the door's skin behind the handle: a smooth curve, whatever is cut there."""
    places = x + HALF_M * NODES
    z = car.belt_height - BELOW_BELT_M
    y = [from_left(surface, float(place), z)[1] for place in places]
    curve = np.polynomial.Polynomial.fit(places, y, 2)
    return np.stack([places, curve(places), np.full_like(places, z)], axis=1)


def _handle(car: CarParameters, line: NDArray) -> tuple[Mesh, Mesh]:
    out = np.array([0.0, 1.0, 0.0])
    if car.handle_kind == HANDLE_BAR:
        bow = np.where(np.abs(NODES) < 0.72, 1.0, np.cos(((np.abs(NODES) - 0.72) / 0.28).clip(0, 1) * np.pi / 2).clip(0) ** 0.6)
        grip = tube(line + out * (0.034 * bow[:, None] - SUNK_M), oval(14, 0.0075, 0.0125, 2.6))
        return grip, _patch(line[3:-3], 0.021, 0.0015)
    if car.handle_kind == HANDLE_FLAP:
        flap = tube(line + out * 0.002 + [0, 0, 0.010], oval(14, 0.009, 0.014, 3.5))
        return flap, _patch(line, 0.030, 0.002)
    grip = tube(line, oval(14, 0.0045, 0.0125, 4.0))
    return grip, _patch(line, 0.0155, 0.0012)


def _patch(line: NDArray, half: float, out: float) -> Mesh:
    """A sheet on the skin with rounded ends, `out` over it and as much within."""
    share = np.linspace(-1, 1, len(line))
    tall = half * np.clip(1 - np.abs(share) ** 6, 0.15, 1)
    section = oval(14, 1.0, 1.0, 4.0)
    rings = [point + np.outer(section[:, 0], [0, out, 0]) + np.outer(section[:, 1], [0, 0, t])
             for point, t in zip(line, tall, strict=True)]  # fmt: skip
    return lofted(np.array(rings))
