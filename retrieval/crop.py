"""A vehicle cut out of its picture, so that small ones are compared at the size of large ones."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import Image

MARGIN = 0.3
"""What is shown around an instance's box, as a share of its longer side."""


def window(shape: tuple[int, ...], bbox: NDArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Corners (2,) x, y of what is shown around a box of a picture (H, W, ...): the whole, where that is nothing."""
    box = np.asarray(bbox, dtype=np.float64)
    size = np.array(shape[1::-1])
    grown = MARGIN * float(box[2:].max())
    low = np.floor((box[:2] - grown).clip(0)).astype(np.int64)
    high = np.ceil(np.minimum(box[:2] + box[2:] + grown, size)).astype(np.int64)
    if (high - low < 2).any():
        return np.zeros(2, np.int64), size.astype(np.int64)
    return low, high


def cut_out(pixels: Image, bbox: NDArray, side: int) -> tuple[Image, NDArray[np.int64], float]:
    """The window around a box, its longer side `side` pixels; its corner in the picture, and how much it was scaled."""
    low, high = window(pixels.shape, bbox)
    part = pixels[low[1] : high[1], low[0] : high[0]]
    scale = side / max(part.shape[:2])
    size = tuple(max(1, round(scale * n)) for n in part.shape[1::-1])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.ascontiguousarray(cv2.resize(part, size, interpolation=method), dtype=np.uint8), low, scale
