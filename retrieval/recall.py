"""What an early stop costs, measured when a segment is written, so that a user can ask for a recall and not for a knob.

A search of tightness t stops where what is left is bounded by less than the k-th score / t. Bounds are seldom met, so
much less is read for few entries lost; how few depends on the data. Here entries of the segment, disturbed as a
detector disturbs them, are searched for exactly and at each tightness.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.seeds import stream_rng
from retrieval.block_search import search_blocks
from retrieval.blocks import Blocks
from retrieval.manifest import RecallPoint
from retrieval.packed import unpack

MEASURED_FROM = 100_000
"""Entries; in fewer an exact search takes a fraction of a millisecond anyway."""
TIGHTNESSES = (0.98, 0.97, 0.96, 0.95, 0.94, 0.93, 0.92, 0.9, 0.88, 0.84, 0.8, 0.75, 0.7)
QUERIES = 200
K = 10
JITTER = 0.03
LOST = 0.15
"""Of queries: deviation of points in the box's frame, and the share of keypoints that are not there."""


def measure_recall(blocks: Blocks, sigmas: NDArray) -> tuple[RecallPoint, ...]:
    """Recall@10 at each of TIGHTNESSES, less one standard error; nothing for a small segment."""
    if len(blocks) < MEASURED_FROM:
        return ()
    queries = list(_queries(blocks))
    exact = [_best(blocks, points, weights, sigmas, 1.0) for points, weights in queries]
    found = []
    for tightness in TIGHTNESSES:
        shares = np.array(
            [
                len(true & _best(blocks, points, weights, sigmas, tightness)) / len(true)
                for true, (points, weights) in zip(exact, queries, strict=True)
            ]
        )
        sure = shares.mean() - shares.std() / np.sqrt(len(shares))
        found.append(RecallPoint(tightness=tightness, recall=float(np.clip(sure, 0, 1))))
    return tuple(found)


def tightness_for(recall: float, measured: Sequence[RecallPoint]) -> float:
    """The least tightness that was measured to find so much; 1, which is exact, where none was."""
    return min((point.tightness for point in measured if point.recall >= recall), default=1.0) if recall < 1 else 1.0


def _queries(blocks: Blocks) -> Iterable[tuple[NDArray, NDArray]]:
    rng = stream_rng(0, len(blocks), "recall")
    theirs = unpack(blocks.packed(rng.choice(len(blocks), QUERIES, replace=False)))
    points = theirs.points + rng.normal(0, JITTER, theirs.points.shape)
    weights = theirs.weights * (rng.random(theirs.weights.shape) >= LOST)
    length = np.linalg.norm(weights, axis=1)
    for number in np.flatnonzero(length):
        yield points[number], weights[number] / length[number]


def _best(blocks: Blocks, points: NDArray, weights: NDArray, sigmas: NDArray, tightness: float) -> set[int]:
    entries, scores, _ = search_blocks(blocks, points, weights, sigmas, K, tightness)
    return set(entries[np.argsort(-scores, kind="stable")[:K]].tolist())
