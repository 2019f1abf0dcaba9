"""One query against the blocks of one segment: what the compiled search takes, made of arrays as they are stored."""

import numpy as np
from numpy.typing import NDArray

from retrieval.blocks import Blocks
from retrieval.kernels import search
from retrieval.packed import STEPS

LOG2_E = 1.0 / float(np.log(2.0))
"""The search raises 2, not e: that is half an instruction."""


def search_blocks(
    blocks: Blocks,
    points: NDArray,
    weights: NDArray,
    sigmas: NDArray,
    k: int,
    tightness: float = 1.0,
    floor: float = -np.inf,
) -> tuple[NDArray[np.int32], NDArray[np.float32], int]:
    """Every entry that may be among the k best: entries (n,), scores (n,), in no order, and how many blocks were read.

    Args:
        blocks: of a segment, at least one entry.
        points: (K, 2) of the query in the box's frame.
        weights: (K,) of unit length.
        sigmas: (K,).
        k, tightness, floor: as `retrieval.kernels.search`.
    """
    variances = (2.0 * np.asarray(sigmas) * STEPS) ** 2
    found, scores, read = search(
        points.astype(np.float32) * np.float32(STEPS),
        weights.astype(np.float32),
        (-LOG2_E / (2.0 * variances)).astype(np.float32),
        *(_plain(blocks.points), _plain(blocks.weights), _plain(blocks.scales), _plain(blocks.entries)),
        *(_plain(blocks.boxes), _plain(blocks.most), _plain(blocks.list_boxes), _plain(blocks.list_most)),
        k,
        tightness,
        floor,
    )
    return found, scores, read


def _plain(array: NDArray) -> NDArray:
    """The same memory as numba takes it, always read-only, so that one compiled search serves all."""
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
