"""The opaque part of a picture as triangles: its outline is geometry, so what is rendered and what hides are the same.

Alpha is taken at the pixels' centres and linear between them; opaque is what has at least half of it. Holes are holes.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
OPAQUE = 0.5


def opaque_triangles(alpha: Array) -> Array:
    """Triangles (T, 3, 2) of an alpha channel (H, W), 0..1; pixels, (0, 0) the outer corner of the first one.

    Outside the picture nothing is opaque.
    """
    padded = np.pad(np.asarray(alpha, dtype=np.float64), 1)
    nodes = padded >= OPAQUE
    count = nodes[:-1, :-1].astype(int) + nodes[1:, :-1] + nodes[:-1, 1:] + nodes[1:, 1:]
    pieces = [_whole(count == 4), _cut(padded, np.argwhere((count > 0) & (count < 4)))]
    return np.concatenate(pieces) - 0.5


def _whole(full: NDArray[np.bool_]) -> Array:
    """Cells that are opaque all over: two triangles for each run of them along a row."""
    edge = np.diff(np.pad(full.astype(int), ((0, 0), (1, 1))), axis=1)
    rows, first = np.nonzero(edge == 1)
    _, last = np.nonzero(edge == -1)
    a, b, c, d = (np.stack(at, axis=1) for at in ((first, rows), (last, rows), (last, rows + 1), (first, rows + 1)))
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)]).astype(np.float64)


def _cut(padded: Array, cells: NDArray[np.int64]) -> Array:
    """Cells through which the outline goes: each of their two halves is cut along it."""
    steps = np.array([[(0, 0), (0, 1), (1, 1)], [(0, 0), (1, 1), (1, 0)]])
    node = (cells[:, None, None] + steps).reshape(-1, 3, 2)
    value = padded[node[..., 0], node[..., 1]]
    corner = node[..., ::-1].astype(np.float64)
    inside = value >= OPAQUE
    number = inside.sum(axis=1)
    whole = corner[number == 3]
    one = _rotated(corner, value, inside, number == 1, True)
    two = _rotated(corner, value, inside, number == 2, False)
    a, b, c = (one[0][:, k] for k in range(3))
    ab, ac = _crossing(one, 1), _crossing(one, 2)
    tips = np.stack([a, ab, ac], axis=1)
    a, b, c = (two[0][:, k] for k in range(3))
    ab, ac = _crossing(two, 1), _crossing(two, 2)
    rest = np.concatenate([np.stack([ab, b, c], axis=1), np.stack([ab, c, ac], axis=1)])
    return np.concatenate([whole, tips, rest])


def _rotated(
    corner: Array, value: Array, inside: NDArray[np.bool_], chosen: NDArray[np.bool_], alone: bool
) -> tuple[Array, Array]:
    """The chosen triangles and their values, turned so that the corner that differs from both others comes first."""
    first = np.argmax(inside[chosen] == alone, axis=1)
    order = (first[:, None] + np.arange(3)) % 3
    return np.take_along_axis(corner[chosen], order[..., None], axis=1), np.take_along_axis(
        value[chosen], order, axis=1
    )


def _crossing(triangles: tuple[Array, Array], to: int) -> Array:
    """Where alpha is just opaque between the first corner and another."""
    corner, value = triangles
    share = (OPAQUE - value[:, 0]) / (value[:, to] - value[:, 0])
    return corner[:, 0] + share[:, None] * (corner[:, to] - corner[:, 0])
