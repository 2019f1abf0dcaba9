"""Image and keypoints moved together by one 2x3 matrix: letterbox, flip, zoom, rotation, shift.

Matrices act on COCO pixels: (0, 0) is the outer corner of the top-left pixel, whose centre is (0.5, 0.5). OpenCV
counts from pixel centres, so `warp` shifts by half a pixel on both sides.
"""

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.images import Image

Matrix = NDArray[np.float64]
FILL = 127
"""What lies outside the image: the mean that models take away, so that it reads as nothing."""


def identity() -> Matrix:
    """(2, 3) that leaves everything in place."""
    return np.eye(2, 3)


def compose(second: Matrix, first: Matrix) -> Matrix:
    """The matrix of doing `first`, then `second`."""
    return second[:, :2] @ first + np.column_stack([np.zeros((2, 2)), second[:, 2]])


def invert(matrix: Matrix) -> Matrix:
    """The matrix that undoes one."""
    linear = np.linalg.inv(matrix[:, :2])
    return np.column_stack([linear, -linear @ matrix[:, 2]])


def apply(matrix: Matrix, points: ArrayLike) -> NDArray[np.float64]:
    """Points (..., 2) in pixels, moved."""
    return np.asarray(np.asarray(points, dtype=np.float64) @ matrix[:, :2].T + matrix[:, 2])


def letterbox(width: int, height: int, size: int) -> Matrix:
    """From an image of width x height to the middle of a square of `size`, the longer side filling it."""
    scale = size / max(width, height)
    return np.array([[scale, 0, (size - width * scale) / 2], [0, scale, (size - height * scale) / 2]])


def about_centre(size: float, zoom: float, rotate_deg: float, shift: tuple[float, float], *, flip: bool) -> Matrix:
    """Mirror, zoom and rotate (clockwise as seen) about the middle of a square of `size`, then shift by pixels."""
    turn = np.deg2rad(rotate_deg)
    linear = zoom * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    if flip:
        linear = linear @ np.diag([-1.0, 1.0])
    middle = np.full(2, size / 2)
    return np.column_stack([linear, middle - linear @ middle + np.asarray(shift)])


def warp(image: Image, matrix: Matrix, width: int, height: int, outside: int = FILL) -> Image:
    """`image` (H, W, 3), or a mask (H, W), moved by `matrix` onto a canvas of width x height.

    `outside` is what the canvas shows beyond the image's borders. An image that shrinks to less than half is averaged
    first, a mask never: it has no fine detail.
    """
    if image.ndim == 3:
        image, bigger = averaged(image, float(np.sqrt(abs(np.linalg.det(matrix[:, :2])))))
        matrix = matrix if bigger is None else compose(matrix, bigger)
    half = np.full(2, 0.5)
    centred = np.column_stack([matrix[:, :2], matrix[:, :2] @ half + matrix[:, 2] - half])
    moved = cv2.warpAffine(
        image,
        centred,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(outside,) * 3,
    )
    return np.asarray(moved, dtype=np.uint8)


def averaged(image: Image, scale: float) -> tuple[Image, Matrix | None]:
    """An image that will shrink by `scale`, averaged down if that is to less than half: fine detail would alias.

    Returns:
        The image, and the matrix from its pixels to those of the image that was given; None if nothing was done.
    """
    if scale >= 0.5:
        return image, None
    small = (max(1, round(image.shape[1] * scale * 1.5)), max(1, round(image.shape[0] * scale * 1.5)))
    factor = np.array([image.shape[1] / small[0], image.shape[0] / small[1]])
    reduced = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return reduced, np.array([[factor[0], 0, 0], [0, factor[1], 0]])
