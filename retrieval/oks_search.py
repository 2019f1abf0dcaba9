"""The k best by COCO's own, asymmetric OKS: every entry is looked at, on all cores.

    s(q, e) = sum over k of  a[k] c[k] exp(-d[k]^2 / (2 A (2 sigma[k])^2))  /  sum over k of a[k]

The query is the labelled object: a is 1 where it has a keypoint (v > 0), or as certain as its detector was of it; c is
1 where the entry has one. What the entry has besides costs it nothing, which is why the symmetric similarity of
`retrieval.similarity` finds viewpoints more surely.

    coco-oks    both in the frame of their own box, A = 1
    pixel-oks   both in the pixels of their own image, A the area of the query's box: as first published; it finds what
                lies at the same place in its image
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.cores import usable_cores
from retrieval.nearest import Found
from retrieval.options import Similarity
from retrieval.packed import chunks
from retrieval.result import Query
from retrieval.store import Index

FAR = -60.0
"""exp() of less adds nothing that float64 would keep."""


def top_by_oks(index: Index, query: Query, k: int, kind: Similarity, allowed: NDArray[np.bool_] | None = None) -> Found:
    """The min(k, N) best entries, of those that `allowed` (N,) has; equal ones in order of entry."""
    points, weights, factors = _prepared(query, index.schema.sigmas, kind)
    live = index.live if allowed is None else index.live & allowed
    scores = np.empty(len(index))
    jobs = [
        (segment.keypoints[part], segment.bboxes[part], scores[start + part.start : start + part.stop])
        for segment, start in zip(index.segments, index.starts, strict=False)
        for part in chunks(len(segment))
    ]
    in_box = kind == "coco-oks"
    with ThreadPoolExecutor(usable_cores()) as pool:
        list(pool.map(lambda job: _score(points, weights, factors, np.asarray(job[0]), np.asarray(job[1]), in_box,
                                         job[2]), jobs))  # fmt: skip
    scores[~live] = -1.0
    count = min(k, int(live.sum()))
    least = np.partition(scores, len(scores) - count)[len(scores) - count] if count else np.inf
    near = np.flatnonzero(scores >= least) if count else np.zeros(0, dtype=np.int64)
    best = near[np.argsort(-scores[near], kind="stable")][:count]
    return Found(best, scores[best], _terms(index, best, points, weights, factors, in_box))


def _prepared(query: Query, sigmas: NDArray, kind: Similarity) -> tuple[NDArray, NDArray, NDArray]:
    """Points (K, 2), weights (K,) that sum to 1, or to 0 without a keypoint, and what d^2 is multiplied by (K,)."""
    keypoints = np.asarray(query.keypoints, dtype=np.float64)
    box = np.asarray(query.bbox, dtype=np.float64)
    area = float(box[2] * box[3])
    weights = (np.isfinite(keypoints).all(axis=1) & (keypoints[:, 2] > 0)).astype(np.float64) * (area > 0)
    if query.keypoint_scores is not None:
        weights *= np.clip(np.nan_to_num(query.keypoint_scores), 0, 1)
    weights /= weights.sum() or 1.0
    points = np.where(weights[:, None] > 0, keypoints[:, :2], 0.0)
    factors = -1.0 / (2.0 * (2.0 * np.asarray(sigmas, dtype=np.float64)) ** 2)
    if kind == "coco-oks":
        return (points - box[:2] - box[2:] / 2) / np.sqrt(area or 1.0), weights, factors
    return points, weights, factors / (area or 1.0)


@njit(cache=True, nogil=True)
def _score(
    points: NDArray,
    weights: NDArray,
    factors: NDArray,
    keypoints: NDArray,
    boxes: NDArray,
    in_box: bool,
    out: NDArray,
) -> None:
    """Scores of entries with keypoints (n, K, 3) and boxes (n, 4) into `out` (n,)."""
    for i in range(len(out)):
        unit = np.sqrt(float(boxes[i, 2]) * float(boxes[i, 3]))
        total = 0.0
        if in_box and not unit > 0.0:
            out[i] = total
            continue
        for k in range(len(weights)):
            if weights[k] == 0.0 or not keypoints[i, k, 2] > 0.0:
                continue
            x, y = float(keypoints[i, k, 0]), float(keypoints[i, k, 1])
            if in_box:
                x = (x - float(boxes[i, 0]) - float(boxes[i, 2]) / 2.0) / unit
                y = (y - float(boxes[i, 1]) - float(boxes[i, 3]) / 2.0) / unit
            exponent = ((x - points[k, 0]) ** 2 + (y - points[k, 1]) ** 2) * factors[k]
            if exponent > FAR:
                total += weights[k] * np.exp(exponent)
        out[i] = total


def _terms(
    index: Index, entries: NDArray, points: NDArray, weights: NDArray, factors: NDArray, in_box: bool
) -> NDArray[np.float64]:
    """What each keypoint adds to the scores of some entries, (n, K)."""
    places = [index.place(int(entry)) for entry in entries]
    shape = (len(places), len(weights))
    theirs = np.array([segment.keypoints[n] for segment, n in places], dtype=np.float64).reshape(*shape, 3)
    boxes = np.array([segment.bboxes[n] for segment, n in places], dtype=np.float64).reshape(-1, 4)
    there = (theirs[:, :, 2] > 0).astype(np.float64)
    placed = theirs[:, :, :2]
    if in_box:
        unit = np.sqrt(boxes[:, 2] * boxes[:, 3])[:, None, None]
        there *= unit[:, :, 0] > 0
        placed = (placed - (boxes[:, :2] + boxes[:, 2:] / 2)[:, None]) / np.where(unit > 0, unit, 1.0)
    squares = ((placed - points) ** 2).sum(axis=2)
    return np.asarray(np.exp(squares * factors) * there * weights)
