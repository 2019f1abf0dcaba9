"""From a labelled image to a model's square input: letterbox for prediction, seeded augmentation for training."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.coco import Instance
from pipeline.images import Image
from training import affine, photometric
from training.config import Augmentation

MIN_KEPT = 0.3
"""An object of which less than this share of the area stays in the frame is no object of the image any more."""
MIN_SIDE_PX = 4.0
TRIES = 5


@dataclass(frozen=True)
class Labelled:
    """An image and its objects in pixels of that image.

    Attributes:
        image: RGB uint8 (H, W, 3).
        outlines: per object, the convex hull (P, 2) of what is seen of it, or its box's corners.
        keypoints: (N, K, 3) x, y and v.
    """

    image: Image
    outlines: tuple[NDArray[np.float64], ...]
    keypoints: NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """A model's input: image (S, S, 3), boxes (N, 4) x0, y0, x1, y1 and keypoints (N, K, 3) in its pixels."""

    image: Image
    boxes: NDArray[np.float64]
    keypoints: NDArray[np.float64]


def outline_of(instance: Instance, width: int, height: int) -> NDArray[np.float64]:
    """The convex hull (P, 2) of an instance's segmentation, or its box's corners where it has none."""
    points = _segmentation_points(instance.segmentation, width, height)
    if points is None or len(points) < 3:
        x, y, wide, high = instance.bbox
        return np.array([[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]])
    return np.asarray(cv2.convexHull(points.astype(np.float32))[:, 0], dtype=np.float64)


def to_input(labelled: Labelled, size: int) -> Sample:
    """Letterboxed, nothing else changed."""
    height, width = labelled.image.shape[:2]
    return _moved(labelled, affine.letterbox(width, height, size), size, np.arange(labelled.keypoints.shape[1]))


def augmented(
    labelled: Labelled, size: int, how: Augmentation, flip_index: NDArray[np.int64], rng: np.random.Generator
) -> Sample:
    """Letterboxed, moved, recoloured and degraded, by `rng` alone.

    `flip_index` (K,) says which keypoint each becomes in a mirrored image. Keypoints that leave the frame get v = 0.
    """
    height, width = labelled.image.shape[:2]
    base = affine.letterbox(width, height, size)
    flip = bool(rng.random() < how.flip)
    matrix = base
    for _ in range(TRIES):
        zoom = float(np.exp(rng.uniform(*np.log(how.scale))))
        turn = float(rng.uniform(-how.rotate_deg, how.rotate_deg))
        shift = rng.uniform(-how.translate, how.translate, 2) * size
        matrix = affine.compose(affine.about_centre(size, zoom, turn, (shift[0], shift[1]), flip=flip), base)
        if all(_kept(affine.apply(matrix, outline), size) >= 2 * MIN_KEPT for outline in labelled.outlines):
            break
    order = flip_index if flip else np.arange(len(flip_index))
    sample = _moved(labelled, matrix, size, order)
    image = photometric.change_colors(sample.image, how, rng)
    image = photometric.cut_out(photometric.degrade(image, how, rng), how, rng)
    return Sample(image, sample.boxes, sample.keypoints)


def _moved(labelled: Labelled, matrix: affine.Matrix, size: int, order: NDArray[np.int64]) -> Sample:
    image = affine.warp(labelled.image, matrix, size, size)
    boxes, kept = [], []
    for number, outline in enumerate(labelled.outlines):
        box = _box_in_frame(affine.apply(matrix, outline), size)
        if box is not None:
            boxes.append(box)
            kept.append(number)
    keypoints = labelled.keypoints[kept][:, order].copy()
    keypoints[:, :, :2] = affine.apply(matrix, keypoints[:, :, :2])
    outside = ((keypoints[:, :, :2] < 0) | (keypoints[:, :, :2] >= size)).any(axis=2)
    keypoints[outside | (keypoints[:, :, 2] <= 0)] = 0.0
    return Sample(image, np.array(boxes, dtype=np.float64).reshape(-1, 4), keypoints)


def _box_in_frame(outline: NDArray[np.float64], size: int) -> NDArray[np.float64] | None:
    """The box around the part of a convex outline that lies in the frame; None where little is left of it."""
    share, inside = _clipped(outline, size)
    if share < MIN_KEPT:
        return None
    box = np.concatenate([inside.min(axis=0), inside.max(axis=0)])
    return box if (box[2:] - box[:2] >= MIN_SIDE_PX).all() else None


def _kept(outline: NDArray[np.float64], size: int) -> float:
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


def _segmentation_points(segmentation: object, width: int, height: int) -> NDArray[np.float64] | None:
    """Points on the border of COCO polygons or of an RLE mask, (P, 2); None where there is neither."""
    if isinstance(segmentation, list):
        polygons = [np.asarray(p, dtype=np.float64) for p in segmentation if isinstance(p, list) and len(p) >= 6]
        usable = [p.reshape(-1, 2) for p in polygons if p.ndim == 1 and p.size % 2 == 0]
        return np.concatenate(usable) if usable else None
    if isinstance(segmentation, dict) and {"size", "counts"} <= segmentation.keys():
        return _mask_points(segmentation, width, height)
    return None


def _mask_points(rle: dict[str, object], width: int, height: int) -> NDArray[np.float64] | None:
    from pycocotools import mask as coco_mask

    if rle["size"] != [height, width]:
        return None
    packed = coco_mask.frPyObjects(rle, height, width) if isinstance(rle["counts"], list) else rle
    rows, columns = np.nonzero(coco_mask.decode(packed))
    if not len(rows):
        return None
    pixels = np.stack([columns, rows], axis=1)
    corners = np.concatenate([pixels + shift for shift in ((0, 0), (1, 0), (0, 1), (1, 1))])
    hull = cv2.convexHull(corners.astype(np.float32))
    return np.asarray(hull[:, 0], dtype=np.float64)
