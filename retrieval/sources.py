"""What is indexed: the images of a dataset or folder, and what the manifest says of where they are from."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pipeline.coco import CocoDataset, ImageRecord, is_dataset, load_coco
from pipeline.errors import DatasetError
from pipeline.images import find_images
from retrieval.manifest import FileStamp, SourceRecord
from retrieval.segment import IndexedImage
from retrieval.stale import stamp

Kind = Literal["labels", "predictions"]


@dataclass(frozen=True)
class Source:
    """Images to index: how the index lists each, and what a dataset labels on it (None for a plain picture)."""

    described: SourceRecord
    images: Sequence[IndexedImage]
    records: Sequence[ImageRecord | None]

    @property
    def root(self) -> Path:
        """What image paths count from."""
        return Path(self.described.root)


def labelled_source(dataset: Path, split: str | None, index: Path) -> tuple[Source, CocoDataset]:
    """A dataset whose own labels are indexed.

    Raises:
        DatasetError: it is missing or damaged, or is empty.
    """
    labelled = load_coco(dataset, split)
    return _of_dataset(dataset, labelled, split, index, "labels"), labelled


def predicted_source(source: Path, split: str | None, index: Path) -> Source:
    """A dataset, a folder of pictures or one picture, on which keypoints are predicted.

    Raises:
        DatasetError, ImageError: it is missing or damaged, or is empty.
    """
    if is_dataset(source) or split is not None:
        return _of_dataset(source, load_coco(source, split), split, index, "predictions")
    files = find_images([source])
    root = (source if source.is_dir() else source.parent).resolve()
    images = [_stamped(IndexedImage(path.name, number), root) for number, path in enumerate(files)]
    return Source(_described(source, root, index, "predictions"), images, [None] * len(images))


def _of_dataset(path: Path, dataset: CocoDataset, split: str | None, index: Path, kind: Kind) -> Source:
    if not dataset.images:
        raise DatasetError(f"{dataset.source}: lists no image to index")
    root = Path(os.path.commonpath([record.path.resolve().parent for record in dataset.images]))
    described = _described(path, root, index, kind, split, stamp(dataset.source))
    return Source(described, [_listed(record, root) for record in dataset.images], dataset.images)


def _described(
    path: Path, root: Path, index: Path, kind: Kind, split: str | None = None, annotations: FileStamp | None = None
) -> SourceRecord:
    return SourceRecord(
        path=str(path.resolve()),
        kind=kind,
        split=split,
        root=str(root),
        root_from_index=Path(os.path.relpath(root, index.resolve())).as_posix(),
        annotations=annotations,
    )


def _listed(record: ImageRecord, root: Path) -> IndexedImage:
    path = record.path.resolve().relative_to(root).as_posix()
    return _stamped(IndexedImage(path, record.id, extra=record.extra), root)


def _stamped(image: IndexedImage, root: Path) -> IndexedImage:
    """The image with its file's size and time, where there is a file."""
    file = root / image.path
    if not file.is_file():
        return image
    status = file.stat()
    return replace(image, bytes=status.st_size, mtime_ns=status.st_mtime_ns)
