"""Rim designs: what fills a wheel between hub and rim."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.shapes import Mesh, box, joined, turned

HUB = 0.10
"""Where spokes begin, as a share of the rim's radius."""
SPOKE_DEPTH_M = 0.038


@dataclass(frozen=True)
class Spoke:
    """A bar in the wheel's face: radii as shares of the rim's, angles in radians, widths as shares of the radius."""

    inner: float
    outer: float
    start: float
    end: float
    inner_width: float
    outer_width: float


def _around(count: int, pattern: Sequence[Spoke]) -> list[Spoke]:
    """The pattern, `count` times round the wheel; one of them points up."""
    turns = 2 * np.pi * np.arange(count) / count + np.pi / 2
    return [
        Spoke(s.inner, s.outer, s.start + turn, s.end + turn, s.inner_width, s.outer_width)
        for turn in turns
        for s in pattern
    ]


def _straight(count: int, inner: float, outer: float) -> list[Spoke]:
    return _around(count, [Spoke(HUB, 1.0, 0.0, 0.0, inner, outer)])


def _paired(count: int, spread: float, width: float, closing: float = 1.0) -> list[Spoke]:
    return _around(count, [Spoke(HUB, 1.0, closing * sign * spread, sign * spread, width, width) for sign in (1, -1)])


def _forked(count: int, fork: float, spread: float, width: float) -> list[Spoke]:
    branches = [Spoke(fork, 1.0, 0.0, sign * spread, 0.8 * width, 0.6 * width) for sign in (1, -1)]
    return _around(count, [Spoke(HUB, fork + 0.04, 0.0, 0.0, width, 0.9 * width), *branches])


def _swept(count: int, sweep: float, width: float) -> list[Spoke]:
    return _around(count, [Spoke(HUB, 1.0, 0.0, sweep, 1.3 * width, width)])


def _crossed(count: int, sweep: float, width: float) -> list[Spoke]:
    return _around(count, [Spoke(HUB, 1.0, 0.0, sign * sweep, width, 0.8 * width) for sign in (1, -1)])


SPOKES: tuple[Callable[[], list[Spoke]], ...] = (
    lambda: _straight(5, 0.34, 0.26),
    lambda: _paired(5, 0.20, 0.13),
    lambda: _straight(6, 0.26, 0.16),
    lambda: _straight(7, 0.20, 0.14),
    lambda: _paired(8, 0.12, 0.11),
    lambda: _straight(10, 0.13, 0.11),
    lambda: _straight(12, 0.10, 0.08),
    lambda: _straight(4, 0.40, 0.52),
    lambda: _forked(5, 0.50, 0.30, 0.17),
    lambda: _forked(7, 0.60, 0.20, 0.13),
    lambda: _swept(9, 0.42, 0.13),
    lambda: _crossed(8, 0.36, 0.07),
    lambda: _paired(5, 0.26, 0.10, 0.35),
    lambda: _straight(20, 0.05, 0.045),
)
"""Five, twin five, six, seven, twin eight, ten, twelve, cross, Y, double Y, turbine, mesh, V, wire."""
STEEL, AERO, OFF_ROAD = len(SPOKES), len(SPOKES) + 1, len(SPOKES) + 2
"""Pressed steel with round holes, an electric car's cover with slots, a dished plate with large holes."""
COUNT = len(SPOKES) + 3
PLATE_PROFILE = np.array([[0.98, -0.004], [0.9, 0], [0.8, -0.006], [0.5, -0.014], [0.3, -0.004], [0.1, 0], [0, 0]])
PLATES = {STEEL: (10, 0.72, 0.085, 1.0), AERO: (5, 0.68, 0.05, 4.2), OFF_ROAD: (6, 0.66, 0.17, 1.0)}
"""Holes, where they are, their radius, and how many times as long as wide: shares of the rim's radius."""


def rim_face(design: int, radius: float, face: float, dish: float) -> tuple[Mesh, Mesh | None]:
    """What is seen between hub and rim, and the dark holes in it if it is a plate.

    The wheel's axis is y; `face` is y of the spokes' front at the rim, and `dish` how far they fall back at the hub.
    """
    if design < len(SPOKES):
        return joined([_bar(spoke, radius, face, dish) for spoke in SPOKES[design]()]), None
    count, place, hole, stretch = PLATES[design]
    profile = np.array(
        [[0.98, -0.004], [0.9, 0.0], [0.8, -0.006], [0.5, -0.014], [0.3, -0.004], [0.1, 0.0], [0.0, 0.0]]
    )
    plate = turned(profile * [radius, 1.0] + [0.0, face], 40)
    holes = [_hole(number, count, place, hole, stretch, radius, face) for number in range(count)]
    return plate, joined(holes)


def _hole(number: int, count: int, place: float, hole: float, stretch: float, radius: float, face: float) -> Mesh:
    """A dark oval just before the plate, longer along the radius by `stretch`."""
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    long, wide = hole * radius * max(1.0, 0.5 * stretch), hole * radius
    turn = 2 * np.pi * number / count + np.pi / 2
    along, across = place * radius + long * np.cos(angle), wide * np.sin(angle)
    x, z = along * np.cos(turn) - across * np.sin(turn), along * np.sin(turn) + across * np.cos(turn)
    middle = [place * radius * np.cos(turn), face + 0.001, place * radius * np.sin(turn)]
    vertices = np.vstack([middle, np.stack([x, np.full(16, face + 0.001), z], 1)])
    ring = np.arange(16)
    triangles = np.stack([np.zeros(16, int), 1 + (ring + 1) % 16, 1 + ring], 1)
    return vertices, triangles, np.tile([0.0, 1.0, 0.0], (17, 1))


def _bar(spoke: Spoke, radius: float, face: float, dish: float) -> Mesh:
    """A bar between two points of the face, its front edges bevelled."""
    start = _polar(spoke.inner * radius, spoke.start)
    end = _polar((spoke.outer - 0.015) * radius, spoke.end)
    forward = (end - start) / np.linalg.norm(end - start)
    aside = np.array([-forward[2], 0.0, forward[0]])
    vertices, triangles, normals = box(np.array([0.0, -SPOKE_DEPTH_M, -0.5]), np.array([1.0, 0.0, 0.5]))
    share = vertices[:, 0]
    width = radius * (spoke.inner_width + (spoke.outer_width - spoke.inner_width) * share)
    bevel = np.where(vertices[:, 1] > -0.5 * SPOKE_DEPTH_M, 0.84, 1.0)
    reach = (spoke.inner + (spoke.outer - spoke.inner) * share - HUB) / (1 - HUB)
    y = vertices[:, 1] + face - dish * (1 - reach) ** 2
    along = start + share[:, None] * (end - start)
    placed = along + (vertices[:, 2] * width * bevel)[:, None] * aside
    placed[:, 1] = y
    axes = np.stack([forward, np.array([0.0, 1.0, 0.0]), aside])
    return placed, triangles, normals @ axes


def _polar(radius: float, angle: float) -> NDArray[np.float64]:
    return np.array([radius * np.cos(angle), 0.0, radius * np.sin(angle)])
