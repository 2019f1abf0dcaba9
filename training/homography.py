"""Image and keypoints moved together by a 2x3 matrix, or by a 3x3 one where there is perspective; pixels as in affine.

A matrix stays 2x3 for as long as nothing tilts it, so that what needs no perspective takes the faster way.
"""

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from training import affine

Matrix = NDArray[np.float64]
"""(2, 3) affine or (3, 3)."""
Pixels = NDArray[np.uint8]


def compose(second: Matrix, first: Matrix) -> Matrix:
    """The matrix of doing `first`, then `second`; 2x3 if both are."""
    if len(second) == 2 and len(first) == 2:
        return affine.compose(second, first)
    return _square(second) @ _square(first)


def apply(matrix: Matrix, points: ArrayLike) -> NDArray[np.float64]:
    """Points (..., 2) in pixels, moved; those of a 3x3 matrix must lie before its horizon."""
    if len(matrix) == 2:
        return affine.apply(matrix, points)
    moved = np.asarray(points, dtype=np.float64) @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(moved[..., :2] / moved[..., 2:])


def warp(pixels: Pixels, matrix: Matrix, width: int, height: int, outside: int = affine.FILL) -> Pixels:
    """An image (H, W, 3) or mask (H, W) moved onto a canvas of width x height; `outside` is beyond its borders."""
    if len(matrix) == 2:
        return affine.warp(pixels, matrix, width, height, outside)
    if pixels.ndim == 3:
        middle = np.array([pixels.shape[1], pixels.shape[0]]) / 2
        pixels, bigger = affine.averaged(pixels, _scale(matrix, middle))
        matrix = matrix if bigger is None else compose(matrix, bigger)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    centred = np.linalg.inv(half) @ matrix @ half
    moved = cv2.warpPerspective(
        pixels,
        centred,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(outside,) * 3,
    )
    return np.asarray(moved, dtype=np.uint8)


def _scale(matrix: Matrix, at: NDArray[np.float64]) -> float:
    """How much a 3x3 matrix enlarges lengths about a point (2,)."""
    depth = float(matrix[2, :2] @ at + matrix[2, 2])
    return float(np.sqrt(abs(np.linalg.det(matrix) / depth**3)))


def _square(matrix: Matrix) -> Matrix:
    return matrix if len(matrix) == 3 else np.vstack([matrix, [0.0, 0.0, 1.0]])
