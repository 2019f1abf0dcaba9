"""From a labelled image to a model's square input: letterbox for prediction, seeded augmentation for training."""

import numpy as np
from numpy.typing import NDArray

from pipeline.images import Image
from training import affine, homography, photometric
from training.augment_aspect import stretch
from training.augment_background import replaced
from training.augment_copy_paste import with_vehicle
from training.augment_fourier import mixed
from training.augment_occlude import occluded
from training.augment_perspective import tilt
from training.augment_scene import Scene
from training.augment_truncate import truncating_crop
from training.config import Augmentation
from training.in_frame import MIN_KEPT, boxes_in_frame, kept_share, keypoints_in_frame
from training.labelled import Labelled, Sample
from training.sources import Sources

TRIES = 5
IN_TURN = ("truncate", "background", "copy_paste", "occlude", "fourier")
"""Fields of `Augmentation` that are the probability of one; items depend on the order, so a new one goes to the end."""


def to_input(labelled: Labelled, size: int) -> Sample:
    """Letterboxed, nothing else changed."""
    height, width = labelled.image.shape[:2]
    order = np.arange(labelled.keypoints.shape[1])
    return _moved(labelled, affine.letterbox(width, height, size), size, order)[0]


def augmented(
    labelled: Labelled, size: int, how: Augmentation, flip_index: NDArray[np.int64], sources: Sources
) -> Sample:
    """Letterboxed, moved, given another background and things in front, recoloured and degraded.

    `flip_index` (K,) says which keypoint each becomes in a mirrored image. Keypoints that leave the frame get v = 0,
    those that something is put in front of v = 1. What `how` leaves out draws nothing: each of the augmentations from
    background to fourier has a stream of its own.
    """
    rng = sources.stream("augment")
    turns = _turns(how, sources)
    matrix, flip = _movement(labelled, size, how, rng, sources)
    if "truncate" in turns:
        matrix = _truncated(labelled, matrix, size, turns["truncate"])
    order = flip_index if flip else np.arange(len(flip_index))
    sample, kept = _moved(labelled, matrix, size, order)
    if "background" in turns:
        image = replaced(sample.image, labelled, matrix, sources, turns["background"])
        sample = Sample(image, sample.boxes, sample.keypoints)
    if "copy_paste" in turns or "occlude" in turns:
        scene = Scene.of(sample, labelled, kept, matrix)
        if "copy_paste" in turns:
            scene = with_vehicle(scene, sources, flip_index, how.rotate_deg, turns["copy_paste"])
        if "occlude" in turns:
            scene = occluded(scene, sources.other(turns["occlude"]), turns["occlude"])
        sample = scene.as_sample()
    image = _styled(sample.image, sources, turns["fourier"]) if "fourier" in turns else sample.image
    image = photometric.change_colors(image, how, rng)
    image = photometric.cut_out(photometric.degrade(image, how, rng), how, rng)
    return Sample(image, sample.boxes, sample.keypoints)


def _turns(how: Augmentation, sources: Sources) -> dict[str, np.random.Generator]:
    """The generators of the augmentations whose turn it is in this item, by name."""
    shares = [getattr(how, name) for name in IN_TURN]
    if not any(shares):
        return {}
    drawn = sources.stream("augment.turns").random(len(shares))
    its_turn = [name for name, share, number in zip(IN_TURN, shares, drawn, strict=True) if number < share]
    return {name: sources.stream(f"augment.{name}") for name in its_turn}


def _movement(
    labelled: Labelled, size: int, how: Augmentation, rng: np.random.Generator, sources: Sources
) -> tuple[homography.Matrix, bool]:
    """From the image's pixels to the frame's, and whether that mirrors; keeps the objects in the frame if it can."""
    height, width = labelled.image.shape[:2]
    base = affine.letterbox(width, height, size)
    if how.aspect != (1, 1):
        base = homography.compose(stretch(how.aspect, size, sources.stream("augment.aspect")), base)
    if how.perspective > 0:
        base = homography.compose(tilt(how.perspective, size, sources.stream("augment.perspective")), base)
    flip = bool(rng.random() < how.flip)
    matrix = base
    for _ in range(TRIES):
        zoom = float(np.exp(rng.uniform(*np.log(how.scale))))
        turn = float(rng.uniform(-how.rotate_deg, how.rotate_deg))
        shift = rng.uniform(-how.translate, how.translate, 2) * size
        moving = affine.about_centre(size, zoom, turn, (shift[0], shift[1]), flip=flip)
        matrix = homography.compose(moving, base)
        if all(kept_share(homography.apply(matrix, outline), size) >= 2 * MIN_KEPT for outline in labelled.outlines):
            break
    return matrix, flip


def _truncated(labelled: Labelled, matrix: homography.Matrix, size: int, rng: np.random.Generator) -> homography.Matrix:
    outlines = tuple(homography.apply(matrix, outline) for outline in labelled.outlines)
    crop = truncating_crop(outlines, size, rng)
    return matrix if crop is None else homography.compose(crop, matrix)


def _moved(
    labelled: Labelled, matrix: homography.Matrix, size: int, order: NDArray[np.int64]
) -> tuple[Sample, list[int]]:
    """The frame, and which objects are still in it."""
    image = homography.warp(labelled.image, matrix, size, size)
    boxes, kept = boxes_in_frame(labelled.outlines, matrix, size)
    return Sample(image, boxes, keypoints_in_frame(labelled.keypoints[kept], matrix, size, order)), kept


def _styled(image: Image, sources: Sources, rng: np.random.Generator) -> Image:
    if sources.styles is not None:
        return mixed(image, sources.styles.pick(rng), rng)
    other = sources.other(rng)
    return image if other is None else mixed(image, other.image, rng)
