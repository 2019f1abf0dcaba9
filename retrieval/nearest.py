"""The k most similar entries of an index, exactly."""

import numpy as np
from numpy.typing import NDArray

from retrieval.descriptor import Descriptors
from retrieval.result import Match
from retrieval.similarity import contributions, similarities
from retrieval.store import Index

MARGIN = 1e-5
"""More than float32 can be off (1e-6): what lies this near the k-th score is computed again in float64."""


def nearest(index: Index, query: Descriptors, k: int = 5) -> list[Match]:
    """The k entries most similar to one query, best first; all of them where the index holds fewer.

    Exact: the order is that of the float64 similarities, and equal ones are in order of entry.

    Args:
        index: an opened index.
        query: one descriptor, made with the index's `hidden_weight`.
        k: how many, at least 1.

    Raises:
        ValueError: `k` is below 1, or `query` is not one descriptor of the index's keypoints.
        IndexFileError: an entry found is damaged.
    """
    points, weights, sigmas = query.points[0], query.weights[0], index.schema.sigmas
    entries, scores = top_entries(index, query, k)
    terms = contributions(points, weights, index.points[:, :, entries], index.weights[:, entries], sigmas)
    return [_match(index, i + 1, int(entries[i]), float(scores[i]), terms[i]) for i in range(len(entries))]


def top_entries(
    index: Index, query: Descriptors, k: int, allowed: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Entries, best first, and their similarities, both (min(k, N),); of those that `allowed` (N,) has, if given.

    Raises:
        ValueError: as `nearest`.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1; got {k}")
    if query.points.shape != (1, len(index.schema), 2):
        raise ValueError(f"query must be one descriptor of {len(index.schema)} keypoints; got {query.points.shape}")
    points, weights, sigmas = query.points[0], query.weights[0], index.schema.sigmas
    rough = similarities(points, weights, index.points, index.weights, sigmas)
    if allowed is not None:
        rough[~allowed] = -np.inf
    near = _candidates(rough, k)
    exact = similarities(points, weights, index.points[:, :, near], index.weights[:, near], sigmas, np.float64)
    order = np.lexsort((near, -exact))[:k]
    return near[order], exact[order].astype(np.float64)


def _candidates(rough: NDArray[np.floating], k: int) -> NDArray[np.int64]:
    """Every entry that may be among the k best, in order of entry; `rough` is off by less than MARGIN / 2."""
    kth = np.partition(rough, len(rough) - k)[len(rough) - k] if k < len(rough) else -np.inf
    return np.flatnonzero(np.isfinite(rough) & (rough >= kth - MARGIN))


def _match(index: Index, rank: int, entry: int, score: float, terms: NDArray[np.float64]) -> Match:
    image = index.image(entry)
    shared = {name: float(term) for name, term in zip(index.schema.names, terms, strict=True) if term > 0}
    return Match(
        rank=rank,
        entry=entry,
        path=index.image_path(image),
        image_id=image.image_id,
        score=min(1.0, score),
        contributions=shared,
        keypoints=index.keypoints[entry],
        bbox=index.boxes[entry],
        extra=image.extra,
    )
