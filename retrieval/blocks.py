"""Descriptors in the order of `retrieval.clusters`, cut into blocks, with what bounds each block and each list.

A block keeps its entries keypoint-major; of each keypoint it has the box that its entries' points lie in and the
greatest weight, rounded outward, from which `retrieval.kernels.upper_bounds` says what no entry of it can exceed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import IndexFileError
from retrieval.clusters import BLOCK, LIST, cluster
from retrieval.packed import Packed, chunks, row_scales

NOBODY = -1
"""The entry of a place that has none."""
PER_LIST = LIST // BLOCK
"""Blocks."""
LEAST, GREATEST = np.int16(-32768), np.int16(32767)


@dataclass(frozen=True)
class Blocks:
    """N entries of K keypoints in n blocks of B places, m lists of LIST / BLOCK blocks.

    Attributes:
        points: (n, K, 2, B) int16 steps.
        weights: (n, K, B) uint8.
        scales: (n, B) float32, which makes weights of unit length.
        entries: (n, B) int32, the entry in each place, or NOBODY.
        places: (N,) int32, the place of each entry, block * B + number in the block.
        boxes: (m, K, 4, LIST / BLOCK) int16 least x, greatest x, least y, greatest y of the entries that have keypoint
            k; of a list side by side, for they are read together. Where the last list has fewer blocks, of nothing.
        most: (m, K, LIST / BLOCK) uint8 greatest weight, 255 for 1; 0 where no entry has the keypoint.
        list_boxes, list_most: the same of lists, (K, 4, m) and (K, m).
    """

    points: NDArray[np.int16]
    weights: NDArray[np.uint8]
    scales: NDArray[np.float32]
    entries: NDArray[np.int32]
    places: NDArray[np.int32]
    boxes: NDArray[np.int16]
    most: NDArray[np.uint8]
    list_boxes: NDArray[np.int16]
    list_most: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.places)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays: what a search may read."""
        return sum(array.nbytes for array in self.arrays().values())

    def arrays(self) -> dict[str, NDArray]:
        """By name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def packed(self, entries: NDArray) -> Packed:
        """The stored descriptors of some entries.

        Raises:
            IndexFileError: the index says that one lies where there is no place.
        """
        places = self.places[entries]
        if len(places) and not (places.min() >= 0 and places.max() < self.entries.size):
            raise IndexFileError("an entry of the index lies in no block of it: it is damaged; make it again")
        block, within = np.divmod(places, BLOCK)
        return Packed(self.points[block, :, :, within], self.weights[block, :, within])

    def require_entries(self, entries: NDArray) -> None:
        """Raise IndexFileError unless all of `entries`, read from the index, are of it, or NOBODY."""
        if entries.size and not (entries.min() >= NOBODY and entries.max() < len(self)):
            raise IndexFileError("a block of the index holds an entry that is not there: it is damaged; make it again")

    def only(self, allowed: NDArray[np.bool_]) -> Self:
        """The same with the entries alone that `allowed` (N,) has; blocks without one are bounded by 0."""
        self.require_entries(self.entries)
        places = np.append(allowed, False)[self.entries]
        blocks = np.zeros((len(self.most), PER_LIST), dtype=np.bool_)
        blocks.reshape(-1)[: len(places)] = places.any(axis=1)
        return replace(
            self,
            entries=np.where(places, self.entries, np.int32(NOBODY)),
            most=self.most * blocks[:, None],
            list_most=self.list_most * blocks.any(axis=1),
        )


def array_shapes(entries: int, keypoints: int) -> Mapping[str, tuple[tuple[int, ...], str]]:
    """Shape and numpy dtype of each array of `Blocks`."""
    blocks, lists = -(-entries // BLOCK), -(-entries // LIST)
    return {
        "points": ((blocks, keypoints, 2, BLOCK), "<i2"),
        "weights": ((blocks, keypoints, BLOCK), "|u1"),
        "scales": ((blocks, BLOCK), "<f4"),
        "entries": ((blocks, BLOCK), "<i4"),
        "places": ((entries,), "<i4"),
        "boxes": ((lists, keypoints, 4, PER_LIST), "<i2"),
        "most": ((lists, keypoints, PER_LIST), "|u1"),
        "list_boxes": ((keypoints, 4, lists), "<i2"),
        "list_most": ((keypoints, lists), "|u1"),
    }


def build_blocks(packed: Packed) -> Blocks:
    """Order entries and cut them into blocks."""
    order = cluster(packed)
    arrays = {name: np.zeros(shape, dtype) for name, (shape, dtype) in array_shapes(*packed.weights.shape).items()}
    arrays["entries"][:] = NOBODY
    arrays["entries"].reshape(-1)[: len(order)] = order
    arrays["boxes"][:, :, 0::2], arrays["boxes"][:, :, 1::2] = GREATEST, LEAST
    arrays["places"][order] = np.arange(len(order), dtype=np.int32)
    blocks = Blocks(**arrays)
    for part in chunks(len(blocks.entries)):
        _fill(blocks, packed, part)
    _fill_lists(blocks)
    return blocks


def _fill(blocks: Blocks, packed: Packed, part: slice) -> None:
    step = 1024
    for start in range(part.start, part.stop, step):
        some = slice(start, min(start + step, part.stop))
        of_list, within = np.divmod(np.arange(some.start, some.stop), PER_LIST)
        entries = blocks.entries[some]
        there = entries != NOBODY
        weights = packed.weights[entries] * there[:, :, None]
        points = packed.points[entries].transpose(0, 2, 3, 1)
        scales = row_scales(weights.reshape(-1, weights.shape[2])).reshape(entries.shape)
        blocks.points[some] = points * there[:, None, None]
        blocks.weights[some] = weights.transpose(0, 2, 1)
        blocks.scales[some] = scales
        seen = (blocks.weights[some] > 0)[:, :, None]
        blocks.boxes[of_list, :, 0::2, within] = np.where(seen, points, GREATEST).min(axis=3)
        blocks.boxes[of_list, :, 1::2, within] = np.where(seen, points, LEAST).max(axis=3)
        share = (weights * scales[:, :, None].astype(np.float64)).max(axis=1)
        blocks.most[of_list, :, within] = np.ceil(share * 255).clip(0, 255)


def _fill_lists(blocks: Blocks) -> None:
    blocks.list_boxes[:, 0::2] = blocks.boxes[:, :, 0::2].min(axis=3).transpose(1, 2, 0)
    blocks.list_boxes[:, 1::2] = blocks.boxes[:, :, 1::2].max(axis=3).transpose(1, 2, 0)
    blocks.list_most[:] = blocks.most.max(axis=2).T
