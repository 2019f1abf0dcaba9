"""A whole vehicle of another training image in front, with its own labels.

Source: Ghiasi et al., "Simple Copy-Paste is a Strong Data Augmentation Method for Instance Segmentation", CVPR 2021:
where it is put is random, and need not be where a vehicle would stand.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from training import affine
from training.augment_scene import MOST_HIDDEN, Scene, cut_out, placed
from training.in_frame import keypoints_in_frame
from training.labelled import Labelled
from training.sources import Sources

LONGEST = (0.3, 0.7)
"""The vehicle's longer side as a share of the frame's."""
MOST_ENLARGED = 1.5
"""Beyond this it would be blurred as nothing else in the frame is."""
LEAST_PX = 24
"""Longer side of a vehicle in its own image that is worth taking."""
BEYOND = 0.03
"""How far outside its outline a keypoint may lie, as a share of the longer side: labels by hand are no more exact."""
IMAGES = 3
"""How many are looked at for a whole vehicle."""
TRIES = 4


def with_vehicle(
    scene: Scene, sources: Sources, flip_index: NDArray[np.int64], rotate_deg: float, rng: np.random.Generator
) -> Scene:
    """The scene with a vehicle of another image wholly in it; as it was where a few images have none that is whole."""
    for _ in range(IMAGES):
        other = sources.other(rng)
        if other is None:
            return scene
        for number in rng.permutation(len(other.objects)).tolist():
            if _is_whole(other, number):
                return _pasted(scene, other, number, flip_index, rotate_deg, rng)
    return scene


def _pasted(
    scene: Scene,
    other: Labelled,
    number: int,
    flip_index: NDArray[np.int64],
    rotate_deg: float,
    rng: np.random.Generator,
) -> Scene:
    region = other.objects[number]
    size = scene.image.shape[0]
    flip = bool(rng.random() < 0.5)
    longer = float((region.outline.max(axis=0) - region.outline.min(axis=0)).max())
    zoom = min(float(rng.uniform(*LONGEST)) * size / longer, MOST_ENLARGED)
    turn = float(rng.uniform(-rotate_deg, rotate_deg))
    matrix = affine.about_centre(0, zoom, turn, (0, 0), flip=flip)
    cut = cut_out(other, region, region.outline, matrix, margin=3)
    if cut is None:
        return scene
    pixels, alpha, start = cut
    room = np.maximum(size - np.array([alpha.shape[1], alpha.shape[0]]), 0)
    layer = None
    for _ in range(TRIES):
        left, top = (int(rng.integers(0, most + 1)) for most in room)
        layer = placed(pixels, alpha, left, top, size)
        if layer is not None and (scene.hidden_by(layer) <= MOST_HIDDEN).all():
            break
    if layer is None:
        return scene
    matrix = affine.compose(np.column_stack([np.eye(2), np.array([left, top]) - start]), matrix)
    order = flip_index if flip else np.arange(len(flip_index))
    keypoints = keypoints_in_frame(other.keypoints[[number]], matrix, size, order)[0]
    moved = np.clip(affine.apply(matrix, region.outline), 0, size)
    return scene.with_object(layer, np.concatenate([moved.min(axis=0), moved.max(axis=0)]), keypoints)


def _is_whole(labelled: Labelled, number: int) -> bool:
    """Whether an object is large enough, does not touch the image's border, and all its keypoints lie on it.

    One with a keypoint beyond the outline of what is seen of it is behind something else.
    """
    outline, keypoints = labelled.objects[number].outline, labelled.keypoints[number]
    low, high = outline.min(axis=0), outline.max(axis=0)
    longer = float((high - low).max())
    if (low < 1).any() or (high > np.array(labelled.image.shape[1::-1]) - 1).any() or longer < LEAST_PX:
        return False
    hull = outline.astype(np.float32)
    points = keypoints[keypoints[:, 2] > 0, :2].tolist()
    return all(cv2.pointPolygonTest(hull, point, True) >= -BEYOND * longer for point in points)
