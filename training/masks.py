"""Where objects are in an image: COCO's segmentations kept as packed as they come, decoded when pixels are needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from pipeline.coco import Instance
from pipeline.segmentation import near_polygons, packed_mask

Mask = NDArray[np.uint8]
FULL = 255
"""What a mask says where the object is; 0 elsewhere, and between them along edges that were resampled."""


@dataclass(frozen=True)
class Region:
    """One object's place.

    Attributes:
        outline: the convex hull (P, 2) of what is seen of it, or its box's corners; pixels of the image.
        segmentation: COCO's RLE or polygons; None where the outline is all that is known.
    """

    outline: NDArray[np.float64]
    segmentation: Any = None


def region_of(instance: Instance, width: int, height: int) -> Region:
    """An instance's region; the segmentation is referred to, not copied."""
    return Region(outline_of(instance, width, height), instance.segmentation)


def crowd_region(instance: Instance) -> Region:
    """A crowd's region: its segmentation, or its box."""
    return Region(_corners(instance), instance.segmentation)


def outline_of(instance: Instance, width: int, height: int) -> NDArray[np.float64]:
    """The convex hull (P, 2) of an instance's segmentation, or its box's corners where it has none."""
    points = _segmentation_points(instance.segmentation, width, height)
    if points is None or len(points) < 3:
        return _corners(instance)
    return np.asarray(cv2.convexHull(points.astype(np.float32))[:, 0], dtype=np.float64)


def decode(regions: Sequence[Region], width: int, height: int) -> Mask:
    """The union of regions as a mask (H, W); outlines stand in for segmentations that are of no use."""
    packed = [packed_mask(region.segmentation, width, height) for region in regions]
    known = [rle for rle in packed if rle is not None]
    if known:
        drawn = coco_mask.decode(known[0] if len(known) == 1 else coco_mask.merge(known))
        # it comes in columns, and OpenCV turns them into rows several times as fast as numpy
        mask = np.asarray(cv2.transpose(drawn.T), dtype=np.uint8)
        mask *= np.uint8(FULL)
    else:
        mask = np.zeros((height, width), dtype=np.uint8)
    for region, rle in zip(regions, packed, strict=True):
        if rle is None:
            cv2.fillConvexPoly(mask, np.round((region.outline - 0.5) * 16).astype(np.int32), FULL, shift=4)
    return mask


def _corners(instance: Instance) -> NDArray[np.float64]:
    x, y, wide, high = instance.bbox
    return np.array([[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]])


def _segmentation_points(segmentation: Any, width: int, height: int) -> NDArray[np.float64] | None:
    """Points on the border of COCO polygons or of an RLE mask, (P, 2); None where there is neither."""
    if isinstance(segmentation, list):
        usable = near_polygons(segmentation, width, height)
        return np.concatenate([np.reshape(polygon, (-1, 2)) for polygon in usable]) if usable else None
    packed = packed_mask(segmentation, width, height)
    if packed is None:
        return None
    rows, columns = np.nonzero(coco_mask.decode(packed))
    if not len(rows):
        return None
    pixels = np.stack([columns, rows], axis=1)
    corners = np.concatenate([pixels + shift for shift in ((0, 0), (1, 0), (0, 1), (1, 1))])
    return np.asarray(corners, dtype=np.float64)
