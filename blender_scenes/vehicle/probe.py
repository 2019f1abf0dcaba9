"""Where the body is: what is bolted on asks here for the place it stands on."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.trim import X0, Surface, T

ROOF_T = 5.5
"""Sections above this are roof, screens and lids; below, flanks."""


def down_on(surface: Surface, x: float, y: float) -> NDArray[np.float64]:
    """The highest point (3,) of the body at x and y."""
    return _first_hit(surface, np.array([x, abs(y), 9.0]), 2, -1)


def up_under(surface: Surface, x: float, y: float) -> NDArray[np.float64]:
    """The lowest point (3,) of the body at x and y."""
    return _first_hit(surface, np.array([x, abs(y), -9.0]), 2, 1)


def from_left(surface: Surface, x: float, z: float) -> NDArray[np.float64]:
    """The leftmost point (3,) of the body at x and z."""
    return _first_hit(surface, np.array([x, 9.0, z]), 1, -1)


def from_behind(surface: Surface, y: float, z: float) -> NDArray[np.float64]:
    """The rearmost point (3,) of the body at y and z."""
    return _first_hit(surface, np.array([-9.0, abs(y), z]), 0, 1)


def close_to(surface: Surface, point: NDArray, reach: float) -> Surface:
    """The triangles with a corner within `reach` of a point (3,): to ask many questions of."""
    near = np.linalg.norm(surface.vertices - point, axis=1) < reach
    chosen = near[surface.triangles].any(axis=1)
    return replace(surface, triangles=surface.triangles[chosen], material=surface.material[chosen])


def _first_hit(surface: Surface, start: NDArray, axis: int, sign: int) -> NDArray[np.float64]:
    """Where a ray along an axis first meets the left half; beside the body, its vertex nearest to the ray."""
    across = [i for i in range(3) if i != axis]
    flat = surface.vertices[:, across] - start[across]
    a, b, c = flat[surface.triangles].transpose(1, 0, 2)
    areas = np.stack([_cross(b, c), _cross(c, a), _cross(a, b)], axis=1)
    total = areas.sum(axis=1)
    met = (np.abs(total) > 1e-12) & ((areas * np.sign(total)[:, None]) >= -1e-12).all(axis=1)
    hit = start.copy()
    if met.any():
        weights = areas[met] / total[met, None]
        along = (surface.vertices[surface.triangles[met], axis] * weights).sum(axis=1)
        hit[axis] = along[np.argmin(along * sign)]
        return hit
    hit[axis] = surface.vertices[np.argmin((flat**2).sum(axis=1)), axis]
    return hit


def _cross(a: NDArray, b: NDArray) -> NDArray[np.float64]:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


@dataclass(frozen=True)
class Line:
    """A line on the left half of the body, sampled.

    Attributes:
        points: (N, 3), in rising order of their coordinate number `by`.
        by: 0 for a line along the car, 1 for one across it.
    """

    points: NDArray[np.float64]
    by: int

    def at(self, places: NDArray) -> NDArray[np.float64]:
        """Points (M, 3) of the line, and of its mirror image, at these x or y (M,)."""
        known = np.abs(places) if self.by == 1 else places
        columns = [np.interp(known, self.points[:, self.by], self.points[:, i]) for i in range(3)]
        columns[self.by] = places
        return np.stack(columns, axis=1)


def across_at(surface: Surface, x0: float) -> Line:
    """The line across roof or lid that lay at x0 before the ends were bowed."""
    points, other = _crossing(surface, X0, x0, T)
    points = points[other > ROOF_T]
    return Line(points[np.argsort(points[:, 1], kind="stable")], 1)


def along_at(surface: Surface, t: float) -> Line:
    """The line along the car at that place of its sections (6 for the roof's edge, see body.py)."""
    points, _ = _crossing(surface, T, t, X0)
    return Line(points[np.argsort(points[:, 0], kind="stable")], 0)


def _crossing(surface: Surface, column: int, value: float, other: int) -> tuple[NDArray, NDArray]:
    """Points (N, 3) where edges cross a value of one loft coordinate, and another coordinate (N,) there."""
    edges = surface.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    edges = edges[edges[:, 0] < edges[:, 1]]
    field = surface.coordinates[:, column] - value
    a, b = edges[(field[edges[:, 0]] > 0) != (field[edges[:, 1]] > 0)].T
    share = (field[a] / (field[a] - field[b]))[:, None]
    points = surface.vertices[a] + share * (surface.vertices[b] - surface.vertices[a])
    return points, surface.coordinates[a, other] + share[:, 0] * (
        surface.coordinates[b, other] - surface.coordinates[a, other]
    )
