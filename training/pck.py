"""How far keypoints are off as a share of the object's size: PCK, and the mean error of the objects that were found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.coco import CocoDataset, ImageRecord, Instance
from pipeline.keypoints import KeypointSchema
from training.predict import Detection
from training.views import view_of

LEVELS = ("0.05", "0.1", "0.2")
MIN_IOU = 0.5


@dataclass(frozen=True)
class Errors:
    """Distances of the keypoints of M labelled objects, each with the detection it was given.

    Attributes:
        image: (M,) position of the object's image in the dataset.
        labelled: (M, K) whether object m has keypoint k (v > 0).
        seen: (M, K) whether it is not hidden (v = 2).
        found: (M,) whether it was given a detection.
        error: (M, K) distance as a share of max(box width, height); inf where the object was not found.
        truth, guess: (M, K, 2) in the same share.
        confidence: (M, K) the detector's keypoint scores; nan where it gives none, or the object was not found.
        view: per object, (view, where that is known from), or None.
    """

    image: NDArray[np.int64]
    labelled: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    found: NDArray[np.bool_]
    error: NDArray[np.float64]
    truth: NDArray[np.float64]
    guess: NDArray[np.float64]
    confidence: NDArray[np.float64]
    view: tuple[tuple[str, str] | None, ...]

    def per_image(self, values: NDArray, images: int) -> NDArray[np.float64]:
        """(images,) sums of what is known per object (M,)."""
        return np.bincount(self.image, weights=values, minlength=images)


@dataclass(frozen=True)
class Pck:
    """Share of labelled keypoints within 0.05, 0.1 and 0.2 of the object's size; nan where none is labelled.

    `counts` are the keypoints of "all", "seen" and "hidden". `per_keypoint` and `per_view` have beside the levels how
    many keypoints there are, "n"; `view_source` says how the views are known, None where none is.
    """

    overall: dict[str, float]
    seen: dict[str, float]
    hidden: dict[str, float]
    counts: dict[str, int]
    per_keypoint: dict[str, dict[str, float]]
    per_view: dict[str, dict[str, float]]
    view_source: str | None


@dataclass(frozen=True)
class MeanError:
    """Mean distance of the labelled keypoints of found objects, as a share of the object's size; misses beside it."""

    mean: float
    keypoints: int
    objects_found: int
    objects_missed: int


def match_errors(
    dataset: CocoDataset, predictions: Mapping[int, Sequence[Detection]], schema: KeypointSchema
) -> Errors:
    """Each labelled object with its detection: in order of score, each takes the free object of greatest IoU >= 0.5."""
    pairs: list[tuple[int, ImageRecord, Instance, Detection | None]] = []
    for number, image in enumerate(dataset.images):
        objects = [one for one in image.instances if not one.iscrowd and (one.keypoints[:, 2] > 0).any()]
        given = _assign(objects, predictions.get(image.id, ()))
        pairs += [(number, image, one, detection) for one, detection in zip(objects, given, strict=True)]
    count = len(schema)
    truth = np.array([one.keypoints[:, :2] for _, _, one, _ in pairs]).reshape(-1, count, 2)
    v = np.array([one.keypoints[:, 2] for _, _, one, _ in pairs]).reshape(-1, count)
    missed, silent = np.full((count, 2), np.inf), np.full(count, np.nan)
    guess = np.array([d.keypoints[:, :2] if d else missed for *_, d in pairs]).reshape(-1, count, 2)
    size = np.array([max(one.bbox[2], one.bbox[3], 1e-9) for _, _, one, _ in pairs]).reshape(-1, 1, 1)
    truth, guess = truth / size, guess / size
    return Errors(
        image=np.array([number for number, *_ in pairs], dtype=np.int64),
        labelled=v > 0,
        seen=v >= 2,
        found=np.array([d is not None for *_, d in pairs], dtype=bool),
        error=np.linalg.norm(guess - truth, axis=2),
        truth=truth,
        guess=guess,
        confidence=np.array([d.keypoint_scores if d else silent for *_, d in pairs]).reshape(-1, count),
        view=tuple(view_of(image, one) for _, image, one, _ in pairs),
    )


def score_pck(errors: Errors, schema: KeypointSchema) -> Pck:
    """An object that was not found counts as wrong in all its keypoints."""
    names = np.array([view[0] if view else "" for view in errors.view], dtype=object)
    views = {name: errors.labelled & (names == name)[:, None] for name in sorted(set(names) - {""})}
    sources = sorted({view[1] for view in errors.view if view})
    hidden = errors.labelled & ~errors.seen
    return Pck(
        overall=_shares(errors.error[errors.labelled]),
        seen=_shares(errors.error[errors.seen]),
        hidden=_shares(errors.error[hidden]),
        counts={
            "all": int(errors.labelled.sum()),
            "seen": int(errors.seen.sum()),
            "hidden": int(hidden.sum()),
        },
        per_keypoint={name: _counted(errors.error[:, k][errors.labelled[:, k]]) for k, name in enumerate(schema.names)},
        per_view={name: _counted(errors.error[which]) for name, which in views.items()},
        view_source=" and ".join(sources) or None,
    )


def score_mean_error(errors: Errors) -> MeanError:
    """The mean over keypoints, not over objects; nan where no object was found."""
    off = errors.error[errors.labelled & errors.found[:, None]]
    found = int(errors.found.sum())
    return MeanError(float(off.mean()) if off.size else float("nan"), off.size, found, len(errors.found) - found)


def _counted(errors: NDArray[np.float64]) -> dict[str, float]:
    return {**_shares(errors), "n": int(errors.size)}


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
