"""Meshes as numpy arrays, made of a few primitives; z up, metres. Nothing here knows of Blender."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_CUBE = np.array(
    [
        [[0, 0, 0], [0, 1, 0], [1, 1, 0], [1, 0, 0]],
        [[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]],
        [[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1]],
        [[1, 1, 0], [0, 1, 0], [0, 1, 1], [1, 1, 1]],
        [[0, 1, 0], [0, 0, 0], [0, 0, 1], [0, 1, 1]],
        [[1, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 1]],
    ],
    dtype=np.float64,
)


@dataclass(frozen=True)
class Shape:
    """A mesh whose triangles name their material.

    Attributes:
        vertices: (N, 3) metres. Faces that share vertices are shaded smooth.
        triangles: (M, 3) indices, counter-clockwise from outside.
        slots: names of materials.
        slot_of: (M,) indices into `slots`.
    """

    vertices: Array
    triangles: NDArray[np.int64]
    slots: tuple[str, ...]
    slot_of: NDArray[np.int64]

    @property
    def bounds(self) -> Array:
        """(2, 3): its lowest and highest coordinates."""
        return np.stack([self.vertices.min(axis=0), self.vertices.max(axis=0)])


def of_one(slot: str, vertices: ArrayLike, triangles: ArrayLike) -> Shape:
    """A mesh of one material."""
    corners = np.asarray(triangles, dtype=np.int64).reshape(-1, 3)
    where = np.asarray(vertices, dtype=np.float64).reshape(-1, 3)
    return Shape(where, corners, (slot,), np.zeros(len(corners), dtype=np.int64))


def join(shapes: Sequence[Shape]) -> Shape:
    """Several as one."""
    slots = tuple(sorted({slot for shape in shapes for slot in shape.slots}))
    starts = np.cumsum([0, *(len(shape.vertices) for shape in shapes)])
    renamed = [np.array([slots.index(slot) for slot in shape.slots])[shape.slot_of] for shape in shapes]
    return Shape(
        np.concatenate([shape.vertices for shape in shapes]),
        np.concatenate([shape.triangles + start for shape, start in zip(shapes, starts, strict=False)]),
        slots,
        np.concatenate(renamed),
    )


def moved(shape: Shape, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Shape:
    """The shape somewhere else."""
    return replace(shape, vertices=shape.vertices + [x, y, z])


def turned(shape: Shape, angle: float) -> Shape:
    """The shape turned about z, radians."""
    c, s = np.cos(angle), np.sin(angle)
    return replace(shape, vertices=shape.vertices @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1.0]]))


def tiled(shape: Shape, offsets: ArrayLike) -> Shape:
    """A copy at each of the offsets (K, 3), K at least 1."""
    where = np.asarray(offsets, dtype=np.float64).reshape(-1, 3)
    count, size = len(where), len(shape.vertices)
    starts = np.arange(count)[:, None, None] * size
    return Shape(
        (shape.vertices[None] + where[:, None]).reshape(-1, 3),
        (shape.triangles[None] + starts).reshape(-1, 3),
        shape.slots,
        np.tile(shape.slot_of, count),
    )


def quads(slot: str, corners: ArrayLike) -> Shape:
    """Four-sided faces (K, 4, 3), counter-clockwise from outside, each with vertices of its own."""
    where = np.asarray(corners, dtype=np.float64).reshape(-1, 4, 3)
    first = 4 * np.arange(len(where))[:, None]
    triangles = np.concatenate([first + [0, 1, 2], first + [0, 2, 3]], axis=1)
    return of_one(slot, where, triangles)


def boxes(slot: str, low: ArrayLike, high: ArrayLike) -> Shape:
    """Boxes from (K, 3) to (K, 3), along the axes."""
    a, b = (np.asarray(v, dtype=np.float64).reshape(-1, 1, 1, 3) for v in (low, high))
    return quads(slot, a + _CUBE * (b - a))


def box(slot: str, low: Sequence[float], high: Sequence[float]) -> Shape:
    """One box."""
    return boxes(slot, [low], [high])


def tube(slot: str, start: ArrayLike, end: ArrayLike, radii: tuple[float, float], sides: int = 8) -> Shape:
    """A round bar between two points, with a cap at its end."""
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    along = (b - a) / np.linalg.norm(b - a)
    across = np.cross(along, [1.0, 0.0, 0.0] if abs(along[0]) < 0.9 else [0.0, 1.0, 0.0])
    across /= np.linalg.norm(across)
    third = np.cross(along, across)
    angle = np.arange(sides) * 2 * np.pi / sides
    ring = np.cos(angle)[:, None] * across + np.sin(angle)[:, None] * third
    i = np.arange(sides)
    j = (i + 1) % sides
    wall = np.concatenate([np.stack([i, j, j + sides], 1), np.stack([i, j + sides, i + sides], 1)])
    cap = np.stack([i + sides, j + sides, np.full(sides, 2 * sides)], 1)
    vertices = np.concatenate([a + radii[0] * ring, b + radii[1] * ring, b[None]])
    return of_one(slot, vertices, np.concatenate([wall, cap]))


def ball(slot: str, centre: ArrayLike, radii: ArrayLike, rng: np.random.Generator, lumps: float = 0.2) -> Shape:
    """A lumpy ball of 80 triangles."""
    unit, triangles = _icosphere()
    bumpy = unit * (1 + lumps * rng.uniform(-1, 1, (len(unit), 1)))
    return of_one(slot, np.asarray(centre) + bumpy * np.asarray(radii), triangles)


def _icosphere() -> tuple[Array, NDArray[np.int64]]:
    """An icosahedron whose faces are each split in four."""
    g = (1 + 5**0.5) / 2
    points = [np.array(p) for p in ((-1, g, 0), (1, g, 0), (-1, -g, 0), (1, -g, 0), (0, -1, g), (0, 1, g))]
    points += [np.array(p) for p in ((0, -1, -g), (0, 1, -g), (g, 0, -1), (g, 0, 1), (-g, 0, -1), (-g, 0, 1))]
    faces = "0.11.5 0.5.1 0.1.7 0.7.10 0.10.11 1.5.9 5.11.4 11.10.2 10.7.6 7.1.8"
    faces += " 3.9.4 3.4.2 3.2.6 3.6.8 3.8.9 4.9.5 2.4.11 6.2.10 8.6.7 9.8.1"
    middles: dict[tuple[int, int], int] = {}

    def middle(a: int, b: int) -> int:
        key = (min(a, b), max(a, b))
        if key not in middles:
            middles[key] = len(points)
            points.append((points[a] + points[b]) / 2)
        return middles[key]

    triangles = []
    for face in faces.split():
        a, b, c = (int(v) for v in face.split("."))
        ab, bc, ca = middle(a, b), middle(b, c), middle(c, a)
        triangles += [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
    unit = np.array(points, dtype=np.float64)
    return unit / np.linalg.norm(unit, axis=1, keepdims=True), np.array(triangles, dtype=np.int64)
