"""What every export format writes: the images of each split, under names and ids that no format trips over."""

import errno
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from tqdm import tqdm

from pipeline.annotations_spec import MapKind
from pipeline.coco import SPLITS, CocoDataset, ImageRecord, Instance, load_coco
from pipeline.errors import DatasetError
from pipeline.export_labels import LabelSet, read_label_set
from pipeline.image_header import SUFFIXES, read_header
from pipeline.keypoints import KeypointSchema
from pipeline.map_files import find_map, named_maps, require_exr
from pipeline.plain_values import fault_of


@dataclass(frozen=True)
class ExportImage:
    """One image to write.

    Attributes:
        id: differs across all splits.
        name: a file name without folders; its stem has no dot and differs across all splits.
        source: where the image lies now.
        objects: ids differ across all splits; keypoints with v = 0 lie at 0, 0.
        extra: what else the dataset says of the image.
        maps: where its maps lie now, by kind; `pipeline.map_files` says what they hold. The instances' count in the
            order of `objects`.
    """

    id: int
    name: str
    source: Path
    width: int
    height: int
    objects: tuple[Instance, ...]
    extra: Mapping[str, Any]
    maps: Mapping[MapKind, Path] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def map_names(self) -> dict[MapKind, str]:
        """Where `ExportJob.place_maps` puts its maps."""
        return {kind: f"maps/{kind}/{self.stem}{source.suffix}" for kind, source in self.maps.items()}


@dataclass(frozen=True)
class ExportJob:
    """A dataset, ready to be written in another format.

    Attributes:
        name: what the dataset is called: its folder, or its file without suffix.
        link: hard-link images instead of copying them.
        shard_bytes: how large a shard may grow, of formats that have them.
    """

    name: str
    labels: LabelSet
    splits: Mapping[str, tuple[ExportImage, ...]]
    link: bool = False
    shard_bytes: int = 512 * 1024**2

    def place(self, image: ExportImage, folder: Path) -> Path:
        """Copy or hard-link an image into `folder`; returns where it lies now.

        Raises:
            DatasetError: it cannot be linked from there.
        """
        return self._place(image.source, folder / image.name)

    def place_maps(self, image: ExportImage, folder: Path) -> None:
        """Copy or hard-link an image's maps to maps/KIND below `folder`.

        Raises:
            DatasetError: one cannot be linked from there.
        """
        for kind, name in image.map_names.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            self._place(image.maps[kind], folder / name)

    def without_maps(self) -> list[str]:
        """What to say where a format has no place for maps: nothing if there are none, else a line."""
        there = any(image.maps for part in self.splits.values() for image in part)
        return ["left out the maps: this format has no place for them"] if there else []

    def _place(self, source: Path, target: Path) -> Path:
        if not self.link:
            return shutil.copyfile(source, target)
        try:
            os.link(source.resolve(), target)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK):
                raise
            raise DatasetError(f"{source}: cannot be hard-linked ({error.strerror}); export without --link") from error
        return target


def progress(images: Sequence[ExportImage], split: str) -> Iterable[ExportImage]:
    """The images one by one, under a bar on a terminal."""
    return tqdm(images, desc=split, unit="image", disable=None)


def plan_export(dataset: Path, split: str | None = None, schema: KeypointSchema | None = None) -> ExportJob:
    """Read a dataset, check that all of it can be written, and give its images names and ids.

    Args:
        dataset: a folder or COCO file, as `load_coco` takes it.
        split: only this one; of a dataset without splits, what to call all of it (train).
        schema: what the keypoints are, where the file says less than a schema does.

    Raises:
        DatasetError: the dataset cannot be read, is empty, or an image file is missing.
        ImageError: an image file is none.
    """
    parts = read_splits(dataset, split)
    first = next(iter(parts.values()))
    for part in parts.values():
        if part.keypoint_names != first.keypoint_names:
            raise DatasetError(f"{part.source}: has other keypoints than {first.source}")
        if schema is not None:
            part.require_schema(schema)
    maps = {image.path: _maps_of(image, part.source) for part in parts.values() for image in part.images}
    splits = _renamed(_renumbered({name: part.images for name, part in parts.items()}), maps)
    if not any(splits.values()):
        raise DatasetError(f"{dataset}: holds no image to export")
    name = dataset.resolve().name if dataset.is_dir() else dataset.stem
    return ExportJob(name, read_label_set(first.source, schema), splits)


def read_splits(dataset: Path, split: str | None) -> dict[str, CocoDataset]:
    """The splits of a dataset: its SPLIT.json files, or by its images' `split` fields, or all of it as one."""
    there = [name for name in SPLITS if (dataset / f"{name}.json").is_file()]
    if there:
        return {name: load_coco(dataset, name) for name in ([split] if split else there)}
    whole = load_coco(dataset)
    fields = {str(image.extra.get("split")) for image in whole.images}
    if not fields or not fields <= set(SPLITS):
        return {split or "train": whole}
    if split and split not in fields:
        raise DatasetError(f"{dataset}: no image is of split {split!r}; it has {', '.join(sorted(fields))}")
    chosen = [name for name in SPLITS if name in fields and split in (None, name)]
    return {
        name: replace(whole, images=tuple(image for image in whole.images if image.extra["split"] == name))
        for name in chosen
    }


def _renumbered(splits: Mapping[str, tuple[ImageRecord, ...]]) -> dict[str, tuple[ImageRecord, ...]]:
    """Ids as they are if they differ across the splits, else counted from 1."""
    images = [image for part in splits.values() for image in part]
    objects = [instance for image in images for instance in image.instances]
    keep_images = len({image.id for image in images}) == len(images)
    keep_objects = len({instance.id for instance in objects}) == len(objects)
    image_ids, object_ids = iter(range(1, len(images) + 1)), iter(range(1, len(objects) + 1))
    done: dict[str, tuple[ImageRecord, ...]] = {}
    for name, part in splits.items():
        rows = []
        for image in part:
            image_id = image.id if keep_images else next(image_ids)
            instances = tuple(
                replace(instance, id=instance.id if keep_objects else next(object_ids), image_id=image_id)
                for instance in image.instances
            )
            rows.append(replace(image, id=image_id, instances=instances))
        done[name] = tuple(rows)
    return done


def _maps_of(image: ImageRecord, source: Path) -> dict[MapKind, Path]:
    found: dict[MapKind, Path] = {}
    for kind, name in named_maps(image.extra).items():
        path = find_map(source.parent, name)
        if path is None:
            raise DatasetError(f"{source.parent / name}: the map is missing; {image.file_name!r} names it as {kind}")
        if path.suffix.lower() == ".exr":
            require_exr(path)
        else:
            read_header(path)
        found[kind] = path
    return found


def _renamed(
    splits: Mapping[str, tuple[ImageRecord, ...]], maps: Mapping[Path, Mapping[MapKind, Path]]
) -> dict[str, tuple[ExportImage, ...]]:
    taken: set[str] = set()
    return {
        name: tuple(_export_image(image, maps[image.path], taken) for image in part) for name, part in splits.items()
    }


def _export_image(image: ImageRecord, maps: Mapping[MapKind, Path], taken: set[str]) -> ExportImage:
    if not image.path.is_file():
        raise DatasetError(f"{image.path}: the image is missing; the dataset lists it as {image.file_name!r}")
    read_header(image.path)  # a link of that name may lead to a file that nobody means to hand on
    if image.width < 1 or image.height < 1:
        raise DatasetError(f"{image.path}: width and height must be at least 1; got {image.width}x{image.height}")
    return ExportImage(
        id=image.id,
        name=flat_name(image.file_name, image.id, taken),
        source=image.path,
        width=image.width,
        height=image.height,
        objects=tuple(_clean(instance, image) for instance in image.instances),
        extra={key: value for key, value in image.extra.items() if not (maps and key in ("maps", "instance_ids"))},
        maps=maps,
    )


def flat_name(file_name: str, image_id: int, taken: set[str]) -> str:
    """A file name without folders whose stem is not in `taken`, to which it is added.

    Labels of many formats are files of the image's stem, WebDataset's keys end at the first dot, and Ultralytics
    replaces "/images/" wherever in a path it stands.

    Raises:
        DatasetError: the suffix is no image's.
    """
    path = PurePosixPath(file_name.replace("\\", "/"))
    if path.suffix.lower() not in SUFFIXES:
        raise DatasetError(f"{file_name}: must be an image with one of the suffixes {', '.join(SUFFIXES)}")
    wanted = re.sub(r"[^\w\-]", "_", "_".join(path.with_suffix("").parts))
    stem, count = wanted, 0
    while stem.casefold() in taken:
        stem = f"{wanted}_{image_id}" + (f"_{count}" if count else "")
        count += 1
    taken.add(stem.casefold())
    return stem + path.suffix.lower()


def _clean(instance: Instance, image: ImageRecord) -> Instance:
    visibility = instance.keypoints[:, 2]
    if not np.isin(visibility, (0, 1, 2)).all():
        raise DatasetError(f"{image.file_name}: annotation {instance.id}: visibility must be 0, 1 or 2")
    if not np.isfinite(instance.area):
        raise DatasetError(f"{image.file_name}: annotation {instance.id}: area must be finite; got {instance.area}")
    if fault := fault_of(instance.segmentation):
        raise DatasetError(f"{image.file_name}: annotation {instance.id}: segmentation {fault}")
    return replace(instance, keypoints=np.where(visibility[:, None] > 0, instance.keypoints, 0.0))
