"""One photo prepared: its pixels, and how its labels move with them."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.background import PLAIN
from pipeline.geometry import readonly
from pipeline.images import Image
from pipeline.prepare_background import cut_out, middle_box
from pipeline.prepare_options import PrepareOptions

PATCH_PX, SEARCH_PX = 7, 21
"""Of non-local means: what is compared, and how far away; OpenCV's own defaults."""
TILES = (8, 8)
BLUR_PX = 1.5
"""Sigma of the unsharp mask's blur."""
Removed = Literal["not asked", "removed", "box kept whole", "left: the box fills the photo"]


@dataclass(frozen=True)
class Placement:
    """Where the pixels of a photo of `before` (width, height) went: x' = scale * x + offset, both (2,).

    The picture they are in now is of width x height pixels.
    """

    before: tuple[int, int]
    scale: NDArray[np.float64]
    offset: NDArray[np.float64]
    width: int
    height: int

    @property
    def moves(self) -> bool:
        """Whether anything lies elsewhere than it did."""
        return bool((self.scale != 1).any() or (self.offset != 0).any())


@dataclass(frozen=True)
class Prepared:
    """The photo as it is now, RGB uint8 (H, W, 3), where its pixels went, and what became of its background."""

    image: Image
    placement: Placement
    background: Removed


def prepare_image(image: Image, boxes: NDArray[np.float64] | None, options: PrepareOptions, seed: int) -> Prepared:
    """A photo after all steps.

    The background is taken away and the bars are added last of all, so that no filter sees their edges.

    Args:
        image: RGB uint8 (H, W, 3).
        boxes: (N, 4) x, y, width, height of its vehicles, in its pixels; None or none: it is in the middle.
        options: the steps.
        seed: for GrabCut.
    """
    height, width = image.shape[:2]
    removed: Removed = "not asked"
    pixels, alpha = image, None
    for step in options.steps:
        scale = np.array([pixels.shape[1] / width, pixels.shape[0] / height])
        match step:
            case "resize":
                pixels = resized(pixels, options.size)
                alpha = None if alpha is None else cv2.resize(alpha, pixels.shape[1::-1], interpolation=cv2.INTER_AREA)
            case "background":
                given = middle_box(width, height) if boxes is None or not len(boxes) else boxes
                cutout = cut_out(pixels, given * np.tile(scale, 2), seed)
                removed = _outcome(cutout.whole_boxes if cutout else None)
                alpha = cutout.alpha if cutout else None
            case "denoise":
                pixels = denoised(pixels, options.denoise)
            case "contrast":
                pixels = contrasted(pixels, options.contrast)
            case "sharpen":
                pixels = sharpened(pixels, options.sharpen)
    fill = PLAIN[options.fill]
    if alpha is not None:
        pixels = np.round(fill + alpha[:, :, None] * (pixels.astype(np.float32) - fill)).astype(np.uint8)
    scale = np.array([pixels.shape[1] / width, pixels.shape[0] / height])
    bars = "resize" in options.steps and options.letterbox
    pixels, offset = letterboxed(pixels, fill) if bars else (pixels, np.zeros(2))
    moved = readonly(scale, (2,), "scale"), readonly(offset, (2,), "offset")
    return Prepared(pixels, Placement((width, height), *moved, *pixels.shape[1::-1]), removed)


def _outcome(whole_boxes: int | None) -> Removed:
    if whole_boxes is None:
        return "left: the box fills the photo"
    return "box kept whole" if whole_boxes else "removed"


def resized(image: Image, size: int) -> Image:
    """The image with a longer side of `size` pixels."""
    height, width = image.shape[:2]
    scale = size / max(height, width)
    if scale == 1:
        return image
    to = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, to, interpolation=method), dtype=np.uint8)


def letterboxed(image: Image, fill: int) -> tuple[Image, NDArray[np.float64]]:
    """The image in the middle of a square, and where its upper left corner is now, (2,)."""
    height, width = image.shape[:2]
    side = max(height, width)
    left, top = (side - width) // 2, (side - height) // 2
    canvas = np.full((side, side, 3), fill, dtype=np.uint8)
    canvas[top : top + height, left : left + width] = image
    return canvas, np.array([left, top], dtype=np.float64)


def denoised(image: Image, strength: float) -> Image:
    """Non-local means on lightness and colour."""
    clean = cv2.fastNlMeansDenoisingColored(image[:, :, ::-1].copy(), None, strength, strength, PATCH_PX, SEARCH_PX)
    return np.ascontiguousarray(clean[:, :, ::-1], dtype=np.uint8)


def contrasted(image: Image, limit: float) -> Image:
    """CLAHE on the lightness alone: colours keep their hue."""
    lab = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2LAB))
    lab[:, :, 0] = cv2.createCLAHE(limit, TILES).apply(lab[:, :, 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), dtype=np.uint8)


def sharpened(image: Image, amount: float) -> Image:
    """The image and a share of what a blur takes from it."""
    blurred = cv2.GaussianBlur(image, (0, 0), BLUR_PX)
    return np.asarray(cv2.addWeighted(image, 1 + amount, blurred, -amount, 0), dtype=np.uint8)
