"""A frame with what is seen of each object, on which further things are put in front."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import Image
from training import affine, homography, masks
from training.augment_background import blend, feathered
from training.in_frame import MIN_KEPT, MIN_SIDE_PX
from training.labelled import Labelled, Sample
from training.masks import Mask, Region

MOST_HIDDEN = 1 - MIN_KEPT
"""An object of which more than this share is hidden by what was put before it is dropped, as one that left is."""
OPAQUE = 128


@dataclass(frozen=True)
class Layer:
    """Something to be put in front: pixels (h, w, 3) and alpha (h, w), its top left corner in the frame's pixels."""

    left: int
    top: int
    pixels: Image
    alpha: Mask

    @property
    def window(self) -> tuple[slice, slice]:
        """Its rows and columns in the frame."""
        height, width = self.alpha.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


@dataclass(frozen=True)
class Scene:
    """A frame of (S, S, 3) with N objects.

    Attributes:
        boxes: (N, 4) x0, y0, x1, y1 around what is seen.
        keypoints: (N, K, 3).
        seen: (N, S, S) what is seen of each.
        left: (N,) how many pixels these are.
        whole: (N,) how many there were before anything was put in front.
    """

    image: Image
    boxes: NDArray[np.float64]
    keypoints: NDArray[np.float64]
    seen: NDArray[np.bool_]
    left: NDArray[np.int64]
    whole: NDArray[np.int64]

    @classmethod
    def of(cls, sample: Sample, labelled: Labelled, kept: list[int], matrix: homography.Matrix) -> "Scene":
        """The frame that `matrix` made of `labelled`, with the objects `kept`."""
        size, (height, width) = sample.image.shape[0], labelled.image.shape[:2]
        seen = np.zeros((len(kept), size, size), dtype=np.bool_)
        for row, number in enumerate(kept):
            mask = masks.decode([labelled.objects[number]], width, height)
            seen[row] = homography.warp(mask, matrix, size, size, outside=0) >= OPAQUE
        pixels = _counts(seen)
        return cls(sample.image, sample.boxes, sample.keypoints, seen, pixels, pixels)

    def as_sample(self) -> Sample:
        """Without the masks."""
        return Sample(self.image, self.boxes, self.keypoints)

    def hidden_by(self, layer: Layer) -> NDArray[np.float64]:
        """The share (N,) of each object that would be hidden with this layer in front too."""
        over = self.seen[:, *layer.window] & (layer.alpha >= OPAQUE)
        return 1 - (self.left - _counts(over)) / np.maximum(self.whole, 1)

    def behind(self, layer: Layer) -> "Scene":
        """The scene with a layer in front: what it covers is hidden, and objects it leaves too little of are gone."""
        rows, columns = layer.window
        solid = layer.alpha >= OPAQUE
        image, seen = self.image.copy(), self.seen.copy()
        image[rows, columns] = blend(layer.pixels, np.ascontiguousarray(image[rows, columns]), layer.alpha)
        seen[:, rows, columns] &= ~solid
        moved_in = [_moved_in(before, after) for before, after in zip(self.seen, seen, strict=True)]
        boxes = self.boxes + np.array(moved_in).reshape(-1, 4)
        stays = self.hidden_by(layer) <= MOST_HIDDEN
        stays &= (boxes[:, 2:] - boxes[:, :2] >= MIN_SIDE_PX).all(axis=1)
        keypoints = _hidden(self.keypoints, layer, solid)
        return Scene(image, boxes[stays], keypoints[stays], seen[stays], _counts(seen[stays]), self.whole[stays])

    def with_object(self, layer: Layer, box: NDArray[np.float64], keypoints: NDArray[np.float64]) -> "Scene":
        """The scene with a layer in front that is an object itself: its box (4,) and its keypoints (K, 3)."""
        scene = self.behind(layer)
        own = np.zeros((1, *self.image.shape[:2]), dtype=np.bool_)
        own[0][layer.window] = layer.alpha >= OPAQUE
        return replace(
            scene,
            boxes=np.concatenate([scene.boxes, box[None]]),
            keypoints=np.concatenate([scene.keypoints, keypoints[None]]),
            seen=np.concatenate([scene.seen, own]),
            left=np.concatenate([scene.left, _counts(own)]),
            whole=np.concatenate([scene.whole, _counts(own)]),
        )


def cut_out(
    labelled: Labelled, region: Region, corners: NDArray[np.float64], matrix: affine.Matrix, margin: int
) -> tuple[Image, Mask, NDArray[np.int64]] | None:
    """What an image shows of a region inside the bounds of some points, moved.

    Args:
        labelled: the image.
        region: what of it is taken.
        corners: (P, 2) points in its pixels.
        matrix: (2, 3) to where it goes.
        margin: pixels more of the image on all sides, where the points are those of the region itself.

    Returns:
        Pixels (h, w, 3), alpha (h, w) with feathered edges, and where their top left corner (2,) goes; None where it
        has no pixels.
    """
    height, width = labelled.image.shape[:2]
    limit = np.array([width, height])
    low = np.clip(np.floor(corners.min(axis=0)).astype(int) - margin, 0, limit)
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + margin, 0, limit)
    if (high - low < 1).any():
        return None
    moved = affine.apply(matrix, corners)
    start = np.floor(moved.min(axis=0)).astype(np.int64) - 2
    wide, tall = (np.ceil(moved.max(axis=0)).astype(int) + 2 - start).tolist()
    onto = affine.compose(
        np.column_stack([np.eye(2), -start]), affine.compose(matrix, np.column_stack([np.eye(2), low]))
    )
    part = slice(low[1], high[1]), slice(low[0], high[0])
    mask = masks.decode([region], width, height)
    pixels = affine.warp(labelled.image[part], onto, wide, tall)
    return pixels, feathered(affine.warp(mask[part], onto, wide, tall, outside=0)), start


def placed(pixels: Image, alpha: Mask, left: int, top: int, size: int) -> Layer | None:
    """A layer of what of these pixels lies in a frame of `size`, their corner at left, top; None for nothing."""
    height, width = alpha.shape
    x0, y0, x1, y1 = max(0, -left), max(0, -top), min(width, size - left), min(height, size - top)
    if x0 >= x1 or y0 >= y1:
        return None
    part = slice(y0, y1), slice(x0, x1)
    return Layer(left + x0, top + y0, np.ascontiguousarray(pixels[part]), np.ascontiguousarray(alpha[part]))


def _counts(seen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Pixels of each mask (N, H, W): (N,)."""
    return np.array([cv2.countNonZero(mask.view(np.uint8)) for mask in seen], dtype=np.int64)


def _moved_in(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> NDArray[np.float64]:
    """By how much the bounds x0, y0, x1, y1 of a mask (S, S) moved, (4,).

    Added to a box, sides that lose nothing stay as exact as they were.
    """
    return _bounds(after) - _bounds(before)


def _bounds(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """x0, y0, x1, y1 of what is set, (4,); zeros for nothing."""
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    return np.array([x, y, x + width, y + height], dtype=np.float64)


def _hidden(keypoints: NDArray[np.float64], layer: Layer, solid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Keypoints (N, K, 3); those that were seen and are covered now are hidden."""
    height, width = solid.shape
    column, row = (
        np.floor(keypoints[:, :, 0]).astype(int) - layer.left,
        np.floor(keypoints[:, :, 1]).astype(int) - layer.top,
    )
    within = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    covered = within & solid[np.where(within, row, 0), np.where(within, column, 0)]
    changed = keypoints.copy()
    changed[:, :, 2] = np.where(covered & (keypoints[:, :, 2] == 2), 1, keypoints[:, :, 2])
    return changed
