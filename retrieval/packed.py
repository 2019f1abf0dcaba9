"""Descriptors as they are stored: points as int16 in steps of 1 / 8192 of the box's frame, weights as bytes.

A step is 1 / 820 of the distance at which a keypoint's term has fallen by exp(-1/2) (sigma 0.05), so an entry finds
itself with a similarity of 1 - 2e-7. Points further than 4 units from the middle of the box are put at 4.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.descriptor import Descriptors, describe

STEPS = 8192
"""Steps to one unit of the box's frame."""
FULL = 254
"""The byte of the greatest weight of an entry; even, so that half of it is one too."""
CHUNK = 1 << 16


@dataclass(frozen=True)
class Packed:
    """N descriptors: points (N, K, 2) int16 in steps, weights (N, K) uint8 as shares of the row's greatest."""

    points: NDArray[np.int16]
    weights: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.points)


def pack(descriptors: Descriptors) -> Packed:
    """The nearest that can be stored."""
    greatest = descriptors.weights.max(axis=1, keepdims=True, initial=0)
    share = np.divide(descriptors.weights, greatest, out=np.zeros_like(descriptors.weights), where=greatest > 0)
    points = np.clip(np.rint(descriptors.points * np.float32(STEPS)), -32768, 32767)
    weights = np.rint(share * np.float32(FULL)).astype(np.uint8)
    return Packed(np.where((weights > 0)[:, :, None], points, 0).astype(np.int16), weights)


def unpack(packed: Packed) -> Descriptors:
    """What is compared: the same wherever an entry lies."""
    points = packed.points.astype(np.float32) / np.float32(STEPS)
    weights = packed.weights.astype(np.float32) * row_scales(packed.weights)[:, None]
    return Descriptors(points, weights)


def row_scales(weights: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What makes rows of bytes (N, K) of unit length, (N,); 0 for rows without a weight."""
    squares = (weights.astype(np.int64) ** 2).sum(axis=1)
    return np.divide(1.0, np.sqrt(squares), out=np.zeros(len(weights)), where=squares > 0).astype(np.float32)


def pack_instances(
    keypoints: NDArray, boxes: NDArray, hidden_weight: float, keypoint_scores: NDArray | None = None
) -> Packed:
    """`pack(describe(...))`, some thousands at a time: float64 copies of ten million would not fit in memory."""
    points = np.empty((*keypoints.shape[:2], 2), dtype=np.int16)
    weights = np.empty(keypoints.shape[:2], dtype=np.uint8)
    for part in chunks(len(keypoints)):
        certain = None if keypoint_scores is None else keypoint_scores[part]
        packed = pack(describe(keypoints[part], boxes[part], hidden_weight, certain))
        points[part], weights[part] = packed.points, packed.weights
    return Packed(points, weights)


def chunks(count: int) -> Iterator[slice]:
    """0..count in slices of at most CHUNK."""
    for start in range(0, count, CHUNK):
        yield slice(start, min(start + CHUNK, count))
