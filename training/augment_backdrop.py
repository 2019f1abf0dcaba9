"""Pixels that show no vehicle: flat, in a gradient, of noise, a crop of a picture, a training image's free place."""

import cv2
import numpy as np

from pipeline.images import Image
from training.labelled import Labelled

LEAST_FREE = 0.2
"""Side of the smallest free place worth taking, as a share of the image's shorter side."""
LEAST_CROP = 0.5
"""Of the largest that fits into the picture."""


def plain(width: int, height: int, rng: np.random.Generator) -> Image:
    """One colour, a gradient between four corners' colours, or noise of several grains, (height, width, 3)."""
    kind = int(rng.integers(3))
    if kind == 0:
        return np.broadcast_to(rng.integers(0, 256, 3, dtype=np.uint8), (height, width, 3)).copy()
    if kind == 1:
        corners = rng.integers(0, 256, (2, 2, 3), dtype=np.uint8)
        wide = cv2.resize(corners, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
        # a resized 2x2 image is level outside its pixels' centres: the slope lies between them
        top, left = height // 2, width // 2
        return np.ascontiguousarray(wide[top : top + height, left : left + width], dtype=np.uint8)
    return _noise(width, height, rng)


def crop_of(picture: Image, width: int, height: int, rng: np.random.Generator) -> Image:
    """A part of a picture, mirrored every other time, as (height, width, 3)."""
    largest = min(picture.shape[1] / width, picture.shape[0] / height)
    scale = largest * rng.uniform(LEAST_CROP, 1.0)
    wide, high = max(1, int(width * scale)), max(1, int(height * scale))
    left, top = (int(rng.integers(0, n - part + 1)) for n, part in zip(picture.shape[1::-1], (wide, high), strict=True))
    crop = picture[top : top + high, left : left + wide]
    how = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    resized = cv2.resize(crop, (width, height), interpolation=how)
    return np.asarray(cv2.flip(resized, 1) if rng.random() < 0.5 else resized, dtype=np.uint8)


def free_place(labelled: Labelled, rng: np.random.Generator) -> Image | None:
    """A square of an image without any of its vehicles, about as large as can be; None where that is small.

    The result is a view into the image.
    """
    height, width = labelled.image.shape[:2]
    reach = labelled.reach
    small = reach.shape[1], reach.shape[0]
    largest = float(reach.max())
    if 2 * largest - 1 < LEAST_FREE * min(small):
        return None
    places = np.argwhere(reach >= max(1.0, 0.7 * largest))
    middle = places[int(rng.integers(len(places)))]
    half = int(reach[*middle]) - 1
    factor = np.array([height / small[1], width / small[0]])
    top, left = np.ceil((middle - half) * factor).astype(int)
    bottom, right = np.floor((middle + half + 1) * factor).astype(int)
    return labelled.image[top:bottom, left:right]


def _noise(width: int, height: int, rng: np.random.Generator) -> Image:
    """Coloured patches with ever finer ones upon them."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    weight = 1.0
    for grain in (3, 9, 27, 81):
        patches = rng.integers(0, 256, (grain, grain, 3), dtype=np.uint8)
        finer = cv2.resize(patches, (width, height), interpolation=cv2.INTER_LINEAR)
        pixels = cv2.addWeighted(pixels, 1 - weight, finer, weight, 0)
        weight = float(rng.uniform(0.1, 0.5))
    return np.asarray(pixels, dtype=np.uint8)
