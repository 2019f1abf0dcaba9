"""The loops that put like entries side by side, compiled: which coordinate parts them best, and parting them by it."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def widest(points: NDArray, weights: NDArray, members: NDArray, step: int, presence: float) -> int:
    """The coordinate in which members differ most: 3 k + 0 for x of keypoint k, + 1 for y, + 2 for its weight.

    Args:
        points: (N, K, 2) int16.
        weights: (N, K) uint8.
        members: (n,) entries.
        step: look at every so many of them.
        presence: what a weight's variance counts against a coordinate's, in square steps for a weight of FULL.
    """
    best, where = -1.0, 0
    for k in range(weights.shape[1]):
        mass = sum_x = sum_y = sum_xx = sum_yy = sum_w = 0.0
        seen = 0
        for i in range(0, len(members), step):
            entry = members[i]
            weight = weights[entry, k] / 254.0
            seen += 1
            if weight > 0:
                x, y, square = float(points[entry, k, 0]), float(points[entry, k, 1]), weight * weight
                mass += square
                sum_w += weight
                sum_x += square * x
                sum_y += square * y
                sum_xx += square * x * x
                sum_yy += square * y * y
        if mass > 0:
            spreads = (
                sum_xx - sum_x * sum_x / mass,
                sum_yy - sum_y * sum_y / mass,
                (mass - sum_w * sum_w / seen) * presence,
            )
            for axis in range(3):
                if spreads[axis] > best:
                    best, where = spreads[axis], 3 * k + axis
    return where


@njit(cache=True, nogil=True)
def split(keys: NDArray, members: NDArray, middle: int) -> None:
    """Put the `middle` members of the least keys first: quickselect in three parts, for many keys are equal."""
    low, high = 0, len(keys) - 1
    while low < high:
        a, b, c = keys[low], keys[(low + high) // 2], keys[high]
        pivot = max(min(a, b), min(max(a, b), c))
        less, i, more = low, low, high
        while i <= more:
            if keys[i] < pivot:
                keys[i], keys[less] = keys[less], keys[i]
                members[i], members[less] = members[less], members[i]
                less += 1
                i += 1
            elif keys[i] > pivot:
                keys[i], keys[more] = keys[more], keys[i]
                members[i], members[more] = members[more], members[i]
                more -= 1
            else:
                i += 1
        if middle <= less:
            high = less - 1
        elif middle > more:
            low = more + 1
        else:
            return


@njit(cache=True, nogil=True)
def arrange(points: NDArray, weights: NDArray, members: NDArray, leaf: int, looked_at: int, presence: float) -> None:
    """Order `members` (n,) so that every `leaf` in a row are alike: halved where they differ most, and again.

    Args:
        points, weights, presence: as `widest`.
        members: entries; changed in place.
        leaf: parts begin at multiples of it.
        looked_at: of how many members at most the differences are taken.
    """
    waiting = [(0, len(members))]
    while len(waiting) > 0:
        start, stop = waiting.pop()
        count = stop - start
        if count <= leaf:
            continue
        part = members[start:stop]
        where = widest(points, weights, part, max(1, count // looked_at), presence)
        k, axis = where // 3, where % 3
        keys = np.empty(count, dtype=np.float32)
        total, there = 0.0, 0
        for i in range(count):
            weight = weights[part[i], k]
            keys[i] = np.float32(weight) if axis == 2 else np.float32(points[part[i], k, axis])
            if weight > 0:
                total += keys[i]
                there += 1
        if axis < 2:
            for i in range(count):
                if weights[part[i], k] == 0:
                    keys[i] = np.float32(total / max(there, 1))
        middle = ((count // leaf + 1) // 2) * leaf
        split(keys, part, middle)
        waiting.append((start, start + middle))
        waiting.append((start + middle, stop))
