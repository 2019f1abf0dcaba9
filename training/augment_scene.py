"""A frame with what is seen of each object, on which further things are put in front."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.images import Image
from training import homography, masks
from training.augment_background import blend, feathered
from training.in_frame import MIN_KEPT, MIN_SIDE_PX
from training.labelled import Labelled, Sample
from training.masks import Mask

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
        whole: (N,) pixels that each had before anything was put in front of it.
    """

    image: Image
    boxes: NDArray[np.float64]
    keypoints: NDArray[np.float64]
    seen: NDArray[np.bool_]
    whole: NDArray[np.int64]

    @classmethod
    def of(cls, sample: Sample, labelled: Labelled, kept: list[int], matrix: homography.Matrix) -> "Scene":
        """The frame that `matrix` made of `labelled`, with the objects `kept`."""
        size, (height, width) = sample.image.shape[0], labelled.image.shape[:2]
        seen = np.zeros((len(kept), size, size), dtype=np.bool_)
        for row, number in enumerate(kept):
            mask = masks.decode([labelled.objects[number]], width, height)
            seen[row] = homography.warp(mask, matrix, size, size, outside=0) >= OPAQUE
        return cls(sample.image, sample.boxes, sample.keypoints, seen, _counts(seen))

    def as_sample(self) -> Sample:
        """Without the masks."""
        return Sample(self.image, self.boxes, self.keypoints)

    def hidden_by(self, layer: Layer) -> NDArray[np.float64]:
        """The share (N,) of each object that would be hidden with this layer in front too."""
        over = self.seen[:, *layer.window] & (layer.alpha >= OPAQUE)
        return 1 - (_counts(self.seen) - _counts(over)) / np.maximum(self.whole, 1)

    def behind(self, layer: Layer) -> "Scene":
        """The scene with a layer in front: what it covers is hidden, and objects it leaves too little of are gone."""
        hidden = self.hidden_by(layer)
        rows, columns = layer.window
        solid = layer.alpha >= OPAQUE
        image, seen = self.image.copy(), self.seen.copy()
        image[rows, columns] = blend(layer.pixels, np.ascontiguousarray(image[rows, columns]), layer.alpha)
        seen[:, rows, columns] &= ~solid
        boxes = np.array([_shrunk(*one) for one in zip(self.boxes, self.seen, seen, strict=True)]).reshape(-1, 4)
        stays = (hidden <= MOST_HIDDEN) & (boxes[:, 2:] - boxes[:, :2] >= MIN_SIDE_PX).all(axis=1)
        keypoints = _hidden(self.keypoints, layer, solid)
        return Scene(image, boxes[stays], keypoints[stays], seen[stays], self.whole[stays])

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
            whole=np.concatenate([scene.whole, _counts(own)]),
        )


def cut_out(
    labelled: Labelled, mask: Mask, corners: NDArray[np.float64], matrix: homography.Matrix
) -> tuple[Image, Mask, NDArray[np.int64]] | None:
    """A part of an image, moved.

    Args:
        labelled: the image.
        mask: (H, W) what of it is taken.
        corners: (P, 2) around what is taken, in pixels of the image.
        matrix: (2, 3) to where it goes.

    Returns:
        Pixels (h, w, 3), alpha (h, w) with feathered edges, and where their top left corner (2,) goes; None where it
        has no pixels.
    """
    height, width = mask.shape
    limit = np.array([width, height])
    low = np.clip(np.floor(corners.min(axis=0)).astype(int) - 3, 0, limit)
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 3, 0, limit)
    moved = homography.apply(matrix, corners)
    start = np.floor(moved.min(axis=0)).astype(np.int64) - 2
    wide, high_px = (np.ceil(moved.max(axis=0)).astype(int) + 2 - start).tolist()
    if (high - low < 1).any() or wide < 1 or high_px < 1:
        return None
    part = slice(low[1], high[1]), slice(low[0], high[0])
    shift = np.column_stack([np.eye(2), low])
    onto = homography.compose(np.column_stack([np.eye(2), -start]), homography.compose(matrix, shift))
    pixels = homography.warp(np.ascontiguousarray(labelled.image[part]), onto, wide, high_px)
    alpha = homography.warp(np.ascontiguousarray(mask[part]), onto, wide, high_px, outside=0)
    return pixels, feathered(alpha), start


def placed(pixels: Image, alpha: Mask, left: int, top: int, size: int) -> Layer | None:
    """A layer of what of these pixels lies in a frame of `size`, their corner at left, top; None for nothing."""
    height, width = alpha.shape
    x0, y0, x1, y1 = max(0, -left), max(0, -top), min(width, size - left), min(height, size - top)
    if x0 >= x1 or y0 >= y1:
        return None
    part = slice(y0, y1), slice(x0, x1)
    return Layer(left + x0, top + y0, np.ascontiguousarray(pixels[part]), np.ascontiguousarray(alpha[part]))


def _counts(seen: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.asarray(np.count_nonzero(seen, axis=(1, 2)), dtype=np.int64)


def _shrunk(box: NDArray[np.float64], before: NDArray[np.bool_], after: NDArray[np.bool_]) -> NDArray[np.float64]:
    """A box moved in by as much as the bounds of what is seen; sides where nothing is hidden stay as exact as they were."""
    was, now = _bounds(before), _bounds(after)
    if was is None:
        return box
    return box + (now - was) if now is not None else np.zeros(4)


def _bounds(mask: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """x0, y0, x1, y1 of what is set, (4,)."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])


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
