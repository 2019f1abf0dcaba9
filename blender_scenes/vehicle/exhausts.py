"""Exhaust pipes, open at their ends: out of the rear bumper, or under it."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.accessories import BOTH_SIDES, HIDDEN, SINGLE, TWIN
from blender_scenes.vehicle.loft import lofted, oval
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part, part
from blender_scenes.vehicle.probe import from_behind, up_under
from blender_scenes.vehicle.shapes import Mesh, joined, mirrored
from blender_scenes.vehicle.trim import Surface

WALL_M = 0.0035
DEEP_M = 0.09
SIDE_SHARE = 0.245
"""Of the car's width: y of a pipe that is not in the middle."""
IN_BUMPER = (1, 3)
"""Bumper families with a lower part high enough for pipes to come out of it."""
BUMPER_DEEP_M = 0.13
UNDER_DEEP_M = 0.20
AT_BUMPER_UP_M = 0.085
LEAST_GROUND_M = 0.10
"""Between the ground and a pipe's lower side."""


def exhaust_parts(car: CarParameters, surface: Surface) -> list[Part]:
    """The pipes that one sees, on the right or on both sides: each a bright shell, and the dark at its bottom."""
    if car.exhaust == HIDDEN:
        return []
    in_bumper = not car.bed and not car.box and car.bumper_family in IN_BUMPER
    section = _section(car, in_bumper)
    shells, bottoms = [], []
    for y in _sides(car, section):
        shell, bottom = _pipe(car, surface, y, section, in_bumper)
        shells.append(shell)
        bottoms.append(bottom)
    if car.exhaust == BOTH_SIDES:
        shells += [mirrored(shell) for shell in shells]
        bottoms += [mirrored(bottom) for bottom in bottoms]
    else:
        shells, bottoms = [mirrored(m) for m in shells], [mirrored(m) for m in bottoms]
    return [part("body", "chrome", joined(shells)), part("body", "well", joined(bottoms))]


def _section(car: CarParameters, in_bumper: bool) -> NDArray[np.float64]:
    """Outline (M, 2) in y and z: round under the car; in the bumper also flat or with straight sides."""
    if not in_bumper:
        return oval(28, 0.029, 0.029)
    if car.exhaust == TWIN:
        return oval(28, 0.036, 0.036)
    return (oval(28, 0.040, 0.040), oval(28, 0.058, 0.036, 2.5), oval(28, 0.070, 0.034, 4.0))[car.grille_family % 3]


def _sides(car: CarParameters, section: NDArray) -> list[float]:
    """y of the pipes of one side."""
    y = SIDE_SHARE * car.width
    if car.exhaust in (SINGLE, BOTH_SIDES):
        return [y]
    apart = float(section[:, 0].max()) + 0.006
    return [y - apart, y + apart]


def _pipe(car: CarParameters, surface: Surface, y: float, section: NDArray, in_bumper: bool) -> tuple[Mesh, Mesh]:
    """The shell and its bottom, on the left."""
    half = float(section[:, 1].max())
    floor = float(up_under(surface, car.rear_x + 0.16, y)[2])
    z = max(floor + AT_BUMPER_UP_M if in_bumper else floor - 0.4 * half, LEAST_GROUND_M + half)
    tail = float(from_behind(surface, y, max(z, floor + 0.03))[0])
    end = tail - (0.016 if in_bumper else -0.012)
    start = end + (BUMPER_DEEP_M if in_bumper else UNDER_DEEP_M)

    def ring(x: float, wall: float) -> NDArray:
        inner = section * (1 - wall / np.abs(section).max(axis=0))
        return np.concatenate([np.full((len(section), 1), x), inner + [y, z]], axis=1)

    deep = end + DEEP_M
    rings = [
        ring(start, 0.0),
        ring(end + 0.004, 0.0),
        ring(end, 0.0015),
        ring(end, WALL_M - 0.0005),
        ring(end + 0.004, WALL_M),
        ring(deep, WALL_M),
    ]
    bottom = [ring(deep - 0.03, WALL_M + 0.0002), ring(deep - 0.002, WALL_M + 0.0002)]
    return lofted(np.array(rings)), lofted(np.array(bottom))
