"""Where points lie in triangles of an image: weights of the three corners, all at least 0 inside.

Once for any points, and once for many points in each of many triangles, which is what a z-buffer spends its time on.
Operations and their order are the same in both: so are the weights, to the last bit.
"""

import numpy as np
from numpy.typing import NDArray

Weights = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def barycentric(corners: NDArray, points: NDArray) -> NDArray:
    """Weights (N, 3) of points (N, 2) or (2,) in triangles (N, 3, 2); all >= 0 inside."""
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    offset = points - corners[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    beta = (offset[:, 0] * second[:, 1] - offset[:, 1] * second[:, 0]) / area
    gamma = (first[:, 0] * offset[:, 1] - first[:, 1] * offset[:, 0]) / area
    return np.stack([1.0 - beta - gamma, beta, gamma], axis=-1)


def within(weights: Weights) -> NDArray[np.bool_]:
    """Which points the weights say lie inside."""
    return (weights[0] >= 0) & (weights[1] >= 0) & (weights[2] >= 0)


def weighted(weights: Weights, chosen: NDArray, values: NDArray) -> NDArray[np.float64]:
    """The sum of corner values (M, 3) by the weights of the M points that are chosen of all."""
    one, two, three = (weight[chosen] for weight in weights)
    return np.asarray(one * values[:, 0] + two * values[:, 1] + three * values[:, 2])


def count_up(lengths: NDArray) -> NDArray[np.int64]:
    """0, 1, 2 ... of each length, one after the other."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


class Across:
    """Triangles (N, 3, 2), and what their weights are made of. A run is a row of points across one of them."""

    def __init__(self, corners: NDArray) -> None:
        self._x, self._y = corners[:, 0, 0], corners[:, 0, 1]
        self._first, self._second = (np.ascontiguousarray((corners[:, i] - corners[:, 0]).T) for i in (1, 2))
        self._area = self._first[0] * self._second[1] - self._first[1] * self._second[0]

    def reach(self, triangle: NDArray, y: NDArray, low: NDArray, high: NDArray) -> tuple[NDArray, NDArray]:
        """Of runs at height `y`, over columns from `low` up to `high`: the first that can matter, and the end.

        Half a pixel more than where the triangle's edges cross the row, so that rounding leaves nothing out.
        """
        down, area = y - self._y[triangle], self._area[triangle]
        # beta, gamma and what is left to 1, times the area: each a value at the corner's column, and a slope
        beta = self._second[1][triangle], -down * self._second[0][triangle]
        gamma = -self._first[1][triangle], self._first[0][triangle] * down
        rest = -(beta[0] + gamma[0]), area - beta[1] - gamma[1]
        left, right = np.full(len(triangle), -np.inf), np.full(len(triangle), np.inf)
        for slope, value in (beta, gamma, rest):
            with np.errstate(divide="ignore", invalid="ignore"):
                crossing = -value / slope
            growth = slope * area
            np.fmax(left, crossing, out=left, where=growth > 0)
            np.fmin(right, crossing, out=right, where=growth < 0)
        start = np.clip(np.ceil(left + self._x[triangle] - 1.0), low, high).astype(np.int64)
        end = np.clip(np.floor(right + self._x[triangle]) + 1.0, low, high).astype(np.int64)
        return start, end

    def weights(self, triangle: NDArray, length: NDArray, x: NDArray, y: NDArray) -> Weights:
        """Of points x, y (sum of lengths,): `length` of them in each run, which lies in that triangle."""

        def along(values: NDArray) -> NDArray:
            return np.repeat(values[triangle], length)

        right, down, area = x - along(self._x), y - along(self._y), along(self._area)
        beta = (right * along(self._second[1]) - down * along(self._second[0])) / area
        gamma = (along(self._first[0]) * down - along(self._first[1]) * right) / area
        return 1.0 - beta - gamma, beta, gamma
