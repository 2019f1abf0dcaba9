"""Does a detector know which keypoints it sees? Its keypoint scores against the labels' seen (v = 2) or not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from training.pck import Errors

BINS = 10


@dataclass(frozen=True)
class Visibility:
    """How well keypoint scores tell seen from not seen; nan where it cannot be told.

    Attributes:
        auroc: chance that a seen keypoint scores above one that is not; ties count half.
        ece: expected calibration error over ten equal bins of 0..1; nan where scores leave 0..1.
        seen, unseen: keypoints counted: of found objects, of those names that the dataset labels anywhere.
    """

    auroc: float
    ece: float
    seen: int
    unseen: int


def score_visibility(errors: Errors) -> Visibility | None:
    """None where the detector gives no keypoint scores.

    A keypoint that no object of the dataset has a label of says nothing of what is seen: it is left out.
    """
    counted = errors.labelled.any(axis=0)[None] & ~np.isnan(errors.confidence)  # nan where it was not found, too
    if not counted.any():
        return None
    confidence, seen = errors.confidence[counted], errors.seen[counted]
    return Visibility(auroc(confidence, seen), calibration_error(confidence, seen), int(seen.sum()), int((~seen).sum()))


def auroc(confidence: NDArray[np.float64], seen: NDArray[np.bool_]) -> float:
    """Area under the ROC curve, (N,) each: Mann and Whitney's U over the number of pairs; nan without both kinds."""
    positives, negatives = int(seen.sum()), int((~seen).sum())
    if not positives or not negatives:
        return float("nan")
    u = rankdata(confidence)[seen].sum() - positives * (positives + 1) / 2
    return float(u / (positives * negatives))


def calibration_error(confidence: NDArray[np.float64], seen: NDArray[np.bool_]) -> float:
    """Mean over keypoints of |mean confidence - share seen| of their bin, (N,) each; nan for what is no probability."""
    if not confidence.size or confidence.min() < 0 or confidence.max() > 1:
        return float("nan")
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)  # 1.0 belongs to the last
    gaps = np.bincount(bins, weights=confidence - seen, minlength=BINS)
    return float(np.abs(gaps).sum() / confidence.size)
