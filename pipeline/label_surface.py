"""A model's surface to label on: what a ray meets, and what lies nearest to a point, in well under a second."""

import numpy as np
import trimesh
from numpy.typing import NDArray

from pipeline.model_mesh import ModelMesh


class LabelSurface:
    """The triangles of a model, prepared for queries; points are in the model's own frame and unit."""

    def __init__(self, mesh: ModelMesh) -> None:
        self._mesh = mesh
        self._corners = mesh.vertices[mesh.triangles]
        self._low, self._high = self._corners.min(axis=1), self._corners.max(axis=1)
        self._edges = self._corners[:, 1] - self._corners[:, 0], self._corners[:, 2] - self._corners[:, 0]

    def pick(self, origin: NDArray[np.float64], direction: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The first point (3,) of the surface on a ray, either face; None where the ray meets nothing.

        Möller and Trumbore's test, on all triangles at once.
        """
        along, across = self._edges
        with np.errstate(divide="ignore", invalid="ignore"):
            normal = np.cross(direction, across)
            inverse = 1.0 / np.einsum("td,td->t", along, normal)
            start = origin - self._corners[:, 0]
            u = np.einsum("td,td->t", start, normal) * inverse
            turned = np.cross(start, along)
            v = turned @ direction * inverse
            distance = np.einsum("td,td->t", across, turned) * inverse
            # a hair wider than the triangle, so that no ray slips through between two
            hit = (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (distance > 0)
        if not hit.any():
            return None
        return np.asarray(origin + distance[hit].min() * direction)

    def nearest(self, point: NDArray[np.float64], part: int | None = None) -> NDArray[np.float64]:
        """The point (3,) of the surface, or of one of its parts, that is nearest to `point`."""
        of_part = np.arange(len(self._corners)) if part is None else np.flatnonzero(self._mesh.triangle_part == part)
        to_box = np.linalg.norm(np.maximum(0, np.maximum(self._low - point, point - self._high))[of_part], axis=1)
        to_corner = np.linalg.norm(self._corners[of_part, 0] - point, axis=1)
        # a triangle whose box is further than some corner of the surface cannot hold the nearest point
        near = of_part[to_box <= to_corner.min()]
        closest = trimesh.triangles.closest_point(self._corners[near], np.broadcast_to(point, (len(near), 3)))
        return np.asarray(closest[np.argmin(np.linalg.norm(closest - point, axis=1))])

    def nearest_vertex(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """The vertex (3,) of the surface that is nearest to `point`."""
        used = self._corners.reshape(-1, 3)
        return np.asarray(used[np.argmin(np.linalg.norm(used - point, axis=1))])
