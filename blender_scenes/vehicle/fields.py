"""Fields: functions of a skin's points that are negative inside a piece, and cutting that piece out."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.trim import Surface, paint, refine, split

Field = Callable[[NDArray, NDArray], NDArray]
"""Of vertices (N, 3) and loft coordinates (N, 5); a piece is where all its fields are negative."""
SEAM_M = 0.0035


def carve(surface: Surface, fields: Sequence[Field], material: str, only: Sequence[str] = ("paint",)) -> Surface:
    """Cut out the piece where all fields are negative and name it; pieces that have a name not in `only` keep it."""
    for i, field in enumerate(fields):
        others = [f(surface.vertices, surface.coordinates) for j, f in enumerate(fields) if j != i]
        zone = np.maximum.reduce(others) < 0.02 if others else None
        surface = split(surface, field(surface.vertices, surface.coordinates), zone)
    named = np.flatnonzero(np.isin(surface.material, list(only)))
    a, b, c = surface.triangles[named].T
    centres = (surface.vertices[a] + surface.vertices[b] + surface.vertices[c]) / 3
    coordinates = (surface.coordinates[a] + surface.coordinates[b] + surface.coordinates[c]) / 3
    inside = np.zeros(len(surface.triangles), dtype=bool)
    inside[named] = np.maximum.reduce([f(centres, coordinates) for f in fields]) < 0
    return paint(surface, inside, material)


def above(height: float, slope: float = 0.0, start: float = 0.0) -> Field:
    """Inside where z > height, the line rising outwards by `slope` from y = start on."""
    return lambda v, c: height + slope * (v[:, 1] - start).clip(0) - v[:, 2]


def below(height: float, slope: float = 0.0, start: float = 0.0) -> Field:
    """Inside where z < height; see `above`."""
    return lambda v, c: v[:, 2] - height - slope * (v[:, 1] - start).clip(0)


def inward_of(y: float, slope: float = 0.0, height: float = 0.0) -> Field:
    """Inside where y < `y`, which grows with z over `height` by `slope`."""
    return lambda v, c: v[:, 1] - y - slope * (v[:, 2] - height)


def outward_of(y: float, slope: float = 0.0, height: float = 0.0) -> Field:
    """Inside where y > `y`; see `inward_of`."""
    return lambda v, c: y + slope * (v[:, 2] - height) - v[:, 1]


def ahead(x: float) -> Field:
    """Inside where the vertex is further forward than x."""
    return lambda v, c: x - v[:, 0]


def behind(x: float) -> Field:
    """Inside where the vertex is further back than x."""
    return lambda v, c: v[:, 0] - x


def coordinate(number: int, low: float, high: float) -> list[Field]:
    """Inside where a loft coordinate lies between two values."""
    return [lambda v, c: low - c[:, number], lambda v, c: c[:, number] - high]


def disc(y: float, z: float, radius: float) -> Field:
    """Inside a circle as seen from the front."""
    return lambda v, c: np.hypot(v[:, 1] - y, v[:, 2] - z) - radius


def round_arch(axle: float, height: float, radius: float) -> Field:
    """Inside a circle as seen from the side."""
    return lambda v, c: np.hypot(v[:, 0] - axle, v[:, 2] - height) - radius


def strip(line: Field) -> list[Field]:
    """Both sides of a line, as wide as the gap between two panels."""
    return [lambda v, c: line(v, c) - SEAM_M, lambda v, c: -line(v, c) - SEAM_M]


def around_corner(x: float, side: int) -> Callable[[NDArray], NDArray]:
    """Distance from the midline along the end of the car and on round its corner, which begins at x; as (N, 2) with z.

    Lamps are drawn in this plane, so that they keep their shape where the skin turns from the end into the side.
    """
    return lambda v: np.stack([v[:, 1] + (side * (x - v[:, 0])).clip(0), v[:, 2]], axis=1)


def face_on(v: NDArray) -> NDArray:
    """y and z: as seen from the front."""
    return v[:, 1:3]


def outline(
    points: Sequence[tuple[float, float]], plane: Callable[[NDArray], NDArray], zone: Field, grow: float = 0.0
) -> Field:
    """Inside a closed polygon drawn in `plane`, grown by a distance; nowhere that `zone` is not negative."""
    start = np.array(points, dtype=float)
    end = np.roll(start, -1, axis=0)

    def field(v: NDArray, c: NDArray) -> NDArray:
        near = zone(v, c) < 0
        p = plane(v[near])[:, None]
        edge, off = end - start, p - start
        share = ((off * edge).sum(-1) / (edge * edge).sum(-1)).clip(0, 1)
        distance = np.linalg.norm(off - share[..., None] * edge, axis=-1).min(axis=1)
        over, under = p[..., 1] >= start[:, 1], p[..., 1] < end[:, 1]
        left = edge[:, 0] * off[..., 1] > edge[:, 1] * off[..., 0]
        crossings = (over & under & left) | (~over & ~under & ~left)
        inside = crossings.sum(axis=1) % 2 == 1
        value = np.full(len(v), 1.0)
        value[near] = np.where(inside, -distance, distance) - grow
        return value

    return field


def grown(field: Field, by: float) -> Field:
    """The same shape, larger by a distance (smaller if negative)."""
    return lambda v, c: field(v, c) - by


def sharpen(surface: Surface, field: Field, size: float) -> Surface:
    """Finer triangles along the zero line of a distance field, so that its curves come out smooth."""
    for _ in range(4):
        finer = refine(surface, field(surface.vertices, surface.coordinates), size)
        if finer is surface:
            break
        surface = finer
    return surface
