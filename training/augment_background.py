"""Another background behind all vehicles of a frame, crowds included, blended in along their edges."""

import cv2
import numpy as np

from pipeline.images import Image
from training import augment_backdrop as backdrop
from training import homography, masks
from training.labelled import Labelled
from training.masks import Mask
from training.sources import Sources

PLAIN = 0.25
"""How often the background is no picture, but flat, a gradient or noise."""
FEATHER_PX = 0.7
"""Standard deviation of the edges' blur: from nothing to all within 2 px."""
INWARD = 48
"""Of 255: coverage up to this counts as none, so that less of the old surroundings is carried along at the edges."""
_FURTHER_IN = np.clip((np.arange(256) - INWARD) * 255 / (255 - INWARD), 0, 255).astype(np.uint8)


def feathered(mask: Mask) -> Mask:
    """A mask with soft edges, which lie slightly further in."""
    return np.asarray(cv2.LUT(cv2.GaussianBlur(mask, (0, 0), FEATHER_PX), _FURTHER_IN), dtype=np.uint8)


def blend(over: Image, under: Image, alpha: Mask) -> Image:
    """`over` where alpha (H, W) is 255, `under` where it is 0."""
    share = alpha * np.float32(1 / 255)
    return np.asarray(cv2.blendLinear(over, under, share, 1 - share), dtype=np.uint8)


def replaced(
    image: Image, labelled: Labelled, matrix: homography.Matrix, sources: Sources, rng: np.random.Generator
) -> Image:
    """`image` (S, S, 3), which `matrix` made of `labelled`, before another background.

    What lies beyond the borders of the labelled image stays as it is, as it does when a model predicts.
    """
    height, width = labelled.image.shape[:2]
    size = image.shape[0]
    mask = masks.decode([*labelled.objects, *labelled.crowds], width, height)
    kept = homography.warp(mask, matrix, size, size, outside=masks.FULL)
    return blend(image, _behind(size, sources, rng), feathered(kept))


def _behind(size: int, sources: Sources, rng: np.random.Generator) -> Image:
    if rng.random() >= PLAIN:
        if sources.backgrounds is not None:
            return backdrop.crop_of(sources.backgrounds.pick(rng), size, size, rng)
        other = sources.other(rng)
        place = None if other is None else backdrop.free_place(other, rng)
        if place is not None:
            return backdrop.crop_of(place, size, size, rng)
    return backdrop.plain(size, size, rng)
