"""The loops of the z-buffer, compiled: see `pipeline.raster` and `pipeline.raster_lens` for what they mean.

A triangle is (3, 2) pixels of its corners with (3,) inverse depths. A point on an edge is inside; of equally deep
triangles the last one counts.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def weights_at(corners: NDArray, x: float, y: float) -> tuple[float, float, float]:
    """Barycentric weights of a point; all >= 0 inside."""
    ax, ay = corners[0]
    bx, by = corners[1, 0] - ax, corners[1, 1] - ay
    cx, cy = corners[2, 0] - ax, corners[2, 1] - ay
    px, py = x - ax, y - ay
    area = bx * cy - by * cx
    beta = (px * cy - py * cx) / area
    gamma = (bx * py - by * px) / area
    return 1.0 - beta - gamma, beta, gamma


@njit(cache=True, nogil=True)
def least_and_greatest(a: float, b: float, c: float) -> tuple[float, float]:
    """Of three numbers."""
    return min(a, min(b, c)), max(a, max(b, c))


@njit(cache=True, nogil=True)
def select(
    pixels: NDArray, ahead: NDArray, triangles: NDArray, upper_left: NDArray, lower_right: NDArray
) -> NDArray[np.bool_]:
    """Which triangles (T, 3) of vertices at `pixels` (V, 2) are wholly `ahead` (V,), in the frame, and not edge-on."""
    keep = np.zeros(len(triangles), dtype=np.bool_)
    for t in range(len(triangles)):
        i, j, k = triangles[t]
        if not (ahead[i] and ahead[j] and ahead[k]):
            continue
        left, right = least_and_greatest(pixels[i, 0], pixels[j, 0], pixels[k, 0])
        top, bottom = least_and_greatest(pixels[i, 1], pixels[j, 1], pixels[k, 1])
        if right < upper_left[0] or left > lower_right[0] or bottom < upper_left[1] or top > lower_right[1]:
            continue
        bx, by = pixels[j, 0] - pixels[i, 0], pixels[j, 1] - pixels[i, 1]
        cx, cy = pixels[k, 0] - pixels[i, 0], pixels[k, 1] - pixels[i, 1]
        keep[t] = abs(bx * cy - by * cx) >= 1e-12
    return keep


@njit(cache=True, nogil=True)
def fill(corners: NDArray, inverse_depth: NDArray, nearest: NDArray, winner: NDArray) -> None:
    """Draw triangles (T, 3, 2) into `nearest`, the greatest inverse depth (H, W), and `winner`, whose it is (H, W)."""
    height, width = nearest.shape
    for t in range(len(corners)):
        left, right = least_and_greatest(corners[t, 0, 0], corners[t, 1, 0], corners[t, 2, 0])
        top, bottom = least_and_greatest(corners[t, 0, 1], corners[t, 1, 1], corners[t, 2, 1])
        first_column = int(max(np.ceil(left - 0.5), 0.0))
        last_column = int(min(np.floor(right - 0.5), width - 1.0))
        first_row = int(max(np.ceil(top - 0.5), 0.0))
        last_row = int(min(np.floor(bottom - 0.5), height - 1.0))
        for row in range(first_row, last_row + 1):
            for column in range(first_column, last_column + 1):
                a, b, c = weights_at(corners[t], column + 0.5, row + 0.5)
                if a >= 0 and b >= 0 and c >= 0:
                    inverse = a * inverse_depth[t, 0] + b * inverse_depth[t, 1] + c * inverse_depth[t, 2]
                    if inverse >= nearest[row, column]:
                        nearest[row, column] = inverse
                        winner[row, column] = t


@njit(cache=True, nogil=True)
def under(corners: NDArray, inverse_depth: NDArray, x: float, y: float) -> tuple[NDArray, NDArray]:
    """Inverse depth, and number, of each triangle under a point."""
    depth, number = np.empty(len(corners)), np.empty(len(corners), dtype=np.int64)
    count = 0
    for t in range(len(corners)):
        left, right = least_and_greatest(corners[t, 0, 0], corners[t, 1, 0], corners[t, 2, 0])
        top, bottom = least_and_greatest(corners[t, 0, 1], corners[t, 1, 1], corners[t, 2, 1])
        if left <= x <= right and top <= y <= bottom:
            a, b, c = weights_at(corners[t], x, y)
            if a >= 0 and b >= 0 and c >= 0:
                depth[count] = a * inverse_depth[t, 0] + b * inverse_depth[t, 1] + c * inverse_depth[t, 2]
                number[count] = t
                count += 1
    return depth[:count], number[:count]


@njit(cache=True, nogil=True)
def fill_points(
    corners: NDArray,
    inverse_depth: NDArray,
    points: NDArray,
    order: NDArray,
    start: NDArray,
    origin: NDArray,
    size: NDArray,
    nearest: NDArray,
    winner: NDArray,
) -> None:
    """As `fill`, for points (N, 2) anywhere: `order` sorts them into unit squares, row by row.

    The square in column c and row r, counted from `origin` (2,), holds order[start[n]:start[n + 1]], where n is
    r * size[0] + c.
    """
    columns, rows = size
    for t in range(len(corners)):
        left, right = least_and_greatest(corners[t, 0, 0], corners[t, 1, 0], corners[t, 2, 0])
        top, bottom = least_and_greatest(corners[t, 0, 1], corners[t, 1, 1], corners[t, 2, 1])
        first_column = int(max(np.floor(left - origin[0]), 0.0))
        last_column = int(min(np.floor(right - origin[0]), columns - 1.0))
        first_row = int(max(np.floor(top - origin[1]), 0.0))
        last_row = int(min(np.floor(bottom - origin[1]), rows - 1.0))
        if last_column < first_column:
            continue
        for row in range(first_row, last_row + 1):
            for n in range(start[row * columns + first_column], start[row * columns + last_column + 1]):
                p = order[n]
                a, b, c = weights_at(corners[t], points[p, 0], points[p, 1])
                if a >= 0 and b >= 0 and c >= 0:
                    inverse = a * inverse_depth[t, 0] + b * inverse_depth[t, 1] + c * inverse_depth[t, 2]
                    if inverse >= nearest[p]:
                        nearest[p] = inverse
                        winner[p] = t
