"""The images that are compared: of a dataset or a plain folder, with what is said of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.coco import CocoDataset, ImageRecord, Instance, is_dataset, load_coco
from pipeline.errors import DatasetError
from pipeline.images import find_images
from pipeline.keypoints import KeypointSchema
from pipeline.report_fields import field_columns
from pipeline.seeds import stream_rng

HELD_OUT = 0.2
"""Share of the vehicles of a dataset without splits that are held out."""


@dataclass(frozen=True)
class Picture:
    """One image.

    Attributes:
        name: as the dataset or folder calls it.
        group: its vehicle, or itself: what is resampled together.
        target: the labelled object that it is of, the largest; None where there is no label.
        said: what is known of it: "view", "style", "light", angles, what was drawn.
    """

    path: Path
    name: str
    group: str
    target: Instance | None = None
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pictures:
    """A set of images, and the dataset that they are all of, where they are labelled."""

    source: str
    pictures: tuple[Picture, ...]
    dataset: CocoDataset | None = None

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def groups(self) -> np.ndarray:
        """(N,) the vehicle of each."""
        return np.array([one.group for one in self.pictures], dtype=str)

    @property
    def by(self) -> str:
        """What is resampled together: "vehicle" or "image"."""
        return "vehicle" if any(one.group != one.name for one in self.pictures) else "image"


def real_pictures(source: Path, schema: KeypointSchema) -> Pictures:
    """A COCO keypoints dataset, or a folder of photos without labels.

    Raises:
        DatasetError: it is missing, damaged, empty or of another schema.
        ImageError: a plain folder holds no image.
    """
    if is_dataset(source):
        dataset = load_coco(source)
        if not dataset.images:
            raise DatasetError(f"{dataset.source}: lists no images")
        if any(_target(image) for image in dataset.images):
            dataset.require_schema(schema)
            return _pictures(dataset)
        return Pictures(str(source), tuple(_picture(image, {}) for image in dataset.images))
    folder = source if not (source / "images").is_dir() else source / "images"
    files = find_images([folder])
    return Pictures(str(source), tuple(Picture(path, path.name, path.name) for path in files))


def synthetic_pictures(source: Path, schema: KeypointSchema) -> tuple[Pictures, Pictures, str]:
    """What the detector learned from, what was held out of it, and which split that is, in words.

    Raises:
        DatasetError: the dataset is missing, damaged or of another schema, or has too few images.
    """
    whole = load_coco(source)
    whole.require_schema(schema)
    folder = whole.source.parent
    for split in ("test", "val"):
        if source.is_dir() and (folder / f"{split}.json").is_file() and (folder / "train.json").is_file():
            held, learned = load_coco(source, split), load_coco(source, "train")
            if held.images and learned.images:
                return _pictures(learned), _pictures(held), f"its {split} split"
    names = sorted({_group(image) for image in whole.images})
    if len(names) < 2:
        raise DatasetError(f"{whole.source}: has {len(names)} vehicles; some must be held out to compare with")
    count = max(1, round(HELD_OUT * len(names)))
    chosen = set(stream_rng(0, 0, "shift.held_out").permutation(names)[:count].tolist())
    parts = [
        CocoDataset(whole.source, whole.keypoint_names, tuple(i for i in whole.images if (_group(i) in chosen) == held))
        for held in (False, True)
    ]
    return _pictures(parts[0]), _pictures(parts[1]), f"{count} of its {len(names)} vehicles, held out here"


def at_most(pictures: Pictures, count: int, seed: int = 0) -> Pictures:
    """Of more images than `count`, so many, drawn at random; the rest of a dataset is left out of it too."""
    if len(pictures) <= count:
        return pictures
    kept = np.sort(stream_rng(seed, 0, "shift.at_most").permutation(len(pictures))[:count])
    chosen = tuple(pictures.pictures[i] for i in kept)
    dataset = pictures.dataset
    if dataset is not None:
        images = tuple(dataset.images[i] for i in kept)
        dataset = CocoDataset(dataset.source, dataset.keypoint_names, images, dataset.category_ids)
    return Pictures(pictures.source, chosen, dataset)


def with_facts(pictures: Pictures) -> Pictures:
    """The same, with what the shots' records say of each image: a file is read for each, so of those looked at only."""
    if pictures.dataset is None:
        return pictures
    images = pictures.dataset.images
    columns = {c["key"]: c for c in field_columns(images, pictures.dataset.source.parent)}
    known = tuple(_picture(image, _facts(columns, number)) for number, image in enumerate(images))
    return Pictures(pictures.source, known, pictures.dataset)


def _pictures(dataset: CocoDataset) -> Pictures:
    return Pictures(str(dataset.source), tuple(_picture(image, {}) for image in dataset.images), dataset)


def _facts(columns: Mapping[str, Mapping[str, Any]], number: int) -> dict[str, Any]:
    """What the shot's record says of an image, by the report's names."""
    facts = {}
    for key in ("light", "fill"):
        value = columns[key]["values"][number] if key in columns else None
        if value is not None:
            facts[key] = columns[key]["choices"][value] if columns[key]["kind"] == "choice" else value
    return facts


def _picture(image: ImageRecord, facts: Mapping[str, Any]) -> Picture:
    return Picture(image.path, image.file_name, _group(image), _target(image), {**image.extra, **facts})


def _group(image: ImageRecord) -> str:
    return str(image.extra.get("vehicle") or image.file_name)


def _target(image: ImageRecord) -> Instance | None:
    labelled = [one for one in image.instances if not one.iscrowd and (one.keypoints[:, 2] > 0).any()]
    return max(labelled, key=lambda one: one.bbox[2] * one.bbox[3], default=None)
