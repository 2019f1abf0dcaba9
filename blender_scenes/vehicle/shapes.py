"""Simple solids: boxes with rounded edges, ellipsoids, and profiles turned round an axis."""

import numpy as np
from numpy.typing import NDArray

Mesh = tuple[NDArray, NDArray, NDArray]
"""Vertices (V, 3), triangles (T, 3), normals (V, 3)."""


def superellipsoid(
    centre: tuple[float, float, float], radii: tuple[float, float, float], power: float = 2.0, detail: int = 14
) -> Mesh:
    """A ball of the given radii; `power` above 2 makes it boxy with rounded edges."""
    u = np.linspace(0, 2 * np.pi, 2 * detail, endpoint=False)
    v = np.linspace(-np.pi / 2, np.pi / 2, detail)
    e = 2.0 / power

    def raised(value: NDArray) -> NDArray:
        return np.sign(value) * np.abs(value) ** e

    uu, vv = np.meshgrid(u, v)
    unit = np.stack(
        [raised(np.cos(vv)) * raised(np.cos(uu)), raised(np.cos(vv)) * raised(np.sin(uu)), raised(np.sin(vv))], -1
    )
    gradient = np.sign(unit) * np.abs(unit) ** (power - 1) / np.array(radii)
    length = np.linalg.norm(gradient, axis=-1, keepdims=True)
    normals = np.where(length > 1e-9, gradient / length.clip(1e-9), [0.0, 0.0, 1.0])
    return (unit * radii + centre).reshape(-1, 3), _wrapped(detail, 2 * detail), normals.reshape(-1, 3)


def turned(profile: NDArray, segments: int = 44) -> Mesh:
    """A profile (N, 2) of radius and y, turned round the y axis."""
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    radius, y = profile.T
    tangent = np.gradient(profile, axis=0)
    out = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    out /= np.linalg.norm(out, axis=1, keepdims=True).clip(1e-9)
    cos, sin = np.cos(angle), np.sin(angle)
    vertices = np.stack([radius[:, None] * cos, np.repeat(y[:, None], segments, 1), radius[:, None] * sin], -1)
    normals = np.stack([out[:, :1] * cos, np.repeat(out[:, 1:], segments, 1), out[:, :1] * sin], -1)
    return vertices.reshape(-1, 3), _wrapped(len(profile), segments), normals.reshape(-1, 3)


def box(low: NDArray, high: NDArray) -> Mesh:
    """A box with flat faces, each with vertices of its own."""
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    normals = [(-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, -1), (0, 0, 1)]
    vertices = np.concatenate([np.asarray(low) + corners[list(face)] * (np.asarray(high) - low) for face in faces])
    start = 4 * np.arange(6)[:, None]
    triangles = np.concatenate([start + [0, 1, 2], start + [0, 2, 3]])
    return vertices, triangles, np.repeat(np.array(normals, float), 4, axis=0)


def joined(meshes: list[Mesh]) -> Mesh:
    """Several meshes as one."""
    starts = np.cumsum([0, *(len(m[0]) for m in meshes)])
    return (
        np.concatenate([m[0] for m in meshes]),
        np.concatenate([m[1] + s for m, s in zip(meshes, starts, strict=False)]),
        np.concatenate([m[2] for m in meshes]),
    )


def rotated(mesh: Mesh, matrix: NDArray, shift: NDArray) -> Mesh:
    """Turned by a rotation (3, 3), then moved."""
    return mesh[0] @ matrix.T + shift, mesh[1], mesh[2] @ matrix.T


def mirrored(mesh: Mesh) -> Mesh:
    """The mirror image, left for right."""
    flip = np.array([1.0, -1.0, 1.0])
    return mesh[0] * flip, mesh[1][:, ::-1], mesh[2] * flip


def _wrapped(rows: int, columns: int) -> NDArray:
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns), indexing="ij")
    a = (row * columns + column).ravel()
    b = (row * columns + (column + 1) % columns).ravel()
    return np.concatenate([np.stack([a, b, b + columns], 1), np.stack([a, b + columns, a + columns], 1)])
