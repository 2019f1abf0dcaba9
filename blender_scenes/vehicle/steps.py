"""Steps along the sills, to climb in by: a bent tube, or a flat board with a tread."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.loft import lofted, oval, rounded_path, tube
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part, part
from blender_scenes.vehicle.probe import up_under
from blender_scenes.vehicle.seams import door_lines
from blender_scenes.vehicle.shapes import Mesh, joined, mirrored
from blender_scenes.vehicle.sturdy import BOARD, NO_STEP
from blender_scenes.vehicle.trim import Surface

TUBE_M = 0.031
BOARD_HALF_M, BOARD_THICK_M, TREAD_M = 0.062, 0.016, 0.005
OUT_M = 0.012
"""How far the middle of a step is from the body's side."""
DOWN_M = 0.024
BESIDE_ARCH_M = 0.07
BRACKET_FOOT = 0.80
"""Where under the body a bracket is fixed, as a share of its half width."""


def step_parts(car: CarParameters, surface: Surface) -> list[Part]:
    """Both steps and what holds them, if the car has any."""
    if car.side_step == NO_STEP:
        return []
    front, rear = step_span(car)
    y, z = car.width / 2 + OUT_M, car.clearance - DOWN_M
    brackets = [_bracket(car, surface, x, y, z) for x in np.linspace(front - 0.22, rear + 0.22, 3)]
    if car.side_step == BOARD:
        board, tread = _board(front, rear, y, z), _tread(front, rear, y, z)
        solids = [("silver" if car.handle_chrome else "trim", board), ("trim", tread)]
    else:
        solids = [("chrome" if car.handle_chrome else "trim", _bent(front, rear, y, z))]
    solids.append(("trim", joined(brackets)))
    return [part("body", material, joined([mesh, mirrored(mesh)])) for material, mesh in solids]


def step_span(car: CarParameters) -> tuple[float, float]:
    """x of a step's ends: from the front arch to the rear one, or to the end of the cab."""
    front = car.axles[0] - car.arch_radius - BESIDE_ARCH_M
    rear = car.axles[1] + car.arch_radius + BESIDE_ARCH_M
    return front, max(rear, door_lines(car)[2] - 0.06) if car.bed else rear


def _bent(front: float, rear: float, y: float, z: float) -> Mesh:
    """A tube whose ends turn in under the body."""
    inner, outer = [y - 0.13, z + 0.015], [y, z]
    corners = np.array([[front, *inner], [front - 0.09, *outer], [rear + 0.09, *outer], [rear, *inner]])
    return tube(rounded_path(corners, 0.07), oval(16, TUBE_M, TUBE_M))


def _board(front: float, rear: float, y: float, z: float) -> Mesh:
    """A flat bar with a rounded outer edge, its ends cut back towards the body."""
    outline = oval(16, BOARD_HALF_M, BOARD_THICK_M, 3.2)
    rings = []
    for share, along in ((0.55, 0.0), (0.88, 0.012), (1.0, 0.05), (1.0, 0.5)):
        rings.append((share, front - along))
    rings += [(share, rear + front - x) for share, x in reversed(rings[:3])]
    return lofted(np.array([_ring(outline, share, x, y, z) for share, x in rings]))


def _tread(front: float, rear: float, y: float, z: float) -> Mesh:
    """A ribbed mat on the board, a little higher than it."""
    outline = oval(12, 0.70 * BOARD_HALF_M, BOARD_THICK_M, 8.0)
    return lofted(np.array([_ring(outline, 1.0, x, y - 0.004, z + TREAD_M) for x in (front - 0.07, rear + 0.07)]))


def _ring(outline: NDArray, share: float, x: float, y: float, z: float) -> NDArray[np.float64]:
    """A section across the car; a `share` below 1 keeps its inner edge."""
    inner = y - BOARD_HALF_M
    return np.stack([np.full(len(outline), x), inner + share * (y + outline[:, 0] - inner), z + outline[:, 1]], axis=1)


def _bracket(car: CarParameters, surface: Surface, x: float, y: float, z: float) -> Mesh:
    """A flat arm from under the body out to the step."""
    foot = up_under(surface, x, BRACKET_FOOT * car.width / 2)
    path = np.array([foot + [0, 0, 0.02], [x, foot[1] + 0.03, z], [x, y - 0.01, z]])
    return tube(rounded_path(path, 0.025, 4), oval(8, 0.010, 0.022, 3.0))
