"""The vehicle cut out of its photo by GrabCut (Rother, Kolmogorov and Blake 2004), started from boxes."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.images import Image

ITERATIONS = 5
WORKING_SIDE = 320
"""Larger photos are cut out at this longer side: at 512 it takes 2.6 times as long, and bites more out of vehicles."""
CORE = 0.6
"""An ellipse in the middle of each box, of this share of its sides, is vehicle for sure: else glass and shadow go."""
MARGIN = 0.05
"""A box is widened by this share on each side: labels and detectors cut off mirrors, wings and tyres."""
LEAST_BACKGROUND = 0.01
"""Share of the photo outside all boxes that GrabCut learns the background from; with less it is not asked."""
LEAST_VEHICLE, MOST_VEHICLE = 0.35, 0.97
"""Shares of a box between which what is found may be a vehicle; else GrabCut has failed, and the box stays whole."""
LEAST_PIECE = 0.02
"""Share of the largest piece; smaller ones are specks."""
MIDDLE_MARGIN = 0.12
"""Of the box in the middle that stands for a vehicle nobody has marked, on each side, as a share of the photo."""


@dataclass(frozen=True)
class Cutout:
    """What stays of a photo.

    Attributes:
        alpha: (H, W) 0..1, soft over about two pixels along the outline.
        whole_boxes: how many boxes stay whole, for GrabCut found no vehicle in them.
    """

    alpha: NDArray[np.float32]
    whole_boxes: int


def middle_box(width: int, height: int) -> NDArray[np.float64]:
    """(1, 4) x, y, width, height: where people have the vehicle when they photograph one."""
    share = np.array([[MIDDLE_MARGIN, MIDDLE_MARGIN, 1 - 2 * MIDDLE_MARGIN, 1 - 2 * MIDDLE_MARGIN]])
    return share * [width, height, width, height]


def cut_out(image: Image, boxes: ArrayLike, seed: int) -> Cutout | None:
    """The vehicles in `boxes`; None where these leave too little of the photo to learn the background from.

    Args:
        image: RGB uint8 (H, W, 3).
        boxes: (N, 4) x, y, width, height in its pixels, N at least 1.
        seed: of the colour models' first guess.
    """
    height, width = image.shape[:2]
    scale = min(1.0, WORKING_SIDE / max(height, width))
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    work = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA)) if scale < 1 else image
    windows = [_window(box, small) for box in np.asarray(boxes, dtype=np.float64) * scale]
    windows = [window for window in windows if window is not None]
    labels = np.full(work.shape[:2], cv2.GC_BGD, dtype=np.uint8)
    for window in windows:
        labels[window] = cv2.GC_PR_FGD
        _draw_core(labels[window])
    if not windows or (labels == cv2.GC_BGD).mean() < LEAST_BACKGROUND:
        return None
    cv2.setRNGSeed(seed)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    found, _, _ = cv2.grabCut(work[:, :, ::-1].copy(), labels, None, *models, ITERATIONS, cv2.GC_INIT_WITH_MASK)
    mask = _tidied((found == cv2.GC_PR_FGD) | (found == cv2.GC_FGD))
    whole = 0
    for window in windows:
        if not LEAST_VEHICLE <= mask[window].mean() <= MOST_VEHICLE:
            mask[window], whole = 1, whole + 1
    alpha = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)
    if scale < 1:
        alpha = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR)
    return Cutout(np.asarray(alpha, dtype=np.float32).clip(0, 1), whole)


def _window(box: NDArray[np.float64], size: tuple[int, int]) -> tuple[slice, slice] | None:
    """A widened box as rows and columns of a photo of (width, height); None where nothing of it is inside."""
    margin = MARGIN * box[2:]
    low = np.floor(box[:2] - margin).clip(0, size).astype(int)
    high = np.ceil(box[:2] + box[2:] + margin).clip(0, size).astype(int)
    return (slice(low[1], high[1]), slice(low[0], high[0])) if (high > low).all() else None


def _draw_core(labels: NDArray[np.uint8]) -> None:
    """Mark the middle of a box (h, w) as vehicle, in place; each box covers what an earlier one says there."""
    height, width = labels.shape
    axes = (int(width * CORE / 2), int(height * CORE / 2))
    core = cv2.ellipse(np.zeros(labels.shape, np.uint8), (width // 2, height // 2), axes, 0, 0, 360, 1, cv2.FILLED)
    labels[core > 0] = cv2.GC_FGD


def _tidied(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Without specks, and with holes filled: glass is a surface of the vehicle, whatever is seen through it."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    areas = [cv2.contourArea(contour) for contour in contours]
    kept = [c for c, area in zip(contours, areas, strict=True) if area >= LEAST_PIECE * max(areas)]
    return np.asarray(cv2.drawContours(np.zeros(mask.shape, np.uint8), kept, -1, 1, cv2.FILLED), dtype=np.uint8)
