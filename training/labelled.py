"""A training image with its objects, before and after it became a model's square input."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.images import Image
from training.masks import Region


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


@dataclass(frozen=True)
class Sample:
    """A model's input: image (S, S, 3), boxes (N, 4) x0, y0, x1, y1 and keypoints (N, K, 3) in its pixels."""

    image: Image
    boxes: NDArray[np.float64]
    keypoints: NDArray[np.float64]
