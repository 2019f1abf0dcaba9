"""Making an index: from a dataset's own labels, or from what a model predicts on a folder or dataset."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from pipeline.coco import CocoDataset, ImageRecord, load_coco
from pipeline.dataset_folder import file_hash
from pipeline.errors import DatasetError
from pipeline.images import find_images
from pipeline.keypoints import KeypointSchema, load_schema
from retrieval.manifest import FileStamp, SourceRecord
from retrieval.predictions import open_predictor, weights_stamp
from retrieval.segment import IndexedImage
from retrieval.store import load_index
from retrieval.viewpoint import viewpoint
from retrieval.write import Entry, IndexContent, refuse_existing, write_index


@dataclass(frozen=True)
class IndexSummary:
    """What was indexed: `empty` of the entries have no keypoint to compare and are never found first."""

    path: Path
    images: int
    entries: int
    empty: int

    def __str__(self) -> str:
        empty = f", {self.empty} of them without a keypoint" if self.empty else ""
        return f"{self.path}: {self.entries} instances in {self.images} images{empty}"


def build_index_from_labels(
    dataset: Path, out: Path, split: str | None = None, schema: KeypointSchema | None = None
) -> IndexSummary:
    """Index a dataset by its own labels; no network is needed, nor are the image files.

    Args:
        dataset: a folder or COCO keypoints file.
        out: the index folder to make.
        split: "train", "val" or "test", or None for all.
        schema: whose keypoints the dataset has; "vehicle20" where it is not given.

    Raises:
        DatasetError: the dataset is missing, damaged or of another schema, or is empty.
        IndexFileError: `out` exists or cannot be written.
    """
    refuse_existing(out)
    labelled = load_coco(dataset, split)
    schema = schema or load_schema("vehicle20")
    labelled.require_schema(schema)
    content = IndexContent(schema, _dataset_source(dataset, labelled, split, out, "labels"))
    for record in labelled.images:
        seen_from = viewpoint(record.extra)
        entries = [Entry(i.keypoints, i.bbox, viewpoint=seen_from) for i in record.instances if not i.iscrowd]
        content.add(_from_record(record, Path(content.source.root)), entries)
    return _finish(content, out)


def build_index(
    weights: Path, source: Path, out: Path, *, split: str | None = None, progress: bool = True
) -> IndexSummary:
    """Index images by the keypoints that a model predicts on them.

    Args:
        weights: a weights file or run folder.
        source: a folder of images, one image, or a dataset (a COCO file, or a folder with one).
        out: the index folder to make.
        split: of a dataset, or None for all of it.
        progress: show a bar on stderr.

    Raises:
        WeightsError, DatasetError, ImageError: the weights, the dataset or an image cannot be used.
        IndexFileError: `out` exists or cannot be written.
    """
    refuse_existing(out)
    records, described = _images_of(source, split, out)
    predictor = open_predictor(weights)
    content = IndexContent(predictor.schema, described, weights=weights_stamp(predictor.file))
    paths = [Path(described.root) / record.path for record in records]
    predicted = predictor.predict(paths)
    bar = tqdm(zip(records, predicted, strict=True), "index", len(records), unit="image", disable=not progress)
    for record, detections in bar:
        seen_from = viewpoint(record.extra)
        content.add(record, [Entry(d.keypoints, d.bbox, d.score, d.keypoint_scores, seen_from) for d in detections])
    return _finish(content, out)


def _finish(content: IndexContent, out: Path) -> IndexSummary:
    write_index(content, out)
    segment = load_index(out).segments[0]
    empty = int((segment.blocks.scales.reshape(-1)[: len(segment)] == 0).sum())
    return IndexSummary(out, segment.record.images, len(segment), empty)


def _images_of(source: Path, split: str | None, out: Path) -> tuple[list[IndexedImage], SourceRecord]:
    """The images to predict on, and what the manifest says of where they are from."""
    is_dataset = source.suffix.lower() == ".json" or (source / f"{split or 'annotations'}.json").is_file()
    if is_dataset or split is not None:
        dataset = load_coco(source, split)
        described = _dataset_source(source, dataset, split, out, "predictions")
        return [_from_record(record, Path(described.root)) for record in dataset.images], described
    files = find_images([source])
    root = (source if source.is_dir() else source.parent).resolve()
    images = [_stamped(IndexedImage(path.name, number), root) for number, path in enumerate(files)]
    return images, _source(source, root, out, "predictions")


def _dataset_source(path: Path, dataset: CocoDataset, split: str | None, out: Path, kind: Any) -> SourceRecord:
    if not dataset.images:
        raise DatasetError(f"{dataset.source}: lists no image to index")
    root = Path(os.path.commonpath([record.path.resolve().parent for record in dataset.images]))
    stamp = FileStamp(path=str(dataset.source.resolve()), sha256=file_hash(dataset.source))
    return _source(path, root, out, kind, split, stamp)


def _source(
    path: Path, root: Path, out: Path, kind: Any, split: str | None = None, annotations: FileStamp | None = None
) -> SourceRecord:
    return SourceRecord(
        path=str(path.resolve()),
        kind=kind,
        split=split,
        root=str(root),
        root_from_index=Path(os.path.relpath(root, out.resolve())).as_posix(),
        annotations=annotations,
    )


def _from_record(record: ImageRecord, root: Path) -> IndexedImage:
    path = record.path.resolve().relative_to(root).as_posix()
    return _stamped(IndexedImage(path, record.id, extra=record.extra), root)


def _stamped(image: IndexedImage, root: Path) -> IndexedImage:
    """The image with its file's size and time, where there is a file."""
    file = root / image.path
    if not file.is_file():
        return image
    status = file.stat()
    return replace(image, bytes=status.st_size, mtime_ns=status.st_mtime_ns)
