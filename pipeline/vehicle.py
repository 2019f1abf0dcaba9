"""A vehicle as the labels see it: triangles in the vehicle frame whose vertices carry keypoints.

Vehicle frame (ISO 8855): x forward, y left, z up, metres, origin on the ground under the middle of the wheelbase.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.geometry import readonly, readonly_indices

Place = tuple[int, ...]
"""Labelled vertices (indices) whose mean is a keypoint's position."""


@dataclass(frozen=True)
class LabelledMesh:
    """One vehicle's surface with its keypoint labels.

    Attributes:
        vertices: (V, 3) metres, vehicle frame.
        triangles: (T, 3) vertex indices.
        triangle_part: (T,) index into `parts`.
        parts: part names, such as "body", "wheel_FL", "mirror_LEFT".
        labels: keypoint name to its places. Most keypoints have one; a licence plate has two, front and rear, of
            which the one that faces the camera counts. A keypoint that this vehicle lacks is not in the mapping.
        own_parts: keypoint name to the parts that do not hide it (a wheel does not hide its own hub).
    """

    vertices: NDArray[np.float64]
    triangles: NDArray[np.int64]
    triangle_part: NDArray[np.int64]
    parts: tuple[str, ...]
    labels: Mapping[str, tuple[Place, ...]]
    own_parts: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "vertices", readonly(self.vertices, (None, 3), "vertices"))
        object.__setattr__(self, "triangles", readonly_indices(self.triangles, (None, 3), "triangles"))
        object.__setattr__(self, "triangle_part", readonly_indices(self.triangle_part, (None,), "triangle_part"))
        object.__setattr__(self, "labels", MappingProxyType(dict(self.labels)))
        object.__setattr__(self, "own_parts", MappingProxyType(dict(self.own_parts)))
        if len(self.triangle_part) != len(self.triangles):
            raise ValueError(f"{len(self.triangle_part)} part indices for {len(self.triangles)} triangles")
        if len(self.triangles) and self.triangles.max() >= len(self.vertices):
            raise ValueError(f"triangle refers to vertex {self.triangles.max()} of {len(self.vertices)}")
        for name, places in self.labels.items():
            for place in places:
                if not place or max(place) >= len(self.vertices) or min(place) < 0:
                    raise ValueError(f"label {name}: vertex indices must be in 0..{len(self.vertices) - 1}")

    @property
    def extent_m(self) -> NDArray[np.float64]:
        """Length, width and height of the bounding box, (3,) metres."""
        return np.ptp(self.vertices, axis=0)

    @cached_property
    def in_triangles(self) -> NDArray[np.bool_]:
        """(V,) which vertices are a triangle's; others only carry labels."""
        used = np.zeros(len(self.vertices), dtype=bool)
        used[self.triangles] = True
        return used

    @cached_property
    def centre(self) -> NDArray[np.float64]:
        """Middle of the bounding box, (3,) metres."""
        return (self.vertices.min(axis=0) + self.vertices.max(axis=0)) / 2

    def place_positions(self, name: str) -> NDArray[np.float64]:
        """The position of each place of a keypoint, (P, 3) metres; (0, 3) where the vehicle lacks it."""
        places = self.labels.get(name, ())
        return np.array([self.vertices[list(place)].mean(axis=0) for place in places]).reshape(-1, 3)

    def keypoint_position(self, name: str, viewer: ArrayLike) -> NDArray[np.float64] | None:
        """Where a keypoint is for somebody at `viewer` (3,), vehicle frame: (3,) metres, or None where it is not.

        Of several places the one that faces the viewer counts: the one on whose outward side, as seen from the
        middle of the vehicle, the viewer stands furthest.
        """
        positions = self.place_positions(name)
        if not len(positions):
            return None
        outward = positions - self.centre
        outward = outward / np.linalg.norm(outward, axis=1, keepdims=True).clip(1e-9)
        towards = np.asarray(viewer, float) - positions
        return np.asarray(positions[int(np.argmax((outward * towards).sum(axis=1)))])
