"""COCO keypoint datasets as torch sees them: decoded once, augmented by (seed, epoch, index)."""

from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from pipeline.coco import CocoDataset, ImageRecord
from pipeline.images import Image, read_image
from pipeline.keypoints import KeypointSchema
from pipeline.seeds import stream_rng
from training.config import ModelConfig
from training.labelled import Labelled, Sample
from training.masks import crowd_region, region_of
from training.model import Target
from training.sources import Pictures, Sources
from training.transforms import augmented, to_input


class KeypointData(Dataset[tuple[Tensor, Target]]):
    """Training items; `epoch` chooses the augmentation, so equal (seed, epoch, index) give equal items."""

    def __init__(self, coco: CocoDataset, schema: KeypointSchema, config: ModelConfig):
        self.images = coco.images
        self.config = config
        self.flip_index = schema.flip_index
        self.keypoint_count = len(schema)
        self.epoch = 0
        self._cache: dict[int, Labelled] = {}
        self._room = config.cache_mb * 2**20 // max(1, config.workers)  # each loader process has a copy of this object
        self._backgrounds = self._pictures(config.augmentation.background, config.augmentation.backgrounds)
        self._styles = self._pictures(config.augmentation.fourier, config.augmentation.styles)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, Target]:
        """An image (3, S, S) uint8 and its target, as they are in the epoch `self.epoch`."""
        return self.item(self.epoch, index)

    def item(self, epoch: int, index: int) -> tuple[Tensor, Target]:
        """The same of any epoch."""
        config, labelled = self.config, self._labelled(index)
        sources = self._sources(epoch, index)
        sample = augmented(labelled, config.image_size, config.augmentation, self.flip_index, sources)
        return image_tensor(sample.image), target_of(sample)

    def _sources(self, epoch: int, index: int) -> Sources:
        # a seed, an epoch and an index make one item; epochs are far enough apart that items never share a stream
        item = epoch * 2**32 + index

        def other(rng: np.random.Generator) -> Labelled | None:
            if len(self) < 2:
                return None
            return self._labelled((index + int(rng.integers(1, len(self)))) % len(self))

        return Sources(partial(stream_rng, self.config.seed, item), other, self._backgrounds, self._styles)

    def _pictures(self, share: float, folder: Path | None) -> Pictures | None:
        """A folder's pictures, twice as large as the frame at most, where they are used."""
        if share == 0 or folder is None:
            return None
        return Pictures(folder, 2 * self.config.image_size, self.config.cache_mb)

    def _labelled(self, index: int) -> Labelled:
        """Decoded once; kept while there is room, for JPEG takes longer than the rest of the loading."""
        if index in self._cache:
            return self._cache[index]
        labelled = load_labelled(self.images[index], self.keypoint_count)
        if labelled.image.nbytes <= self._room:
            self._room -= labelled.image.nbytes
            self._cache[index] = labelled
        return labelled


def load_labelled(record: ImageRecord, keypoints: int) -> Labelled:
    """Read an image with its objects; crowds are kept apart, for their boxes are of no single object.

    Raises:
        ImageError: it cannot be read.
    """
    image = read_image(record.path)
    height, width = image.shape[:2]
    there = [one for one in record.instances if (one.bbox[2:] > 0).all()]
    objects = [one for one in there if not one.iscrowd]
    stacked = np.array([one.keypoints for one in objects], dtype=np.float64).reshape(-1, keypoints, 3)
    regions = tuple(region_of(one, width, height) for one in objects)
    return Labelled(image, regions, stacked, tuple(crowd_region(one) for one in there if one.iscrowd))


def image_tensor(image: Image) -> Tensor:
    """(H, W, 3) uint8 as (3, H, W) uint8; `to_device` makes it float."""
    return torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)


def to_device(images: Tensor, device: torch.device | str) -> Tensor:
    """(B, 3, H, W) uint8 as float in 0..1 on a device: bytes travel, for they are a quarter of it."""
    return images.to(device, non_blocking=True).float() / 255


def target_of(sample: Sample) -> Target:
    """A sample's labels as float32 tensors."""
    return Target(torch.from_numpy(sample.boxes).float(), torch.from_numpy(sample.keypoints).float())


def letterboxed(image: Image, size: int) -> Tensor:
    """An image as a model's input, (3, S, S) uint8."""
    empty = Labelled(image, (), np.zeros((0, 1, 3)))
    return image_tensor(to_input(empty, size).image)
