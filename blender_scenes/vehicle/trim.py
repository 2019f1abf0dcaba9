"""Cutting a surface along the zero lines of fields, naming the pieces, and sinking them in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

X0, T, SHOULDER, EDGE, EDGE_Y = range(5)
"""Columns of a skin's loft coordinates; see `body`."""


@dataclass(frozen=True)
class Surface:
    """Triangles under construction: one half of the body, the left.

    Attributes:
        vertices, normals: (V, 3).
        coordinates: (V, C) of the loft (see body.py), carried along when triangles are cut.
        triangles: (T, 3).
        material: (T,) slot names.
    """

    vertices: NDArray[np.float64]
    normals: NDArray[np.float64]
    coordinates: NDArray[np.float64]
    triangles: NDArray[np.int64]
    material: NDArray[np.str_]


def split(surface: Surface, field: NDArray, zone: NDArray | None = None) -> Surface:
    """Cut every triangle that the zero line of `field` (V,) crosses, where `zone` (V,) is true at either end.

    No cracks open: a triangle is cut wherever a neighbour's edge is.
    """
    field = np.where(np.abs(field) < 1e-3, 1e-3, field)
    edges = surface.triangles[:, [[0, 1], [1, 2], [2, 0]]]
    crossed = (field[edges[..., 0]] > 0) != (field[edges[..., 1]] > 0)
    if zone is not None:
        crossed &= zone[edges[..., 0]] | zone[edges[..., 1]]
    if not crossed.any():
        return surface
    low, high = np.sort(edges[crossed], axis=1).T
    key, back = np.unique(low * len(field) + high, return_inverse=True)
    a, b = key // len(field), key % len(field)
    share = field[a] / (field[a] - field[b])
    middles = np.full(crossed.shape, -1)
    middles[crossed] = len(field) + back

    def blend(values: NDArray) -> NDArray:
        return np.concatenate([values, values[a] + share[:, None] * (values[b] - values[a])])

    normals = blend(surface.normals)
    triangles, parents = _subdivide(surface.triangles, middles)
    return Surface(
        vertices=blend(surface.vertices),
        normals=normals / np.linalg.norm(normals, axis=1, keepdims=True).clip(1e-12),
        coordinates=blend(surface.coordinates),
        triangles=triangles,
        material=surface.material[parents],
    )


def refine(surface: Surface, field: NDArray, size: float) -> Surface:
    """Halve each edge longer than `size` that the zero line of a distance field (V,) passes within its length."""
    edges = surface.triangles[:, [[0, 1], [1, 2], [2, 0]]]
    a, b = edges[..., 0], edges[..., 1]
    length = np.linalg.norm(surface.vertices[a] - surface.vertices[b], axis=-1)
    marked = (length > size) & (np.minimum(np.abs(field[a]), np.abs(field[b])) < 0.6 * length)
    if not marked.any():
        return surface
    low, high = np.sort(edges[marked], axis=1).T
    key, back = np.unique(low * len(field) + high, return_inverse=True)
    a, b = key // len(field), key % len(field)
    middles = np.full(marked.shape, -1)
    middles[marked] = len(field) + back
    normals = np.concatenate([surface.normals, surface.normals[a] + surface.normals[b]])
    triangles, parents = _subdivide(surface.triangles, middles)
    return Surface(
        vertices=np.concatenate([surface.vertices, (surface.vertices[a] + surface.vertices[b]) / 2]),
        normals=normals / np.linalg.norm(normals, axis=1, keepdims=True).clip(1e-12),
        coordinates=np.concatenate([surface.coordinates, (surface.coordinates[a] + surface.coordinates[b]) / 2]),
        triangles=triangles,
        material=surface.material[parents],
    )


def _subdivide(triangles: NDArray, middles: NDArray) -> tuple[NDArray, NDArray]:
    """Triangles (T, 3) with a new vertex on some edges (T, 3; -1 where none) as smaller ones, and whose each is."""
    count = (middles >= 0).sum(axis=1)
    whole, number = count == 0, np.flatnonzero(count)
    pieces, parents = [triangles[whole]], [np.flatnonzero(whole)]
    triangles, middles, count = triangles[number], middles[number], count[number]
    for first in range(3):  # the edge after which the cut ones are counted
        order = [(first + i) % 3 for i in range(3)]
        (i, j, k), (m0, m1, _) = triangles[:, order].T, middles[:, order].T
        one = (count == 1) & (m0 >= 0)
        pieces += [np.stack([i, m0, k], 1)[one], np.stack([m0, j, k], 1)[one]]
        parents += [number[one]] * 2
        two = (count == 2) & (m0 >= 0) & (m1 >= 0)
        pieces += [np.stack([m0, j, m1], 1)[two], np.stack([i, m0, m1], 1)[two], np.stack([i, m1, k], 1)[two]]
        parents += [number[two]] * 3
    three = count == 3
    (i, j, k), (p, q, r) = triangles[three].T, middles[three].T
    for corner in ((i, p, r), (p, j, q), (r, q, k), (p, q, r)):
        pieces.append(np.stack(corner, 1))
        parents.append(number[three])
    return np.concatenate(pieces), np.concatenate(parents)


def paint(surface: Surface, where: NDArray, material: str) -> Surface:
    """Give triangles `where` (T,) a material."""
    return replace(surface, material=np.where(where, material, surface.material))


def sink(surface: Surface, materials: Sequence[str], moved: NDArray, wall: str) -> Surface:
    """Move the triangles of some materials, as one piece, to `moved` (V, 3), and wall the gap to their neighbours.

    No wall is built on the plane of symmetry, where the other half joins.
    """
    chosen = np.isin(surface.material, list(materials))
    if not chosen.any():
        return surface
    inside = surface.triangles[chosen]
    used, local = np.unique(inside, return_inverse=True)
    start = len(surface.vertices)
    sunk = start + local.reshape(-1, 3)
    rim = boundary(inside)
    rim = rim[(np.abs(surface.vertices[rim, 1]) > 1e-6).any(axis=1)]
    walls, wall_vertices, wall_normals, wall_coordinates = _walls(surface, rim, moved, start + len(used))
    triangles = surface.triangles.copy()
    triangles[chosen] = sunk
    return Surface(
        vertices=np.concatenate([surface.vertices, moved[used], wall_vertices]),
        normals=np.concatenate([surface.normals, surface.normals[used], wall_normals]),
        coordinates=np.concatenate([surface.coordinates, surface.coordinates[used], wall_coordinates]),
        triangles=np.concatenate([triangles, walls]),
        material=np.concatenate([surface.material, np.full(len(walls), wall)]),
    )


def boundary(triangles: NDArray) -> NDArray:
    """Directed edges (E, 2) that only one triangle has."""
    directed = triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    low, high = np.sort(directed, axis=1).T
    _, back, count = np.unique(low * (int(directed.max()) + 1) + high, return_inverse=True, return_counts=True)
    return directed[count[back] == 1]


def _walls(surface: Surface, rim: NDArray, moved: NDArray, start: int) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Two flat triangles for each edge of the rim, with vertices of their own so that the edge stays sharp."""
    a, b = rim.T
    corners = np.stack([surface.vertices[a], surface.vertices[b], moved[b], moved[a]], axis=1)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    normal = np.where(length > 1e-12, normal / length.clip(1e-12), [0.0, 0.0, 1.0])
    index = start + 4 * np.arange(len(rim))[:, None]
    quads = np.concatenate([index + [0, 1, 2], index + [0, 2, 3]])
    coordinates = surface.coordinates[np.stack([a, b, b, a], axis=1)].reshape(-1, surface.coordinates.shape[1])
    return quads, corners.reshape(-1, 3), np.repeat(normal, 4, axis=0), coordinates
