"""What receives on the roof: a shark's fin, or a whip raked backwards."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.accessories import FIN, NO_ANTENNA, NO_LOAD, WHIP_FRONT
from blender_scenes.vehicle.loft import lofted, oval, tube
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part, part
from blender_scenes.vehicle.probe import down_on
from blender_scenes.vehicle.roof_load import roof_span
from blender_scenes.vehicle.trim import Surface

FIN_M = (0.165, 0.062, 0.024)
"""Length at the foot, height, half width at the foot."""
FIN_RINGS = np.array(
    [
        [-0.25, 0.0, 1.0, 1.0],
        [0.0, 0.0, 1.0, 1.0],
        [0.10, 0.10, 0.985, 0.80],
        [0.28, 0.29, 0.965, 0.58],
        [0.50, 0.50, 0.945, 0.42],
        [0.72, 0.665, 0.925, 0.31],
        [0.88, 0.765, 0.915, 0.24],
        [0.97, 0.83, 0.90, 0.17],
        [1.0, 0.865, 0.89, 0.08],
    ]
)
"""Height, leading edge and trailing edge from the front backwards, and width, as shares."""
SUNK_M = 0.012
LONG_WHIP_M, SHORT_WHIP_M = 0.46, 0.24
LEAN_BACK = {True: np.radians(58), False: np.radians(50)}
"""From the vertical; more where it stands over the windscreen."""


def antenna_parts(car: CarParameters, surface: Surface) -> list[Part]:
    """The antenna, if there is one; over the windscreen only where nothing on the roof is in its way."""
    if car.antenna == NO_ANTENNA:
        return []
    front, rear = roof_span(car)
    at_front = car.antenna == WHIP_FRONT and car.roof_load == NO_LOAD
    foot, forward = _stand(surface, front - 0.02 if at_front else rear + 0.03)
    if car.antenna == FIN:
        return [part("body", "paint", _fin(foot, forward))]
    length = LONG_WHIP_M if at_front else SHORT_WHIP_M
    lean = np.array([-np.sin(LEAN_BACK[at_front]), 0.0, np.cos(LEAN_BACK[at_front])])
    base = np.array([foot - 0.02 * lean, foot + 0.012 * lean, foot + 0.045 * lean])
    rod = foot + np.array([0.03, 0.5, 0.5 + 1e-3, 1.0])[:, None] * length * lean
    return [
        part("body", "trim", tube(base, oval(16, 0.015, 0.022), np.array([1.0, 0.85, 0.35]))),
        part("body", "trim", tube(rod, oval(10, 0.0042, 0.0042), np.array([1.0, 0.8, 0.8, 0.6]))),
    ]


def _stand(surface: Surface, x: float) -> tuple[NDArray, NDArray]:
    """The roof's point (3,) there, and the unit vector forward along it."""
    before, behind = down_on(surface, x + 0.08, 0.0), down_on(surface, x - 0.08, 0.0)
    return down_on(surface, x, 0.0), (before - behind) / np.linalg.norm(before - behind)


def _fin(foot: NDArray, forward: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    length, height, half = FIN_M
    up = np.array([-forward[2], 0.0, forward[0]])
    rings = []
    for high, lead, trail, width in FIN_RINGS:
        outline = oval(28, 0.5 * length * (trail - lead), half * width, 2.0)
        outline[:, 1] *= np.where(outline[:, 0] < 0, 1.0, 1.0 - 0.35 * (outline[:, 0] / outline[:, 0].max()) ** 2)
        along = outline[:, :1] + length * (0.5 - (lead + trail) / 2)
        z = 4 * SUNK_M * high if high < 0 else height * high
        rings.append(foot + along * forward + outline[:, 1:] * [0.0, 1.0, 0.0] + z * up)
    return lofted(np.array(rings))
