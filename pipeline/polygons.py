"""Masks as COCO polygons: the outer contours of their pieces, along the edges of pixels, with few points.

COCO draws an object's polygons over each other, so they have no holes: where something is seen through a mask, or
stands before its middle, the polygon covers it, and the run lengths do not.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

TOLERANCES_PX = (0.75, 0.375)
"""How far simplified contours may lie from the pixels' edges: the first that is good enough, else not at all."""
GOOD_ENOUGH = 0.985
"""IoU of what pycocotools draws with the mask, its holes filled; the other 0.005 up to what is promised are slack."""


def encode_polygons(mask: NDArray[np.bool_]) -> list[list[float]]:
    """COCO's polygons (x, y, x, y ..., pixels from the image's outer corner) of a mask (H, W); none if it is empty."""
    contours, offset = _contours(mask)
    exact = [_flat(contour, offset) for contour in contours]
    if not exact:
        return []
    filled = decode_polygons(exact, *mask.shape)
    for tolerance in TOLERANCES_PX:
        simple = [_flat(_simplified(contour, tolerance), offset) for contour in contours]
        drawn = decode_polygons(simple, *mask.shape)
        if (drawn & filled).sum() >= GOOD_ENOUGH * (drawn | filled).sum():
            return simple
    return exact


def decode_polygons(polygons: list[list[float]], height: int, width: int) -> NDArray[np.bool_]:
    """What pycocotools draws of an object's polygons, (H, W)."""
    drawn: dict[str, Any] = coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))
    return np.asarray(coco_mask.decode(drawn), dtype=bool)


def _contours(mask: NDArray[np.bool_]) -> tuple[list[NDArray[np.int32]], NDArray[np.float64]]:
    """Outer contours (N, 1, 2) in half pixels, and where their 0, 0 lies in the image (2,), pixels."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return [], np.zeros(2)
    part = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.uint8)
    height, width = part.shape
    # every pixel as a square of its middle, edges and corners: OpenCV's contours run through middles, ours on edges
    squares = np.zeros((2 * height + 1, 2 * width + 1), dtype=np.uint8)
    for down in range(3):
        for right in range(3):
            squares[down : down + 2 * height : 2, right : right + 2 * width : 2] |= part
    contours, _ = cv2.findContours(squares, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return list(contours), np.array([columns[0], rows[0]], dtype=np.float64)


def _simplified(contour: NDArray[np.int32], tolerance_px: float) -> NDArray[np.int32]:
    """The contour with fewer points, or as it is where too few for a polygon would be left."""
    simple = cv2.approxPolyDP(contour, 2.0 * tolerance_px, closed=True)
    return np.asarray(simple if len(simple) >= 4 else contour)


def _flat(contour: NDArray[np.int32], offset: NDArray[np.float64]) -> list[float]:
    return [float(v) for v in (contour[:, 0] / 2.0 + offset).ravel()]
