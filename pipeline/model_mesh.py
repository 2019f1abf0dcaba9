"""A 3D model as plain arrays in its own file's frame, before anyone has said what it is."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry import readonly, readonly_indices


@dataclass(frozen=True)
class ModelMesh:
    """The surface of a model; each of its objects is a part whose vertices lie side by side.

    Attributes:
        vertices: (V, 3) in the frame and unit of the model's own file.
        triangles: (T, 3) vertex indices.
        triangle_part: (T,) index into `parts`.
        parts: the objects' names.
        part_start: (P + 1,) part i has the vertices part_start[i] to part_start[i + 1].
    """

    vertices: NDArray[np.float64]
    triangles: NDArray[np.int64]
    triangle_part: NDArray[np.int64]
    parts: tuple[str, ...]
    part_start: NDArray[np.int64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "vertices", readonly(self.vertices, (None, 3), "vertices"))
        object.__setattr__(self, "triangles", readonly_indices(self.triangles, (None, 3), "triangles"))
        object.__setattr__(self, "triangle_part", readonly_indices(self.triangle_part, (None,), "triangle_part"))
        object.__setattr__(self, "part_start", readonly_indices(self.part_start, (None,), "part_start"))
        if len(self.part_start) != len(self.parts) + 1 or self.part_start[-1] != len(self.vertices):
            raise ValueError(f"part_start must have {len(self.parts) + 1} entries and end at {len(self.vertices)}")

    @classmethod
    def from_objects(cls, objects: dict[str, tuple[NDArray, NDArray]]) -> Self:
        """Join objects: name to vertices (V, 3) and triangles (T, 3) that count from the object's own first vertex."""
        starts = np.cumsum([0, *(len(vertices) for vertices, _ in objects.values())])
        return cls(
            vertices=np.concatenate([np.zeros((0, 3)), *(vertices for vertices, _ in objects.values())]),
            triangles=np.concatenate(
                [np.zeros((0, 3), int), *(t + s for (_, t), s in zip(objects.values(), starts[:-1], strict=True))]
            ),
            triangle_part=np.repeat(np.arange(len(objects)), [len(t) for _, t in objects.values()]),
            parts=tuple(objects),
            part_start=starts,
        )
