"""Batches for training, in an order that seed and epoch decide, made ahead of their use by a thread or by processes."""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from pipeline.errors import AkdError
from pipeline.seeds import stream_rng
from training.dataset import KeypointData, to_device
from training.model import Target

Chunk = list[tuple[int, int]]
"""(epoch, index) of each of a batch's items."""


@dataclass(frozen=True)
class Batch:
    """Images, and what is labelled on each: in four tensors, for each one costs time between processes and devices.

    Attributes:
        images: (B, 3, S, S) uint8 RGB, on a device float in 0..1.
        boxes, keypoints: of all M objects, image after image: (M, 4) and (M, K, 3), see `Target`.
        counts: how many of them each image has.
    """

    images: Tensor
    boxes: Tensor
    keypoints: Tensor
    counts: tuple[int, ...]

    @classmethod
    def of(cls, images: Tensor, targets: Sequence[Target]) -> "Batch":
        """Of images and a target for each."""
        boxes = torch.cat([target.boxes for target in targets]) if targets else torch.zeros(0, 4)
        keypoints = torch.cat([target.keypoints for target in targets]) if targets else torch.zeros(0, 0, 3)
        return cls(images, boxes, keypoints, tuple(len(target.boxes) for target in targets))

    @property
    def targets(self) -> list[Target]:
        """What is labelled on each image."""
        parts = zip(self.boxes.split(self.counts), self.keypoints.split(self.counts), strict=True)
        return [Target(boxes, keypoints) for boxes, keypoints in parts]

    def pin_memory(self) -> "Batch":
        """In memory that a GPU can fetch from by itself; torch's loader calls this."""
        return Batch(self.images.pin_memory(), self.boxes.pin_memory(), self.keypoints.pin_memory(), self.counts)

    def to(self, device: torch.device) -> "Batch":
        """On a device, images as float in 0..1."""
        boxes, keypoints = (one.to(device, non_blocking=True) for one in (self.boxes, self.keypoints))
        return Batch(to_device(self.images, device), boxes, keypoints, self.counts)


def batches(
    data: KeypointData, epochs: range, share: Callable[[Chunk], Chunk] = list, *, pin: bool = False
) -> Generator[Batch]:
    """The batches of all these epochs, one after the other; an epoch's last one may be smaller.

    The first batches of an epoch are made while the one before is validated, and loader processes live, with what they
    have decoded, until the last. An item depends on (seed, epoch, index) alone, so who makes it does not matter.

    Args:
        data: what to learn from.
        epochs: counted from 0.
        share: what this process takes of each batch; it may be nothing.
        pin: make them in pinned memory; only with loader processes.
    """
    chunks = chain.from_iterable(epoch_chunks(data, epoch) for epoch in epochs)
    shares = (share(chunk) for chunk in chunks)
    if data.config.workers:
        yield from _from_workers(data, shares, pin)
    else:
        yield from _from_a_thread(data, shares)


def epoch_chunks(data: KeypointData, epoch: int) -> list[Chunk]:
    """Every image once, in the epoch's own order."""
    size = data.config.batch_size
    order = stream_rng(data.config.seed, epoch, "order").permutation(len(data)).tolist()
    return [[(epoch, index) for index in order[i : i + size]] for i in range(0, len(order), size)]


def _from_a_thread(data: KeypointData, chunks: Iterator[Chunk]) -> Iterator[Batch]:
    """OpenCV frees the interpreter, so one batch is made while one is learnt."""
    with ThreadPoolExecutor(1) as thread:
        ahead = thread.submit(_load, data, next(chunks))
        for following in chain(chunks, [None]):
            batch = ahead.result()
            if following is not None:
                ahead = thread.submit(_load, data, following)
            yield batch


def _load(data: KeypointData, chunk: Chunk) -> Batch:
    return collate([data.item(*key) for key in chunk])


def _from_workers(data: KeypointData, chunks: Iterator[Chunk], pin: bool) -> Iterator[Batch]:
    loader = DataLoader(
        _Keyed(data),
        batch_sampler=chunks,
        num_workers=data.config.workers,
        collate_fn=collate,
        multiprocessing_context="spawn",
        pin_memory=pin,
    )
    try:
        yield from loader
    except AkdError as error:  # torch puts the worker's traceback before it
        raise type(error)(str(error).strip().splitlines()[-1].partition(": ")[2]) from None


class _Keyed(Dataset[tuple[Tensor, Target]]):
    """Items by (epoch, index): loader processes have a copy of the data, to which nobody tells the epoch."""

    def __init__(self, data: KeypointData):
        self.data = data

    def __getitem__(self, key: tuple[int, int]) -> tuple[Tensor, Target]:
        """An image (3, S, S) uint8 and its target."""
        return self.data.item(*key)


def collate(items: Sequence[tuple[Tensor, Target]]) -> Batch:
    """Items as one batch."""
    if not items:
        return Batch.of(torch.zeros(0, 3, 0, 0, dtype=torch.uint8), [])
    return Batch.of(torch.stack([image for image, _ in items]), [target for _, target in items])
