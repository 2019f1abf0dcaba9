"""The best matches of many queries over one index or several, which are searched as if they were one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import IndexFileError
from retrieval.descriptor import Descriptors, describe
from retrieval.mirror import mirrored
from retrieval.nearest import Found, match_of, top_entries_each
from retrieval.oks_search import top_by_oks
from retrieval.options import Options
from retrieval.result import Match, Query
from retrieval.store import Index


def find(indexes: Sequence[Index], queries: Sequence[Query], options: Options) -> list[tuple[Match, ...]]:
    """Of each query the `options.k` best matches, best first; equal ones in order of index, then of entry.

    Every index gives its own best, with scores that do not depend on where an entry lies; so the best of those are the
    best of all. So it is with mirror images: an entry counts once, by the better of its two scores.

    Raises:
        IndexFileError: the indexes differ in keypoints, sigmas or settings, no image has a value that is asked for, or
            an entry found is damaged.
    """
    require_alike(indexes)
    allowed = _allowed(indexes, options)
    ways = [(False, queries)]
    if options.mirrored:
        ways.append((True, [mirrored(query, indexes[0].schema) for query in queries]))
    found = [
        (number, flipped, search_each(index, asked, options, allowed[number]))
        for number, index in enumerate(indexes)
        for flipped, asked in ways
    ]
    return [
        _merged(indexes, [(number, flipped, each[i]) for number, flipped, each in found], options.k)
        for i in range(len(queries))
    ]


def search_each(
    index: Index, queries: Sequence[Query], options: Options, allowed: NDArray[np.bool_] | None = None
) -> list[Found]:
    """What one index gives for each query, by the similarity and with the recall that is asked for."""
    if options.similarity != "box-oks":
        return [top_by_oks(index, query, options.k, options.similarity, allowed) for query in queries]
    if not queries:
        return []
    descriptors = describe_queries(index, queries)
    return top_entries_each(index, descriptors, options.k, allowed, index.tightness_for(options.recall))


def describe_queries(index: Index, queries: Sequence[Query]) -> Descriptors:
    """What an index compares queries by; uncertain keypoints of a detection weigh less."""
    shape = (len(queries), len(index.schema))
    certain = np.ones(shape)
    for row, query in zip(certain, queries, strict=True):
        if query.keypoint_scores is not None:
            row[:] = query.keypoint_scores
    keypoints = np.array([query.keypoints for query in queries], dtype=np.float64).reshape(*shape, 3)
    boxes = np.array([query.bbox for query in queries], dtype=np.float64).reshape(-1, 4)
    return describe(keypoints, boxes, index.manifest.similarity.hidden_weight, certain)


def require_alike(indexes: Sequence[Index]) -> None:
    """Raise IndexFileError unless scores of all the indexes mean the same."""
    first = indexes[0]
    for other in indexes[1:]:
        other.require_schema(first.schema, str(first.folder))
        if not np.array_equal(other.schema.sigmas, first.schema.sigmas):
            raise IndexFileError(f"{other.folder}: has other sigmas than {first.folder}; their scores cannot be merged")
        if other.manifest.similarity != first.manifest.similarity:
            raise IndexFileError(
                f"{other.folder}: has hidden_weight {other.manifest.similarity.hidden_weight}, {first.folder} "
                f"{first.manifest.similarity.hidden_weight}; their scores cannot be merged"
            )


def _allowed(indexes: Sequence[Index], options: Options) -> list[NDArray[np.bool_] | None]:
    if not options.where:
        return [None] * len(indexes)
    for name, values in options.where.items():
        known = sorted({value for index in indexes for value in index.values(name)})
        for value in values:
            if value not in known:
                listed = ", ".join(known[:12]) or "none"
                folders = ", ".join(str(index.folder) for index in indexes)
                raise IndexFileError(f"{folders}: no image has {name} {value!r}; there are: {listed}")
    return [index.having(options.where) for index in indexes]


def _merged(indexes: Sequence[Index], found: Sequence[tuple[int, bool, Found]], k: int) -> tuple[Match, ...]:
    ranked = sorted(
        (-float(each.scores[rank]), number, int(each.entries[rank]), flipped, rank, place)
        for place, (number, flipped, each) in enumerate(found)
        for rank in range(len(each.entries))
    )
    chosen: list[Match] = []
    seen: set[tuple[int, int]] = set()
    for negative, number, entry, flipped, rank, place in ranked:
        if len(chosen) == k:
            break
        if (number, entry) not in seen:
            seen.add((number, entry))
            terms = found[place][2].terms[rank]
            chosen.append(match_of(indexes[number], len(chosen) + 1, entry, -negative, terms, mirrored=flipped))
    return tuple(chosen)
