"""What of moved labels is still in the frame: boxes of outlines cut at its border, keypoints that are not outside."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training import homography

MIN_KEPT = 0.3
"""An object of which less than this share of the area stays in the frame is no object of the image any more."""
MIN_SIDE_PX = 4.0


def boxes_in_frame(
    outlines: tuple[NDArray[np.float64], ...], matrix: homography.Matrix, size: int
) -> tuple[NDArray[np.float64], list[int]]:
    """Boxes (N, 4) x0, y0, x1, y1 of the outlines that stay in a square of `size`, and which these are."""
    boxes, kept = [], []
    for number, outline in enumerate(outlines):
        share, inside = _clipped(homography.apply(matrix, outline), size)
        box = np.concatenate([inside.min(axis=0), inside.max(axis=0)])
        if share >= MIN_KEPT and (box[2:] - box[:2] >= MIN_SIDE_PX).all():
            boxes.append(box)
            kept.append(number)
    return np.array(boxes, dtype=np.float64).reshape(-1, 4), kept


def keypoints_in_frame(
    keypoints: NDArray[np.float64], matrix: homography.Matrix, size: int, order: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Keypoints (N, K, 3) moved and renamed by `order` (K,); v = 0 and no place for those that are outside."""
    moved = keypoints[:, order].copy()
    moved[:, :, :2] = homography.apply(matrix, moved[:, :, :2])
    outside = ((moved[:, :, :2] < 0) | (moved[:, :, :2] >= size)).any(axis=2)
    moved[outside | (moved[:, :, 2] <= 0)] = 0.0
    return moved


def kept_share(outline: NDArray[np.float64], size: int) -> float:
    """The share of a convex outline's area that lies in a square of `size`."""
    return _clipped(outline, size)[0]


def _clipped(outline: NDArray[np.float64], size: int) -> tuple[float, NDArray[np.float64]]:
    """The share of a convex outline's area that lies in the frame, and the outline of that part."""
    if (outline >= 0).all() and (outline <= size).all():
        return 1.0, outline
    frame = np.array([[0, 0], [size, 0], [size, size], [0, size]], dtype=np.float32)
    whole = outline.astype(np.float32)
    area, inside = cv2.intersectConvexConvex(whole, frame)
    full = cv2.contourArea(whole)
    if inside is None or area <= 0 or full <= 0:
        return 0.0, np.zeros((1, 2))
    return area / full, np.asarray(inside, dtype=np.float64).reshape(-1, 2)
