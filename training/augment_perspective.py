"""A small tilt of the camera: each corner of the frame moves by a share of its size."""

import cv2
import numpy as np

from training.homography import Matrix


def tilt(strength: float, size: int, rng: np.random.Generator) -> Matrix:
    """(3, 3): the corners of a square of `size` each move by up to `strength` times it, along both axes.

    Below a strength of 0.25 the moved corners make a convex shape, so nothing in the frame lies behind the horizon.
    """
    corners = np.array([[0, 0], [size, 0], [size, size], [0, size]], dtype=np.float32)
    moved = corners + (rng.uniform(-strength, strength, (4, 2)) * size).astype(np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners, moved), dtype=np.float64)
