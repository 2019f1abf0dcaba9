"""Where objects are in an image: COCO's segmentations kept as packed as they come, decoded when pixels are needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from pipeline.coco import Instance

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
    packed = [_packed(region.segmentation, width, height) for region in regions]
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


def _packed(segmentation: Any, width: int, height: int) -> dict[str, Any] | None:
    """A segmentation as compressed run lengths of an image of this size; None where that cannot be."""
    if isinstance(segmentation, list):
        polygons = [polygon.ravel().tolist() for polygon in _polygons(segmentation)]
        return coco_mask.merge(coco_mask.frPyObjects(polygons, height, width)) if polygons else None
    if not isinstance(segmentation, dict) or not {"size", "counts"} <= segmentation.keys():
        return None
    if list(segmentation["size"]) != [height, width]:
        return None
    if isinstance(segmentation["counts"], list):
        return coco_mask.frPyObjects(segmentation, height, width)
    return segmentation


def _polygons(segmentation: list[Any]) -> list[NDArray[np.float64]]:
    """COCO's polygons as points (P, 2), those that are none left out."""
    polygons = [np.asarray(p, dtype=np.float64) for p in segmentation if isinstance(p, list) and len(p) >= 6]
    return [p.reshape(-1, 2) for p in polygons if p.ndim == 1 and p.size % 2 == 0]


def _segmentation_points(segmentation: Any, width: int, height: int) -> NDArray[np.float64] | None:
    """Points on the border of COCO polygons or of an RLE mask, (P, 2); None where there is neither."""
    if isinstance(segmentation, list):
        usable = _polygons(segmentation)
        return np.concatenate(usable) if usable else None
    packed = _packed(segmentation, width, height)
    if packed is None:
        return None
    rows, columns = np.nonzero(coco_mask.decode(packed))
    if not len(rows):
        return None
    pixels = np.stack([columns, rows], axis=1)
    corners = np.concatenate([pixels + shift for shift in ((0, 0), (1, 0), (0, 1), (1, 1))])
    return np.asarray(corners, dtype=np.float64)
