"""A training image with its objects, before and after it became a model's square input."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import Image
from training.masks import Region, decode

REACH_PX = 96


@dataclass(frozen=True)
class Labelled:
    """An image and its objects in pixels of that image.

    Attributes:
        image: RGB uint8 (H, W, 3).
        objects: where each is.
        keypoints: (N, K, 3) x, y and v of each.
        crowds: where things are that are vehicles too, but no object to be found.
    """

    image: Image
    objects: tuple[Region, ...]
    keypoints: NDArray[np.float64]
    crowds: tuple[Region, ...] = ()

    @property
    def outlines(self) -> tuple[NDArray[np.float64], ...]:
        """The objects' outlines, each (P, 2)."""
        return tuple(one.outline for one in self.objects)

    @cached_property
    def reach(self) -> NDArray[np.uint8]:
        """Of each pixel of a thumbnail: half the side, its own pixel counted, of the largest square free of vehicles.

        A square of reach r goes r - 1 pixels to each side of its middle, and 0 is a vehicle. The thumbnail's longer
        side is `REACH_PX` at most; it is kept, for it takes far less room than the image.
        """
        height, width = self.image.shape[:2]
        scale = min(1.0, REACH_PX / max(width, height))
        small = max(1, int(width * scale)), max(1, int(height * scale))
        taken = cv2.resize(decode([*self.objects, *self.crowds], width, height), small, interpolation=cv2.INTER_AREA)
        free = np.pad((taken == 0).astype(np.uint8), 1)  # nothing beyond the border is free
        return cv2.distanceTransform(free, cv2.DIST_C, 3)[1:-1, 1:-1].astype(np.uint8)


@dataclass(frozen=True)
class Sample:
    """A model's input: image (S, S, 3), boxes (N, 4) x0, y0, x1, y1 and keypoints (N, K, 3) in its pixels."""

    image: Image
    boxes: NDArray[np.float64]
    keypoints: NDArray[np.float64]
