"""The k most similar entries of an index: branch and bound in float32, the last word in float64."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.cores import usable_cores
from pipeline.errors import IndexFileError
from retrieval.block_search import search_blocks
from retrieval.blocks import Blocks
from retrieval.descriptor import Descriptors
from retrieval.result import Match
from retrieval.similarity import contributions
from retrieval.store import Index

EXACT = 1.0
Tightness = float | Sequence[float]
"""1 is exact; below it, stop when what is left is bounded by less than the k-th score / tightness. One for all
segments, or one for each, as `Index.tightness_for` gives."""


@dataclass(frozen=True)
class Found:
    """Entries of an index, best first.

    Attributes:
        entries: (n,).
        scores: (n,) their similarities.
        terms: (n, K) what each keypoint adds to them.
        read: how many blocks of the index were read.
    """

    entries: NDArray[np.int64]
    scores: NDArray[np.float64]
    terms: NDArray[np.float64]
    read: int = 0


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
    return matches(index, top_entries(index, query, k))


def top_entries(
    index: Index, query: Descriptors, k: int, allowed: NDArray[np.bool_] | None = None, tightness: Tightness = EXACT
) -> Found:
    """The min(k, N) best of the entries that `allowed` (N,) has, if given; removed entries are never found.

    Args:
        index: an opened index.
        query: one descriptor.
        k: how many, at least 1.
        allowed: (N,) which entries may be found.
        tightness: as `Tightness` says.

    Raises:
        ValueError: as `nearest`.
    """
    return top_entries_each(index, query, k, allowed, tightness)[0]


def top_entries_each(
    index: Index, queries: Descriptors, k: int, allowed: NDArray[np.bool_] | None = None, tightness: Tightness = EXACT
) -> list[Found]:
    """`top_entries` of each of many queries, on all cores."""
    if k < 1:
        raise ValueError(f"k must be at least 1; got {k}")
    if queries.points.shape[1:] != (len(index.schema), 2):
        shape = queries.points.shape
        raise ValueError(f"a query must be a descriptor of {len(index.schema)} keypoints; got {shape}")
    parts = _searched(index, allowed)
    stops = [tightness] * len(parts) if isinstance(tightness, (int, float)) else list(tightness)
    numbers = range(len(queries))
    if len(queries) < 2:
        return [_top(index, parts, queries, i, k, stops) for i in numbers]
    with ThreadPoolExecutor(usable_cores()) as pool:
        return list(pool.map(lambda i: _top(index, parts, queries, i, k, stops), numbers))


def _searched(index: Index, allowed: NDArray[np.bool_] | None) -> list[Blocks]:
    if allowed is None:
        return [segment.blocks for segment in index.segments]
    found = []
    for segment, start in zip(index.segments, index.starts, strict=False):
        mine = allowed[start : start + len(segment)]
        found.append(segment.blocks.only(mine if segment.live is None else mine & segment.live))
    return found


def _top(
    index: Index, parts: Sequence[Blocks], queries: Descriptors, number: int, k: int, tightness: Sequence[float]
) -> Found:
    points, weights = queries.points[number], queries.weights[number]
    if weights.any():
        near, read = _candidates(index, parts, points, weights, k, tightness)
    else:
        near, read = _first(index, parts, k), 0
    theirs = index.descriptors(near)
    terms = contributions(points, weights, theirs.points.transpose(1, 2, 0), theirs.weights.T, index.schema.sigmas)
    scores = terms.cumsum(axis=1)[:, -1]  # keypoint by keypoint: sum() adds in another order for one entry than for two
    order = np.lexsort((near, -scores))[:k]
    return Found(near[order], scores[order], terms[order], read)


def _candidates(
    index: Index, parts: Sequence[Blocks], points: NDArray, weights: NDArray, k: int, tightness: Sequence[float]
) -> tuple[NDArray[np.int64], int]:
    """Every entry that may be among the k best, and how many blocks were read."""
    entries, scores, read, floor = [], np.zeros(0, dtype=np.float32), 0, -np.inf
    for blocks, start, stop_at in zip(parts, index.starts, tightness, strict=False):
        if not len(blocks):
            continue
        found, theirs, blocks_read = search_blocks(blocks, points, weights, index.schema.sigmas, k, stop_at, floor)
        blocks.require_entries(found)
        entries.append(found + start)
        scores = np.concatenate([scores, theirs])
        read += blocks_read
        if len(scores) >= k:
            floor = float(np.partition(scores, len(scores) - k)[len(scores) - k])
    return np.concatenate([np.zeros(0, dtype=np.int64), *entries]).astype(np.int64), read


def _first(index: Index, parts: Sequence[Blocks], k: int) -> NDArray[np.int64]:
    """The first k entries that may be found: what a query without keypoints is equally unlike to."""
    for blocks in parts:
        blocks.require_entries(blocks.entries)
    there = [np.sort(blocks.entries[blocks.entries >= 0]) for blocks in parts]
    all_of_them = [entries.astype(np.int64) + start for entries, start in zip(there, index.starts, strict=False)]
    return np.concatenate([np.zeros(0, dtype=np.int64), *all_of_them])[:k]


def matches(index: Index, found: Found) -> list[Match]:
    """What was found, with all that the index knows of it.

    Raises:
        IndexFileError: an entry found is damaged.
    """
    return [
        match_of(index, rank + 1, int(found.entries[rank]), float(found.scores[rank]), found.terms[rank])
        for rank in range(len(found.entries))
    ]


def match_of(
    index: Index, rank: int, entry: int, score: float, terms: NDArray[np.float64], *, mirrored: bool = False
) -> Match:
    """One entry with all that the index knows of it; `terms` (K,) is what each keypoint adds to its score.

    Raises:
        IndexFileError: it is damaged.
    """
    segment, number = index.place(entry)
    image = index.image(entry)
    if not all(np.isfinite(one).all() for one in (segment.keypoints[number], segment.bboxes[number], score)):
        raise IndexFileError(f"{index.folder}: entry {entry} holds numbers that are not finite; make the index again")
    named = zip(index.schema.names, terms, strict=True)
    return Match(
        rank=rank,
        entry=entry,
        path=segment.image_path(image, index.folder),
        image_id=image.image_id,
        score=min(1.0, score),
        contributions={name: float(term) for name, term in named if term > 0},
        keypoints=segment.keypoints[number],
        bbox=segment.bboxes[number],
        extra=image.extra,
        mirrored=mirrored,
        index=index.folder,
    )
