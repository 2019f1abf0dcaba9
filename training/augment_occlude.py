"""Things in front of vehicles: parts cut out of other training vehicles, and textured polygons, posts and boards."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import Image
from training import affine
from training import augment_backdrop as backdrop
from training.augment_scene import Layer, Scene, cut_out, placed
from training.labelled import Labelled
from training.masks import FULL, Mask

MOST_COVERED = 0.6
"""No object loses more of itself to occluders: enough must be left to be found."""
SIDES = (0.2, 0.8)
"""An occluder's width and height as shares of the target's box, each drawn by itself, in its logarithm."""
PART = 0.5
"""How often an occluder is a part of a vehicle, where another training image has one."""
TRIES = 3


def occluded(scene: Scene, other: Labelled | None, rng: np.random.Generator) -> Scene:
    """The scene with one or two occluders, each before an object; as it was where there is none."""
    for _ in range(int(rng.integers(1, 3))):
        for _ in range(TRIES if len(scene.boxes) else 0):
            layer = _occluder(scene.boxes[int(rng.integers(len(scene.boxes)))], scene.image.shape[0], other, rng)
            if layer is not None and (scene.hidden_by(layer) <= MOST_COVERED).all():
                scene = scene.behind(layer)
                break
    return scene


def _occluder(box: NDArray[np.float64], size: int, other: Labelled | None, rng: np.random.Generator) -> Layer | None:
    """Something somewhere before a box."""
    sides = np.maximum((box[2:] - box[:2]) * np.exp(rng.uniform(np.log(SIDES[0]), np.log(SIDES[1]), 2)), 3)
    middle = rng.uniform(box[:2], box[2:])
    made = _part(other, sides, rng) if other is not None and rng.random() < PART else None
    pixels, alpha = made if made is not None else _board(other, sides, rng)
    left, top = np.round(middle - np.array(alpha.shape[::-1]) / 2).astype(int).tolist()
    return placed(pixels, alpha, left, top, size)


def _part(other: Labelled, sides: NDArray[np.float64], rng: np.random.Generator) -> tuple[Image, Mask] | None:
    """What a window shows of a vehicle, turned anyhow, of the area that `sides` (2,) make; None where it is empty."""
    if not other.objects:
        return None
    region = other.objects[int(rng.integers(len(other.objects)))]
    low, high = region.outline.min(axis=0), region.outline.max(axis=0)
    extent = (high - low) * rng.uniform(0.3, 0.7, 2)
    start = rng.uniform(low, high - extent)
    window = np.array([start, start + [extent[0], 0], start + extent, start + [0, extent[1]]])
    zoom = float(np.sqrt(sides.prod() / max(float(extent.prod()), 1.0)))
    matrix = affine.about_centre(0, zoom, float(rng.uniform(-180, 180)), (0, 0), flip=False)
    cut = cut_out(other, region, window, matrix, margin=0)
    return None if cut is None else cut[:2]


def _board(other: Labelled | None, sides: NDArray[np.float64], rng: np.random.Generator) -> tuple[Image, Mask]:
    """A rectangle or an irregular polygon of these sides (2,), plain or with a training image's ground, wall or sky."""
    wide, high = (max(3, round(float(side))) for side in sides)
    place = backdrop.free_place(other, rng) if other is not None and rng.random() < 0.5 else None
    pixels = backdrop.plain(wide, high, rng) if place is None else backdrop.crop_of(place, wide, high, rng)
    alpha = np.zeros((high, wide), dtype=np.uint8)
    if rng.random() < 0.3:
        alpha[:] = FULL
        return pixels, alpha
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(4, 9))))
    radius = rng.uniform(0.75, 1.0, len(angles))
    points = (np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius[:, None] + 1) / 2 * [wide, high]
    cv2.fillPoly(alpha, [np.round(points * 16).astype(np.int32)], FULL, cv2.LINE_AA, shift=4)
    return pixels, alpha
