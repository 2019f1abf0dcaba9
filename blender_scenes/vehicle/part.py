"""What a generated vehicle is made of, and how its parts become one labelled mesh."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.vehicle import LabelledMesh, Place


@dataclass(frozen=True)
class Part:
    """A piece of surface with one material.

    Attributes:
        name: of the vehicle's part that it belongs to, such as "body" or "wheel_FL"; several pieces may share one.
        material: slot, such as "paint", "glass" or "tyre".
        vertices: (V, 3) metres, vehicle frame.
        triangles: (T, 3) vertex indices.
        normals: (V, 3) unit vectors for smooth shading, or None where every triangle is flat.
        uv: (V, 2) in 0..1 for materials with a picture, or None.
    """

    name: str
    material: str
    vertices: NDArray[np.float64]
    triangles: NDArray[np.int64]
    normals: NDArray[np.float64] | None = None
    uv: NDArray[np.float64] | None = None


def part(name: str, material: str, mesh: tuple[NDArray, NDArray, NDArray]) -> Part:
    """A mesh of vertices, triangles and normals as a part."""
    return Part(name, material, *mesh)


@dataclass(frozen=True)
class Vehicle:
    """A vehicle from the generator: style, seed and the parameters set by hand are all of it.

    `asymmetric` names keypoints that do not mirror their pair: of an open door, of steered wheels. `further` are places
    on the mesh beyond those that it labels, for other schemas.
    """

    style: str
    seed: int
    parameters: Mapping[str, float | int | str]
    parts: tuple[Part, ...]
    mesh: LabelledMesh
    asymmetric: tuple[str, ...] = ()
    further: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)


Label = tuple[int, Place]
"""Index of a part, and vertices of it."""


def join_parts(parts: Sequence[Part], labels: Mapping[str, Sequence[Label]]) -> LabelledMesh:
    """All parts as one mesh; `labels` name keypoints by part and vertex."""
    names = tuple(dict.fromkeys(part.name for part in parts))
    starts = part_starts(parts)
    return LabelledMesh(
        vertices=np.concatenate([part.vertices for part in parts]),
        triangles=np.concatenate([p.triangles + start for p, start in zip(parts, starts, strict=False)]),
        triangle_part=np.concatenate([np.full(len(p.triangles), names.index(p.name)) for p in parts]),
        parts=names,
        labels=joined_labels(parts, labels),
        own_parts={name: (name,) for name in names if name.startswith(("wheel_", "mirror_"))},
    )


def part_starts(parts: Sequence[Part]) -> NDArray[np.int64]:
    """(P + 1,) where each part's vertices begin in the joined mesh."""
    return np.cumsum([0, *(len(part.vertices) for part in parts)])


def joined_labels(parts: Sequence[Part], labels: Mapping[str, Sequence[Label]]) -> dict[str, tuple[Place, ...]]:
    """Labels by part and vertex as labels by vertex of the joined mesh."""
    starts = part_starts(parts)
    return {
        keypoint: tuple(tuple(int(starts[part] + v) for v in place) for part, place in places)
        for keypoint, places in labels.items()
    }
