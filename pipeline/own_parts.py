"""Which part of a model a keypoint inside a part belongs to: the wheel of a hub, the housing of a mirror.

Such a part does not hide its own keypoint. Objects named in the label file are taken as they are. Otherwise it is the
object that carries the label if that is no larger than a wheel, or else the connected piece of that object; and with it
the objects around the same middle, such as the tyre around a rim.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from pipeline.config import nearest
from pipeline.errors import ModelError
from pipeline.model_mesh import ModelMesh
from pipeline.sidecar import Sidecar

MAX_PART_M = 1.7
"""Diagonal of the box of a bus's tyre, 1.1 m high and 0.4 m wide; what is larger is no wheel and no mirror."""
AROUND_M, OFF_MIDDLE, LEAST_M = 0.03, 0.2, 0.75
"""An object is around a keypoint if its box, grown by the first, holds it, not further from the box's middle than the
second times the box's diagonal, or times the third where that is smaller: a hub is on the outer face of its tyre."""
WELD = 1e-5
"""Vertices closer than this share of the model's size are one: files split them at seams of shading and texture."""

Parts = tuple[tuple[str, ...], NDArray[np.int64], dict[str, tuple[str, ...]]]


def find_own_parts(
    model: ModelMesh,
    seeds: Mapping[str, list[int]],
    middles: Mapping[str, NDArray[np.float64]],
    sidecar: Sidecar,
    unit: float,
    where: str,
) -> Parts:
    """Parts (P',), part of each triangle (T,), and keypoint to own parts; pieces cut from objects are new parts.

    `seeds`: keypoint to vertices of the surface where it lies. `middles`: keypoint to its position (3,), model's
    frame. `unit`: metres per unit of the model.

    Raises:
        ModelError: the label file names an object that is not there.
    """
    names, triangle_part = list(model.parts), np.array(model.triangle_part)
    own: dict[str, list[str]] = {name: [] for name in seeds}
    for keypoint in (name for name in seeds if name not in sidecar.own_parts):
        for part, vertices in _by_part(model, seeds[keypoint]).items():
            piece = _piece(model, part, vertices, unit)
            if len(piece) == 0:
                continue
            whole = len(piece) == np.count_nonzero(model.triangle_part == part)
            if not whole and triangle_part[piece[0]] == part:
                names.append(f"{model.parts[part]}/{keypoint}")
                triangle_part[piece] = len(names) - 1
            own[keypoint].append(names[triangle_part[piece[0]]])
        around = _around(model, middles[keypoint], unit) if own[keypoint] else []
        own[keypoint] += [name for name in around if name not in own[keypoint]]
    for keypoint, patterns in sidecar.own_parts.items():
        for pattern in patterns:
            own.setdefault(keypoint, []).extend(_matching(pattern, model, names, f"{where}: own_parts.{keypoint}"))
    return tuple(names), triangle_part, {keypoint: tuple(parts) for keypoint, parts in own.items() if parts}


def _around(model: ModelMesh, middle: NDArray[np.float64], unit: float) -> list[str]:
    """Names of the objects, no larger than a wheel, that lie around a point (3,)."""
    found = []
    for name, start, end in zip(model.parts, model.part_start, model.part_start[1:], strict=False):
        if start == end:
            continue
        low, high = model.vertices[start:end].min(axis=0), model.vertices[start:end].max(axis=0)
        diagonal = float(np.linalg.norm(high - low)) * unit
        inside = ((middle > low - AROUND_M / unit) & (middle < high + AROUND_M / unit)).all()
        reach = OFF_MIDDLE * max(diagonal, LEAST_M)
        if diagonal <= MAX_PART_M and inside and np.linalg.norm(middle - (low + high) / 2) * unit <= reach:
            found.append(name)
    return found


def _by_part(model: ModelMesh, vertices: list[int]) -> dict[int, list[int]]:
    """The vertices, by the part that they belong to."""
    found: dict[int, list[int]] = {}
    for vertex in vertices:
        found.setdefault(int(np.searchsorted(model.part_start, vertex, side="right")) - 1, []).append(vertex)
    return found


def _piece(model: ModelMesh, part: int, vertices: list[int], unit: float) -> NDArray[np.int64]:
    """The triangles of a part that belong to whatever the vertices lie on; none where that is too large."""
    whole = np.flatnonzero(model.triangle_part == part)
    if _size_m(model, whole, unit) <= MAX_PART_M:
        return whole
    piece = whole[connected(model, whole, vertices)]
    return piece if _size_m(model, piece, unit) <= MAX_PART_M else piece[:0]


def _matching(pattern: str, model: ModelMesh, names: list[str], where: str) -> list[str]:
    objects = [name for name in model.parts if name == pattern or fnmatchcase(name, pattern)]
    if not objects:
        raise ModelError(f"{where}: no object {pattern!r} in the model; allowed: {nearest(pattern, model.parts)}")
    pieces = [name for name in names[len(model.parts) :] if name.rsplit("/", 1)[0] in objects]
    return objects + pieces


def _size_m(model: ModelMesh, triangles: NDArray, unit: float) -> float:
    """Diagonal of the triangles' box, metres."""
    corners = model.vertices[model.triangles[triangles]].reshape(-1, 3)
    return float(np.linalg.norm(np.ptp(corners, axis=0))) * unit


def connected(model: ModelMesh, triangles: NDArray, vertices: list[int]) -> NDArray[np.bool_]:
    """Which of `triangles` (N,) hang together with `vertices`, over vertices at the same position."""
    grid = WELD * float(np.ptp(model.vertices, axis=0).max())
    _, welded = np.unique((model.vertices / grid).round(), axis=0, return_inverse=True)
    corners = welded.reshape(-1)[model.triangles[triangles]]
    reached = np.zeros(len(model.vertices), dtype=bool)
    reached[welded.reshape(-1)[vertices]] = True
    while True:
        touched = reached[corners].any(axis=1)
        before = reached.sum()
        reached[corners[touched]] = True
        if reached.sum() == before:
            return touched
