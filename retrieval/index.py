"""Making an index, or adding to one: a dataset's own labels, or what a model predicts on a folder or dataset."""

from dataclasses import dataclass, replace
from pathlib import Path

from tqdm import tqdm

from pipeline.dataset_folder import file_hash
from pipeline.keypoints import KeypointSchema, load_schema
from retrieval.journal import Journal, Predicted, job_of, open_journal
from retrieval.predictions import Predictor, open_predictor, weights_stamp
from retrieval.sigmas import with_sigmas
from retrieval.sources import Source, labelled_source, predicted_source
from retrieval.store import load_index
from retrieval.viewpoint import viewpoint_of, viewpoints_of
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
    dataset: Path,
    out: Path,
    split: str | None = None,
    schema: KeypointSchema | None = None,
    sigmas: KeypointSchema | None = None,
) -> IndexSummary:
    """Index a dataset by its own labels; no network is needed, nor are the image files.

    Args:
        dataset: a folder or COCO keypoints file.
        out: the index folder to make.
        split: "train", "val" or "test", or None for all.
        schema: whose keypoints the dataset has; "vehicle20" where it is not given.
        sigmas: a schema of the same keypoints whose sigmas the similarity takes, or None for `schema`'s.

    Raises:
        DatasetError: the dataset is missing, damaged or of another schema, or is empty.
        IndexFileError: `out` exists or cannot be written.
        SpecError: `sigmas` is of other keypoints.
    """
    refuse_existing(out)
    write_index(labels_content(dataset, out, split, with_sigmas(schema or load_schema("vehicle20"), sigmas)), out)
    return summarise(out)


def labels_content(dataset: Path, out: Path, split: str | None, schema: KeypointSchema) -> IndexContent:
    """What a dataset's labels say, to be written as a segment of `out`; raises as `build_index_from_labels`."""
    source, labelled = labelled_source(dataset, split, out)
    labelled.require_schema(schema)
    content = IndexContent(schema, source.described)
    for image, record in zip(source.images, labelled.images, strict=True):
        entries = [
            Entry(i.keypoints, i.bbox, viewpoint=viewpoint_of(record, i)) for i in record.instances if not i.iscrowd
        ]
        content.add(image, entries)
    return content


def build_index(
    weights: Path,
    source: Path,
    out: Path,
    *,
    split: str | None = None,
    progress: bool = True,
    sigmas: KeypointSchema | None = None,
) -> IndexSummary:
    """Index images by the keypoints that a model predicts on them; killed, the same call goes on where it was.

    Args:
        weights: a weights file or run folder.
        source: a folder of images, one image, or a dataset (a COCO file, or a folder with one).
        out: the index folder to make.
        split: of a dataset, or None for all of it.
        progress: show a bar on stderr.
        sigmas: a schema of the same keypoints whose sigmas the similarity takes, or None for the weights'.

    Raises:
        WeightsError, DatasetError, ImageError: the weights, the dataset or an image cannot be used.
        IndexFileError: `out` exists or cannot be written, or another run was begun there.
        SpecError: `sigmas` is of other keypoints.
    """
    refuse_existing(out)
    images = predicted_source(source, split, out)
    predictor = open_predictor(weights)
    stamp = weights_stamp(predictor.file)
    content = IndexContent(with_sigmas(predictor.schema, sigmas), images.described, weights=stamp)
    with open_journal(out, job_of(stamp.sha256, images.images, str(images.root))) as journal:
        add_predictions(content, predictor, images, journal, progress=progress)
        write_index(content, out)
    return summarise(out)


def add_predictions(
    content: IndexContent, predictor: Predictor, source: Source, journal: Journal, *, progress: bool
) -> None:
    """Predict on each image that the journal does not have yet, and add all of them to `content`.

    Raises:
        ImageError: an image cannot be read.
    """
    left = source.images[len(journal.done) :]
    predicted = predictor.predict([source.root / image.path for image in left])
    bar = tqdm(
        zip(source.images, source.records, strict=True),
        "index",
        len(source.images),
        unit="image",
        disable=not progress,
        mininterval=0.5,
    )
    for number, (image, record) in enumerate(bar):
        if number < len(journal.done):
            found = journal.done[number]
        else:
            found = [Predicted.of(detection) for detection in next(predicted)]
            journal.add(found)
        seen_from = viewpoints_of(record, [one.bbox for one in found])
        entries = [
            Entry(one.keypoints, one.bbox, one.score, one.keypoint_scores, view)
            for one, view in zip(found, seen_from, strict=True)
        ]
        content.add(replace(image, sha256=file_hash(source.root / image.path)), entries)


def summarise(index: Path, segment: int = 0) -> IndexSummary:
    """Of one segment of an index."""
    opened = load_index(index).segments[segment]
    empty = int((opened.blocks.scales.reshape(-1)[: len(opened)] == 0).sum())
    return IndexSummary(index, opened.record.images, len(opened), empty)
