"""How much boxes overlap, and which belongs to which."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def overlaps(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Intersection over union of boxes (N, 4) with boxes (M, 4), x, y, width, height: (N, M), 0..1."""
    a, b = (np.asarray(boxes, dtype=np.float64).reshape(-1, 4) for boxes in (first, second))
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    shared = (high - low).clip(0).prod(axis=2)
    union = a[:, 2:].prod(axis=1)[:, None] + b[:, 2:].prod(axis=1)[None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def pairs(first: ArrayLike, second: ArrayLike, least: float = 0.5) -> list[tuple[int, int]]:
    """Boxes of the first and of the second that overlap by at least so much, each box once, the best pair first."""
    overlap = overlaps(first, second)
    found: list[tuple[int, int]] = []
    while overlap.size and overlap.max() >= least:
        i, j = (int(n) for n in np.unravel_index(int(overlap.argmax()), overlap.shape))
        found.append((i, j))
        overlap[i], overlap[:, j] = -1, -1
    return found
