"""A model's surface to label on: what a ray meets, and what lies nearest to a point, in well under a second."""

import numpy as np
from numpy.typing import NDArray

from pipeline.model_mesh import ModelMesh
from pipeline.surface import closest_point, first_hit


class LabelSurface:
    """The triangles of a model; points are in the model's own frame and unit."""

    def __init__(self, mesh: ModelMesh) -> None:
        self._mesh = mesh
        self._corners = mesh.vertices[mesh.triangles]

    def pick(self, origin: NDArray[np.float64], direction: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The first point (3,) of the surface on a ray, either face; None where the ray meets nothing."""
        return first_hit(self._corners, origin, direction)

    def nearest(self, point: NDArray[np.float64], part: int | None = None) -> NDArray[np.float64]:
        """The point (3,) of the surface, or of one of its parts, that is nearest to `point`."""
        corners = self._corners if part is None else self._corners[self._mesh.triangle_part == part]
        return closest_point(corners, point)[0]

    def nearest_vertex(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """The vertex (3,) of the surface that is nearest to `point`."""
        used = self._corners.reshape(-1, 3)
        return np.asarray(used[np.argmin(np.linalg.norm(used - point, axis=1))])
