"""Solids drawn through rings: housings, fins, spoilers, pipes and bars."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.bend import smooth_normals
from blender_scenes.vehicle.shapes import Mesh, joined


def lofted(rings: NDArray) -> Mesh:
    """A closed solid through rings (N, M, 3), smooth along its sides; the first and the last ring are flat ends."""
    count, size = rings.shape[:2]
    row, column = np.meshgrid(np.arange(count - 1), np.arange(size), indexing="ij")
    a, b = (row * size + column).ravel(), (row * size + (column + 1) % size).ravel()
    sides = np.concatenate([np.stack([a, b, b + size], 1), np.stack([a, b + size, a + size], 1)])
    vertices = rings.reshape(-1, 3)
    first, last = rings[0, ::-1], rings[-1]
    if _volume(vertices, sides) < 0:
        sides, first, last = sides[:, ::-1], first[::-1], last[::-1]
    return joined([(vertices, sides, _unit(smooth_normals(vertices, sides))), _fan(first), _fan(last)])


def _fan(ring: NDArray) -> Mesh:
    """A flat end, wound as its ring (M, 3) runs."""
    vertices = np.concatenate([ring, ring.mean(axis=0)[None]])
    around = np.arange(len(ring))
    triangles = np.stack([around, np.roll(around, -1), np.full(len(ring), len(ring))], axis=1)
    a, b, c = vertices[triangles].transpose(1, 0, 2)
    return vertices, triangles, np.tile(_unit(np.cross(b - a, c - a).sum(axis=0)[None]), (len(vertices), 1))


def _unit(normals: NDArray) -> NDArray[np.float64]:
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 1e-9, normals / length.clip(1e-12), [0.0, 0.0, 1.0])


def _volume(vertices: NDArray, triangles: NDArray) -> float:
    a, b, c = (vertices[triangles] - vertices.mean(axis=0)).transpose(1, 0, 2)
    return float((np.cross(a, b) * c).sum())


def oval(count: int, width: float, height: float, power: float = 2.0) -> NDArray[np.float64]:
    """Points (count, 2) of a superellipse of those half widths; `power` above 2 squares it."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack(
        [
            width * np.sign(cos) * np.abs(cos) ** (2 / power),
            height * np.sign(sin) * np.abs(sin) ** (2 / power),
        ],
        axis=1,
    )


def tube(path: NDArray, section: NDArray, scale: NDArray | None = None) -> Mesh:
    """A closed bar along a path (N, 3); of its section (M, 2), scaled by (N,), the second axis leans upwards."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True).clip(1e-9)
    up = np.array([0.0, 0.0, 1.0]) if np.abs(tangent[:, 2]).max() < 0.98 else np.array([1.0, 0.0, 0.0])
    aside = np.cross(up, tangent)
    aside /= np.linalg.norm(aside, axis=1, keepdims=True).clip(1e-9)
    over = np.cross(tangent, aside)
    factor = np.ones(len(path)) if scale is None else scale
    rings = (
        path[:, None]
        + factor[:, None, None] * section[None, :, :1] * aside[:, None]
        + factor[:, None, None] * section[None, :, 1:] * over[:, None]
    )
    return lofted(rings)


def rounded_path(points: NDArray, radius: float, steps: int = 6) -> NDArray[np.float64]:
    """A polyline (N, 3) with its inner corners rounded off from `radius` before to `radius` after them."""
    path = [points[0]]
    for before, corner, after in zip(points[:-2], points[1:-1], points[2:], strict=True):
        start = corner + radius * (before - corner) / np.linalg.norm(before - corner)
        end = corner + radius * (after - corner) / np.linalg.norm(after - corner)
        t = np.linspace(0, 1, steps)[:, None]
        path += list((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    return np.array([*path, points[-1]])
