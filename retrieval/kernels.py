"""The loops of the search, compiled: bounds of many blocks, the entries of a block, the k best.

Everything is float32 and keypoint-major, so that the innermost loop runs over what lies side by side in memory and
becomes vector instructions: the exponential is therefore our own (a polynomial, relative error below 3e-7).

Compiled once per machine and kept on disk (numba's cache), not once per process. Weights are bytes (see
`retrieval.packed`), points int16 steps, `factors` (K,) such that 2 ** (factor * steps ** 2) is a keypoint's term.
"""

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic
from numpy.typing import NDArray

CACHE_LINE = 64
MARGIN = 1e-5
"""More than twice what float32 can be off (1e-6): what lies this near the k-th score is a candidate still."""
FAST = {"contract", "nsz", "nnan"}
"""Multiply and add in one; there are no NaN, but there is infinity: the k-th score while fewer are known."""


@intrinsic
def _float_of_bits(_context, _bits):  # type: ignore[no-untyped-def]
    def bitcast(_target, builder, _signature, values):  # type: ignore[no-untyped-def]
        return builder.bitcast(values[0], ir.FloatType())

    return types.float32(types.int32), bitcast


@intrinsic
def _prefetch(_context, _address):  # type: ignore[no-untyped-def]
    def ask_for(_target, builder, _signature, values):  # type: ignore[no-untyped-def]
        number = ir.IntType(32)
        pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        ask = get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        where = builder.inttoptr(values[0], pointer)
        builder.call(ask, [where, number(0), number(2), number(1)])  # to read, into the second cache, data
        return ir.Constant(number, 0)

    return types.int32(types.int64), ask_for


@njit(inline="always")
def _fetch_ahead(array: NDArray, row: int) -> None:
    """Have one of a C-contiguous array's rows brought from memory while something else is computed."""
    size = array.itemsize
    for length in array.shape[1:]:
        size *= length
    start = array.ctypes.data + row * size
    for offset in range(0, size, CACHE_LINE):
        _prefetch(start + offset)


@njit(inline="always")
def _power_of_two(exponent: np.float32) -> np.float32:
    """2 ** exponent for exponent <= 0; below -125 as at -125."""
    exponent = max(exponent, np.float32(-125.0))
    whole = np.int32(exponent - np.float32(0.5))
    x = exponent - np.float32(whole)
    value = np.float32(1.5403530e-4) * x + np.float32(1.3333558e-3)
    value = value * x + np.float32(9.6181291e-3)
    value = value * x + np.float32(5.5504109e-2)
    value = value * x + np.float32(2.4022651e-1)
    value = value * x + np.float32(6.9314718e-1)
    value = value * x + np.float32(1.0)
    return value * _float_of_bits(np.int32((whole + np.int32(127)) << np.int32(23)))


@njit(cache=True, nogil=True, fastmath=FAST)
def upper_bounds(
    query: NDArray, query_weights: NDArray, factors: NDArray, boxes: NDArray, weights: NDArray, out: NDArray
) -> None:
    """What no entry of a block can exceed, into `out` (n,).

    Of keypoint k no entry lies nearer than the block's box, nor weighs more than its greatest weight m; and as its
    weights are of unit length, Cauchy and Schwarz give a second bound. The lower one counts:

        min( sum of w m c,  sqrt( sum of (w c)^2 over m > 0 ) ),  c the term at the distance to the box

    Args:
        query: (K, 2) in steps.
        query_weights: (K,).
        factors: (K,).
        boxes: (K, 4, n) int16 least x, greatest x, least y, greatest y.
        weights: (K, n) uint8, 255 for 1.
        out: (n,) float32.
    """
    count, zero = len(out), np.float32(0.0)
    squares = np.zeros(count, dtype=np.float32)
    out[:] = zero
    for k in range(len(query_weights)):
        weight = query_weights[k]
        if weight == zero:
            continue
        x, y, factor = query[k, 0], query[k, 1], factors[k]
        left, right, top, bottom, most = boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3], weights[k]
        for j in range(count):
            dx = max(max(np.float32(left[j]) - x, x - np.float32(right[j])), zero)
            dy = max(max(np.float32(top[j]) - y, y - np.float32(bottom[j])), zero)
            term = weight * _power_of_two((dx * dx + dy * dy) * factor)
            out[j] += term * np.float32(most[j])
            squares[j] += term * term if most[j] > 0 else zero
    for j in range(count):
        out[j] = min(out[j] * np.float32(1.0 / 255.0), np.sqrt(squares[j]))


@njit(cache=True, nogil=True, fastmath=FAST)
def block_scores(
    query: NDArray,
    query_weights: NDArray,
    factors: NDArray,
    points: NDArray,
    weights: NDArray,
    scales: NDArray,
    out: NDArray,
) -> None:
    """The similarity with each entry of one block, into `out` (B,).

    Args:
        query: (K, 2) in steps.
        query_weights: (K,).
        factors: (K,).
        points: (K, 2, B) int16 steps.
        weights: (K, B) uint8.
        scales: (B,) float32, which makes an entry's weights of unit length.
        out: (B,) float32.
    """
    zero = np.float32(0.0)
    out[:] = zero
    for k in range(len(query_weights)):
        weight = query_weights[k]
        if weight == zero:
            continue
        x, y, factor = query[k, 0], query[k, 1], factors[k]
        across, down, theirs = points[k, 0], points[k, 1], weights[k]
        for j in range(len(out)):
            dx = np.float32(across[j]) - x
            dy = np.float32(down[j]) - y
            out[j] += weight * np.float32(theirs[j]) * _power_of_two((dx * dx + dy * dy) * factor)
    for j in range(len(out)):
        out[j] *= scales[j]


@njit(cache=True, nogil=True)
def _replace_least(heap: NDArray, score: np.float32) -> None:
    """Put `score` in the place of the least of a heap, which is its first."""
    i = 0
    while True:
        child = 2 * i + 1
        if child >= len(heap):
            break
        if child + 1 < len(heap) and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= score:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = score


@njit(cache=True, nogil=True)
def _room(entries: NDArray, scores: NDArray, count: int, least: float) -> tuple[NDArray, NDArray, int]:
    """Drop candidates below `least`; if more than half stay, in arrays of twice the length."""
    kept = 0
    for i in range(count):
        if scores[i] >= least:
            entries[kept], scores[kept] = entries[i], scores[i]
            kept += 1
    if 2 * kept < len(entries):
        return entries, scores, kept
    longer_entries = np.empty(2 * len(entries), dtype=entries.dtype)
    longer_scores = np.empty(2 * len(scores), dtype=scores.dtype)
    longer_entries[:kept], longer_scores[:kept] = entries[:kept], scores[:kept]
    return longer_entries, longer_scores, kept


@njit(cache=True, nogil=True, fastmath=FAST)
def search(
    query: NDArray,
    query_weights: NDArray,
    factors: NDArray,
    points: NDArray,
    weights: NDArray,
    scales: NDArray,
    entries: NDArray,
    boxes: NDArray,
    most: NDArray,
    list_boxes: NDArray,
    list_most: NDArray,
    k: int,
    tightness: float,
    floor: float,
) -> tuple[NDArray, NDArray, int]:
    """Every entry that can be among the k best, by branch and bound over lists of blocks.

    The list of the highest bound comes first; what it yields rules most others out; the rest follow in the order of
    their bounds, and so do the blocks in each.

    Args:
        query, query_weights, factors: as `block_scores`.
        points, weights, scales: (blocks, ...) of all blocks, each as `block_scores` takes it.
        entries: (blocks, B) int32 the entry in each place; -1 where there is none, or none that may be found.
        boxes, most: of each list's blocks, as `upper_bounds` takes them; of nothing where the last list has fewer.
        list_boxes, list_most: of lists, the same.
        k: how many, at least 1.
        tightness: 1 is exact; below it bounds are taken for `tightness` times what they are.
        floor: what the k-th score is known to be at least.

    Returns:
        Entries (n,) and scores (n,) of the candidates, in no order, and how many blocks were read.
    """
    lists, per_list = list_most.shape[1], most.shape[2]
    ahead = np.empty(lists, dtype=np.float32)
    upper_bounds(query, query_weights, factors, list_boxes, list_most, ahead)
    within = np.empty(per_list, dtype=np.float32)
    scores = np.empty(points.shape[3], dtype=np.float32)
    heap = np.full(k, -np.inf, dtype=np.float32)
    found, found_scores, count = np.empty(1024, dtype=np.int32), np.empty(1024, dtype=np.float32), 0
    read, rank = 0, -1
    order = np.array([ahead.argmax()])
    while rank + 1 < len(order):
        rank += 1
        number = order[rank]
        if ahead[number] * tightness < max(heap[0], floor) - MARGIN:
            break
        upper_bounds(query, query_weights, factors, boxes[number], most[number], within)
        first = number * per_list
        ranked = np.argsort(-within[: len(points) - first])
        for turn in range(len(ranked)):
            block = first + ranked[turn]
            if within[ranked[turn]] * tightness < max(heap[0], floor) - MARGIN:
                break
            following = first + ranked[min(turn + 1, len(ranked) - 1)]
            _fetch_ahead(points, following)
            _fetch_ahead(weights, following)
            read += 1
            block_scores(query, query_weights, factors, points[block], weights[block], scales[block], scores)
            for j in range(len(scores)):
                score = scores[j]
                if entries[block, j] < 0 or score < max(heap[0], floor) - MARGIN:
                    continue
                if count == len(found):
                    found, found_scores, count = _room(found, found_scores, count, max(heap[0], floor) - MARGIN)
                found[count], found_scores[count] = entries[block, j], score
                count += 1
                if score > heap[0]:
                    _replace_least(heap, score)
        if rank == 0:
            left = np.flatnonzero(ahead * tightness >= max(heap[0], floor) - MARGIN)
            left = left[left != number]
            order = np.concatenate((order, left[np.argsort(-ahead[left])]))
    keep = found_scores[:count] >= max(heap[0], floor) - MARGIN
    return found[:count][keep], found_scores[:count][keep], read
