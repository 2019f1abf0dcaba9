"""Labelled images for the tests of augmentations: a light board with a coloured disc at each keypoint."""

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from pipeline.seeds import stream_rng
from training.config import Augmentation
from training.labelled import Labelled
from training.masks import Region
from training.sources import Sources

STILL = Augmentation(flip=0, scale=(1, 1), rotate_deg=0, translate=0, color=0, grey=0, degrade=0, cutout=0)
FLIP = np.array([1, 0, 2])
RADIUS = 3


def still(**fields) -> Augmentation:
    """Nothing but these augmentations."""
    return Augmentation.model_validate(STILL.model_dump() | fields)


def sources(seed, *others, **folders) -> Sources:
    """Streams of a seed, and other images to draw from."""

    def other(rng):
        return others[int(rng.integers(len(others)))] if others else None

    return Sources(lambda name: stream_rng(seed, 0, name), other, **folders)


def region(mask) -> Region:
    rle = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    rows, columns = np.nonzero(mask)
    x0, y0, x1, y1 = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    return Region(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=float), rle)


def board(low=(30, 24), high=(150, 84), size=(200, 120), ground=60, face=190, coloured=True) -> Labelled:
    """A board on even ground, with a red, a green and a blue disc (light grey ones if not coloured) off its middle."""
    pixels = np.full((size[1], size[0], 3), ground, dtype=np.uint8)
    pixels[low[1] : high[1], low[0] : high[0]] = face
    extent = np.array(high) - low
    keypoints = np.zeros((1, 3, 3))
    for k, at in enumerate([(0.2, 0.3), (0.8, 0.4), (0.45, 0.75)]):
        x, y = np.floor(np.array(low) + extent * at).astype(int).tolist()
        color = [0, 0, 0] if coloured else [face + 20] * 3
        if coloured:
            color[k] = 255
        cv2.circle(pixels, (x, y), RADIUS, color, -1)
        keypoints[0, k] = x + 0.5, y + 0.5, 2
    mask = np.zeros(pixels.shape[:2], dtype=bool)
    mask[low[1] : high[1], low[0] : high[0]] = True
    return Labelled(pixels, (region(mask),), keypoints)


def disc_at(image, color):
    """Where the disc of this colour is, (2,) in pixels, and how many pixels it has."""
    others = image[:, :, [c for c in range(3) if c != color]].max(axis=2).astype(float)
    strength = (image[:, :, color] - others - 60).clip(0)
    rows, columns = np.indices(strength.shape) + 0.5
    count = np.count_nonzero(strength)
    if not count:
        return None, 0
    return np.array([(columns * strength).sum(), (rows * strength).sum()]) / strength.sum(), count


def lands(image, keypoints, order, margin=6) -> int:
    """How many keypoints (K, 3) well inside the image were found, each at most 1 px from its disc; fails otherwise."""
    size, found = image.shape[0], 0
    for k, (x, y, v) in enumerate(keypoints):
        if v == 0 or not (margin < x < size - margin and margin < y < size - margin):
            continue
        place, _ = disc_at(image, int(order[k]))
        assert place is not None, k
        assert np.hypot(*(place - [x, y])) <= 1, (k, place, x, y)
        found += 1
    return found
