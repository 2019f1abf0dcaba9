"""Places on a surface of triangles: what a straight ray meets first, and what is nearest to a point."""

import numpy as np
import trimesh
from numpy.typing import ArrayLike, NDArray

PARALLEL = 1e-12
HAIR = 1e-9
"""How much wider than itself a triangle is to a ray, so that none slips through between two."""


def first_hit(corners: NDArray[np.float64], origin: ArrayLike, direction: ArrayLike) -> NDArray[np.float64] | None:
    """The point of triangles (T, 3, 3) that a ray meets first, (3,), or None; both sides of a triangle count.

    Moeller and Trumbore, Fast, minimum storage ray/triangle intersection, 1997; all triangles at once.
    """
    start, way = np.asarray(origin, float), np.asarray(direction, float)
    base, first, second = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    across = np.cross(way, second)
    determinant = np.einsum("ij,ij->i", first, across)
    usable = np.abs(determinant) > PARALLEL * np.abs(first).max(initial=0.0) * np.abs(second).max(initial=0.0)
    inverse = np.divide(1.0, determinant, out=np.zeros_like(determinant), where=usable)
    offset = start - base
    u = np.einsum("ij,ij->i", offset, across) * inverse
    aside = np.cross(offset, first)
    v = aside @ way * inverse
    distance = np.einsum("ij,ij->i", second, aside) * inverse
    met = usable & (u >= -HAIR) & (v >= -HAIR) & (u + v <= 1 + HAIR) & (distance > 0)
    return start + way * distance[met].min() if met.any() else None


def closest_point(corners: NDArray[np.float64], point: ArrayLike) -> tuple[NDArray[np.float64], int]:
    """The point of triangles (T, 3, 3) nearest to `point` (3,), and the number of its triangle."""
    at = np.asarray(point, float)
    beyond = (corners.min(axis=1) - at).clip(0) + (at - corners.max(axis=1)).clip(0)
    to_box = np.sqrt(np.einsum("ij,ij->i", beyond, beyond))
    to_corner = float(np.linalg.norm(corners[to_box.argmin()] - at, axis=1).min())
    near = np.flatnonzero(to_box <= to_corner)
    closest = trimesh.triangles.closest_point(corners[near], np.broadcast_to(at, (len(near), 3)))
    best = int(np.linalg.norm(closest - at, axis=1).argmin())
    return np.asarray(closest[best]), int(near[best])
