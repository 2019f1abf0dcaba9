"""How far keypoints are off as a share of the object's size (PCK), and how often they land on their mirror twin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.coco import CocoDataset, Instance
from pipeline.keypoints import KeypointSchema
from training.predict import Detection

LEVELS = ("0.05", "0.1")
MIN_IOU = 0.5
FRONT_TO_BACK = (("FL", "RL"), ("FR", "RR"), ("FRONT", "REAR"))
"""Last parts of names that tell front from back in our schemas."""


@dataclass(frozen=True)
class Errors:
    """Distances of matched keypoints.

    Attributes:
        labelled: (M, K) whether object m has keypoint k (v > 0).
        seen: (M, K) whether it is not hidden (v = 2).
        error: (M, K) distance as a share of max(box width, height); inf where the object was not found.
        truth, guess: (M, K, 2) in the same share.
    """

    labelled: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    error: NDArray[np.float64]
    truth: NDArray[np.float64]
    guess: NDArray[np.float64]


@dataclass(frozen=True)
class Pck:
    """Share of labelled keypoints within 0.05 and 0.1 of the object's size; nan where none is labelled."""

    overall: dict[str, float]
    seen: dict[str, float]
    hidden: dict[str, float]
    per_keypoint: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Swaps:
    """Share of keypoints with a left-right or front-back twin that were set on the twin; nan without such keypoints."""

    rate: float
    left_right: float
    front_back: float


def match_errors(
    dataset: CocoDataset, predictions: Mapping[int, Sequence[Detection]], schema: KeypointSchema
) -> Errors:
    """Each labelled object with its detection: in order of score, each takes the free object of greatest IoU >= 0.5."""
    pairs: list[tuple[Instance, Detection | None]] = []
    for image in dataset.images:
        objects = [one for one in image.instances if not one.iscrowd and (one.keypoints[:, 2] > 0).any()]
        pairs += zip(objects, _assign(objects, predictions.get(image.id, ())), strict=True)
    count = len(schema)
    truth = np.array([one.keypoints[:, :2] for one, _ in pairs]).reshape(-1, count, 2)
    v = np.array([one.keypoints[:, 2] for one, _ in pairs]).reshape(-1, count)
    missed = np.full((count, 2), np.inf)
    guess = np.array([d.keypoints[:, :2] if d else missed for _, d in pairs]).reshape(-1, count, 2)
    size = np.array([max(one.bbox[2], one.bbox[3], 1e-9) for one, _ in pairs]).reshape(-1, 1, 1)
    truth, guess = truth / size, guess / size
    error = np.linalg.norm(guess - truth, axis=2)
    return Errors(v > 0, v >= 2, error, truth, guess)


def score_pck(errors: Errors, schema: KeypointSchema) -> Pck:
    """An object that was not found counts as wrong in all its keypoints."""
    each = {
        name: {**_shares(errors.error[:, k][errors.labelled[:, k]]), "n": int(errors.labelled[:, k].sum())}
        for k, name in enumerate(schema.names)
    }
    return Pck(
        overall=_shares(errors.error[errors.labelled]),
        seen=_shares(errors.error[errors.seen]),
        hidden=_shares(errors.error[errors.labelled & ~errors.seen]),
        per_keypoint=each,
    )


def score_swaps(errors: Errors, schema: KeypointSchema) -> Swaps:
    """A keypoint is swapped if it is more than 0.1 off, and nearer to its twin's place than 0.1 and than to its own.

    Counted over found objects, where both are labelled and lie more than 0.1 apart.
    """
    sides = [(int(k), int(j)) for k, j in enumerate(schema.flip_index) if k != j]
    ends = front_back_pairs(schema)
    return Swaps(
        rate=_swapped(errors, [*sides, *ends]), left_right=_swapped(errors, sides), front_back=_swapped(errors, ends)
    )


def front_back_pairs(schema: KeypointSchema) -> list[tuple[int, int]]:
    """(k, twin) of keypoints whose names differ only in front and rear, both ways."""
    there = {name: k for k, name in enumerate(schema.names)}
    pairs = []
    for name, k in there.items():
        stem, _, end = name.rpartition("_")
        for front, rear in FRONT_TO_BACK:
            if end == front and f"{stem}_{rear}" in there:
                twin = there[f"{stem}_{rear}"]
                pairs += [(k, twin), (twin, k)]
    return pairs


def _swapped(errors: Errors, pairs: list[tuple[int, int]]) -> float:
    eligible, swapped = 0, 0
    for k, twin in pairs:
        apart = np.linalg.norm(errors.truth[:, k] - errors.truth[:, twin], axis=1)
        known = errors.labelled[:, k] & errors.labelled[:, twin] & np.isfinite(errors.error[:, k]) & (apart > 0.1)
        to_twin = np.linalg.norm(errors.guess[known, k] - errors.truth[known, twin], axis=1)
        own = errors.error[known, k]
        eligible += int(known.sum())
        swapped += int(((own > 0.1) & (to_twin < 0.1) & (to_twin < own)).sum())
    return swapped / eligible if eligible else float("nan")


def _shares(errors: NDArray[np.float64]) -> dict[str, float]:
    return {level: float((errors <= float(level)).mean()) if errors.size else float("nan") for level in LEVELS}


def _assign(objects: Sequence[Instance], detections: Sequence[Detection]) -> list[Detection | None]:
    given: list[Detection | None] = [None] * len(objects)
    for detection in sorted(detections, key=lambda one: -one.score):
        overlaps = [_iou(one.bbox, detection.bbox) if given[i] is None else 0.0 for i, one in enumerate(objects)]
        if overlaps and max(overlaps) >= MIN_IOU:
            given[int(np.argmax(overlaps))] = detection
    return given


def _iou(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[:2] + a[2:], b[:2] + b[2:])
    shared = float((high - low).clip(0).prod())
    return shared / max(float(a[2] * a[3] + b[2] * b[3]) - shared, 1e-9)
