"""A closed outline drawn along a path: rails, lips, pipes and wires."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from blender_scenes.vehicle.shapes import Mesh

NO_AREA_M2 = 1e-12


def swept(path: ArrayLike, outline: ArrayLike, scale: ArrayLike = 1.0) -> Mesh:
    """A closed solid: `outline` (M, 2), counterclockwise, drawn along `path` (N, 3), its ends capped.

    The outline's first axis lies level and to the right of the path, its second is up (for a path that runs up, ahead).
    `scale` widens it, per point of the path.
    """
    line, shape = np.asarray(path, float), np.asarray(outline, float)
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    aside = np.cross(along, [0.0, 0.0, 1.0])
    steep = np.linalg.norm(aside, axis=1) < 0.1
    aside[steep] = np.cross(along[steep], [1.0, 0.0, 0.0])
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    up = np.cross(aside, along)
    wide = np.broadcast_to(np.asarray(scale, float), (len(line),))[:, None, None]
    rings = line[:, None] + wide * (shape[:, :1] * aside[:, None] + shape[:, 1:] * up[:, None])
    count, corners = rings.shape[:2]
    ring, corner = np.meshgrid(np.arange(count - 1), np.arange(corners), indexing="ij")
    a, b = (ring * corners + corner).ravel(), (ring * corners + (corner + 1) % corners).ravel()
    sides = np.concatenate([np.stack([a, b, b + corners], 1), np.stack([a, b + corners, a + corners], 1)])
    fan = np.stack([np.zeros(corners - 2, int), np.arange(1, corners - 1), np.arange(2, corners)], 1)
    caps = np.concatenate([fan[:, ::-1], fan + (count - 1) * corners])
    vertices = rings.reshape(-1, 3)
    return _flat(vertices, np.concatenate([sides, caps]))


def round_outline(radius: float, corners: int = 8) -> NDArray[np.float64]:
    """A regular outline (corners, 2), counterclockwise."""
    angle = 2 * np.pi * (np.arange(corners) + 0.5) / corners
    return radius * np.stack([np.cos(angle), np.sin(angle)], 1)


def _flat(vertices: NDArray, triangles: NDArray) -> Mesh:
    """The mesh wound outwards, every triangle with vertices and a normal of its own."""
    corners = vertices[triangles]
    volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum()
    if volume < 0:
        corners = corners[:, ::-1]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(length > NO_AREA_M2, normals / length.clip(NO_AREA_M2), [0.0, 0.0, 1.0])
    return corners.reshape(-1, 3), np.arange(3 * len(corners)).reshape(-1, 3), np.repeat(normals, 3, axis=0)
