"""Convex areas of the ground: whether two of them, or one and a point, keep a distance."""

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def ground_hull(points: ArrayLike) -> Array:
    """The convex hull (N, 2), in order around, of points (P, 2) or (P, 3) seen from above; metres."""
    flat = np.asarray(points, dtype=np.float32)[:, :2]
    return cv2.convexHull(np.ascontiguousarray(flat))[:, 0].astype(np.float64)


def apart(a: Array, b: Array) -> float:
    """How far two convex polygons (N, 2) and (M, 2) are from each other at least, metres; negative where they overlap.

    The widest gap along the normals of their edges: never more than their true distance. A polygon of one point has no
    edges.
    """
    widest = -np.inf
    for polygon in (a, b):
        edges = np.roll(polygon, -1, axis=0) - polygon
        length = np.linalg.norm(edges, axis=1)
        edges = edges[length > 1e-9] / length[length > 1e-9, None]
        across = np.stack([-edges[:, 1], edges[:, 0]])
        of_a, of_b = a @ across, b @ across
        gaps = np.maximum(of_a.min(axis=0) - of_b.max(axis=0), of_b.min(axis=0) - of_a.max(axis=0))
        widest = max(widest, float(gaps.max(initial=-np.inf)))
    return widest


def entry(origin: Array, towards: Array, polygon: Array) -> float | None:
    """How far from `origin` (2,) the ray along the unit vector `towards` first meets the polygon's edge; None if never.

    None too from inside.
    """
    start, edge = polygon, np.roll(polygon, -1, axis=0) - polygon
    turn = towards[0] * edge[:, 1] - towards[1] * edge[:, 0]
    offset = start - origin
    with np.errstate(divide="ignore", invalid="ignore"):
        along = (offset[:, 0] * edge[:, 1] - offset[:, 1] * edge[:, 0]) / turn
        share = (offset[:, 0] * towards[1] - offset[:, 1] * towards[0]) / turn
    met = along[(np.abs(turn) > 1e-12) & (along > 0) & (share >= 0) & (share <= 1)]
    return float(met.min()) if len(met) >= 2 else None
