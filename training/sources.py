"""What an item's augmentation draws from: named random streams, other training images, folders of pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from pipeline.images import Image, find_images, read_image
from training.labelled import Labelled

PICTURES_MB = 256
"""Pictures of a folder that are kept decoded, at most."""


class Pictures:
    """A folder of unlabelled pictures; each is read when first picked, reduced, and kept while there is room."""

    def __init__(self, folder: Path, longest_px: int, room_mb: int = PICTURES_MB):
        """Look the files up.

        Raises:
            ImageError: there is no such folder, or it holds no image.
        """
        self._files = find_images([folder])
        self._longest_px = longest_px
        self._room = min(room_mb, PICTURES_MB) * 2**20
        self._kept: dict[Path, Image] = {}

    def pick(self, rng: np.random.Generator) -> Image:
        """One of them, RGB uint8 (H, W, 3), its longer side at most `longest_px`.

        Raises:
            ImageError: it cannot be read.
        """
        file = self._files[int(rng.integers(len(self._files)))]
        if file not in self._kept:
            picture = self._reduced(read_image(file))
            if picture.nbytes > self._room:
                return picture
            self._room -= picture.nbytes
            self._kept[file] = picture
        return self._kept[file]

    def _reduced(self, picture: Image) -> Image:
        scale = self._longest_px / max(picture.shape[:2])
        if scale >= 1:
            return picture
        wide, high = (max(1, round(side * scale)) for side in picture.shape[1::-1])
        return np.asarray(cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _no_other(rng: np.random.Generator) -> Labelled | None:
    return None


@dataclass(frozen=True)
class Sources:
    """All that an item's augmentation may draw from.

    Attributes:
        stream: a generator for each name, new at every call; the item's seed, epoch and index are in it already.
        other: another training image than the item's; None if it is the only one.
        backgrounds: what may be put behind the vehicles, beside training images.
        styles: what may lend its colours, instead of training images.
    """

    stream: Callable[[str], np.random.Generator]
    other: Callable[[np.random.Generator], Labelled | None] = _no_other
    backgrounds: Pictures | None = None
    styles: Pictures | None = None
