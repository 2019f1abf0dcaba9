"""Pose coverage: how alike the most alike image is that the detector learned from, for photos and for held-out renders.

Needs no labels of photos: keypoints are the detector's own on both sides. Where it errs on photos the similarity falls
too, so a low one says "a pose or a mistake that the dataset has nothing like".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.keypoints import KeypointSchema
from retrieval.descriptor import Descriptors, describe
from retrieval.differences import LEVELS, rank_test, share_interval
from retrieval.shift_images import Pictures
from retrieval.shift_measure import Measured
from retrieval.shift_parts import CoverageRecord, MatchRecord
from retrieval.similarity import similarities

BINS = 20
COVERED = 0.05
"""The quantile of held-out images below which a photo counts as not covered."""
SHOWN = 12


@dataclass(frozen=True)
class Reference:
    """Labelled instances that queries are compared with, and the image (position) that each is of."""

    descriptors: Descriptors
    image: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.image)


def reference_of(pictures: Pictures, schema: KeypointSchema) -> Reference:
    """Every labelled instance of a dataset."""
    images = pictures.dataset.images if pictures.dataset else ()
    each = [(i, one) for i, image in enumerate(images) for one in image.instances if not one.iscrowd]
    points = np.array([one.keypoints for _, one in each]).reshape(-1, len(schema), 3)
    boxes = np.array([one.bbox for _, one in each]).reshape(-1, 4)
    return Reference(describe(points, boxes), np.array([i for i, _ in each], dtype=np.int64))


def described(measured: Measured, schema: KeypointSchema) -> Descriptors:
    """The best detection of each image in which something was found, in order."""
    best = [measured.detections[i][0] for i in np.flatnonzero(measured.found)]
    shape = (-1, len(schema))
    return describe(
        np.array([one.keypoints for one in best]).reshape(*shape, 3),
        np.array([one.bbox for one in best]).reshape(-1, 4),
        keypoint_scores=np.array([one.keypoint_scores for one in best]).reshape(shape),
    )


def each_similarity(queries: Descriptors, entries: Descriptors, sigmas: NDArray) -> Iterator[NDArray[np.floating]]:
    """Of each query its similarity with every entry, (N,), one query at a time: together they may not fit in memory."""
    points, weights = np.ascontiguousarray(entries.points.transpose(1, 2, 0)), np.ascontiguousarray(entries.weights.T)
    for number in range(len(queries)):
        yield similarities(queries.points[number], queries.weights[number], points, weights, sigmas)


def best_matches(
    measured: Measured, reference: Reference, schema: KeypointSchema
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Best similarity (N,) and the image it is with (N,); 0 and -1 where nothing was found."""
    best, image = np.zeros(len(measured.found)), np.full(len(measured.found), -1, dtype=np.int64)
    rows = np.flatnonzero(measured.found)
    every = each_similarity(described(measured, schema), reference.descriptors, schema.sigmas)
    for row, scores in zip(rows, every, strict=True):
        if len(scores):
            best[row], image[row] = np.clip(scores.max(), 0, 1), reference.image[scores.argmax()]
    return best, image


def measure_coverage(
    learned: Pictures,
    sets: Sequence[tuple[Pictures, Measured]],
    schema: KeypointSchema,
) -> tuple[CoverageRecord, NDArray[np.float64]]:
    """Of held-out renders and photos (in this order); and the photos' best similarities (N,).

    An image in which nothing was found counts with 0: no image that was learned from is like it.
    """
    reference = reference_of(learned, schema)
    (_, held_measured), (real, real_measured) = sets
    theirs, _ = best_matches(held_measured, reference, schema)
    best, image = best_matches(real_measured, reference, schema)
    below = float(np.quantile(theirs, COVERED))
    missed = best < below
    superiority, p_value = rank_test(best, theirs)
    order = [i for i in np.argsort(best, kind="stable") if image[i] >= 0][:SHOWN]
    record = CoverageRecord(
        reference=len(reference),
        n_synthetic=len(theirs),
        n_real=len(best),
        keypoints="the detector's own, in its own boxes",
        levels=LEVELS,
        synthetic=tuple(map(float, np.quantile(theirs, LEVELS))),
        real=tuple(map(float, np.quantile(best, LEVELS))),
        synthetic_histogram=_histogram(theirs),
        real_histogram=_histogram(best),
        below=below,
        uncovered=float(missed.mean()),
        uncovered_interval=share_interval(missed, real.groups),
        superiority=superiority,
        p_value=p_value,
        worst=tuple(
            MatchRecord(
                photo=str(real.pictures[i].path),
                render=str(learned.pictures[int(image[i])].path),
                value=float(best[i]),
            )
            for i in order
        ),
    )
    return record, best


def _histogram(values: NDArray) -> tuple[float, ...]:
    counts, _ = np.histogram(values, bins=BINS, range=(0, 1))
    return tuple(map(float, counts / max(len(values), 1)))
