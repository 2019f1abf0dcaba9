"""Door handles: bars, flaps over a dark hollow, and grips that lie flush."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.accessories import BAR_HANDLE, FLAP_HANDLE
from blender_scenes.vehicle.loft import lofted, oval, tube
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part, part
from blender_scenes.vehicle.probe import close_to, from_left
from blender_scenes.vehicle.seams import door_lines
from blender_scenes.vehicle.shapes import Mesh, joined, mirrored
from blender_scenes.vehicle.trim import Surface

HALF_M = 0.092
BELOW_BELT_M = 0.10
SUNK_M = 0.012
NODES = np.linspace(-1, 1, 13)
"""Along a handle, from its rear end to its front."""


def handle_parts(car: CarParameters, surface: Surface) -> list[Part]:
    """A handle near the rear edge of each door: what one grips, and the dark hollow behind it."""
    _, pillar, last = door_lines(car)
    places = [pillar + 0.13] + ([last + 0.16] if car.doors == 4 else [])
    grips, hollows = [], []
    for x in places:
        grip, hollow = _handle(car, _place(car, surface, x))
        grips.append(grip)
        hollows.append(hollow)
    left, dark = joined(grips), joined(hollows)
    return [
        part("body", "chrome" if car.handle_chrome else "paint", joined([left, mirrored(left)])),
        part("body", "seam", joined([dark, mirrored(dark)])),
    ]


@dataclass(frozen=True)
class Place:
    """The door's skin round a handle.

    Attributes:
        line: (len(NODES), 3) along it: a smooth curve, whatever is cut there.
        profile: (N, 2) how far the skin stands out over and under that line: height from it, and y.
    """

    line: NDArray[np.float64]
    profile: NDArray[np.float64]

    def out_at(self, up: NDArray) -> NDArray[np.float64]:
        """How much further out the skin is at heights (M,) over the line."""
        return np.asarray(np.interp(up, self.profile[:, 0], self.profile[:, 1]))


def _place(car: CarParameters, surface: Surface, x: float) -> Place:
    z = car.belt_height - BELOW_BELT_M
    near = close_to(surface, from_left(surface, x, z), 0.30)
    places, heights = x + HALF_M * NODES, np.linspace(-0.04, 0.04, 9)
    y = [from_left(near, float(place), z)[1] for place in places]
    curve = np.polynomial.Polynomial.fit(places, y, 2)
    out = np.array([from_left(near, x, z + up)[1] for up in heights]) - curve(x)
    line = np.stack([places, curve(places), np.full_like(places, z)], axis=1)
    return Place(line, np.stack([heights, out], axis=1))


def _handle(car: CarParameters, place: Place) -> tuple[Mesh, Mesh]:
    out, line = np.array([0.0, 1.0, 0.0]), place.line
    if car.handle_kind == BAR_HANDLE:
        bow = np.where(np.abs(NODES) < 0.72, 1.0, np.cos(_end_share() * np.pi / 2).clip(0) ** 0.6)
        grip = tube(line + out * (0.034 * bow[:, None] - SUNK_M), oval(10, 0.0075, 0.0125, 2.6))
        return grip, _patch(place, 0.72, 0.021, 0.0015)
    if car.handle_kind == FLAP_HANDLE:
        up = np.array([0.0, float(place.out_at(np.array([0.012]))[0]) + 0.004, 0.012])
        return tube((line + up)[::2], oval(12, 0.010, 0.015, 3.5)), _patch(place, 1.0, 0.033, 0.002)
    return tube((line + out * 0.001)[::2], oval(12, 0.0045, 0.0125, 4.0)), _patch(place, 1.03, 0.0155, 0.0015)


def _end_share() -> NDArray[np.float64]:
    """0 along the middle of a bar, rising to 1 at its ends."""
    return ((np.abs(NODES) - 0.72) / 0.28).clip(0, 1)


def _patch(place: Place, long: float, half: float, out: float) -> Mesh:
    """A sheet that follows the skin, with rounded ends, `out` over it and as much within."""
    tall = half * np.clip(1 - np.abs(NODES) ** 6, 0.15, 1)
    section = oval(12, 1.0, 1.0, 4.0)
    middle = place.line.mean(axis=0)
    rings = []
    for point, t in zip(place.line[::2], tall[::2], strict=True):
        up = section[:, 1] * t
        y = point[1] + place.out_at(up) + out * section[:, 0]
        rings.append(np.stack([np.full(12, middle[0] + long * (point[0] - middle[0])), y, point[2] + up], axis=1))
    return lofted(np.array(rings))
