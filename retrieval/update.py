"""Bringing an index up to date: what is new is added, what has changed is replaced, and the rest is left as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.change import append_content, only_writer, require_weights
from retrieval.index import IndexSummary, add_predictions, labels_content, summarise
from retrieval.journal import job_of, open_journal
from retrieval.predictions import open_predictor, weights_stamp
from retrieval.segment import IndexedImage
from retrieval.sources import Source, predicted_source
from retrieval.stale import has_changed
from retrieval.store import Index, load_index
from retrieval.write import IndexContent


@dataclass(frozen=True)
class UpdateSummary:
    """What an update did: `added` is None where there was nothing new; `replaced` entries were removed for it."""

    path: Path
    added: IndexSummary | None
    replaced: int

    def __str__(self) -> str:
        if self.added is None:
            return f"{self.path}: is up to date; nothing was added"
        instead = f", in place of {self.replaced} that have changed" if self.replaced else ""
        return f"{self.added} added{instead}"


def append_labels(dataset: Path, index: Path, split: str | None = None) -> UpdateSummary:
    """Add a dataset's labels to an index; of a dataset that is in it and has changed, they replace the old ones.

    Raises:
        DatasetError: the dataset is missing, damaged or of another schema, or is empty.
        IndexFileError: the index is missing or damaged, or another process is changing it.
    """
    with only_writer(index):
        opened = load_index(index)
        content = labels_content(dataset, index, split, opened.schema)
        now, replaced = content.source, [np.zeros(0, dtype=np.int64)]
        for segment, start in zip(opened.segments, opened.starts, strict=False):
            then = segment.record.source
            if (then.kind, then.path, then.split) != (now.kind, now.path, now.split):
                continue
            same = then.annotations and now.annotations and then.annotations.sha256 == now.annotations.sha256
            if same and segment.live is None:
                return UpdateSummary(index, None, 0)
            live = np.arange(len(segment)) if segment.live is None else np.flatnonzero(segment.live)
            replaced.append(live + start)
        gone = np.concatenate(replaced)
        append_content(index, content, gone)
        return UpdateSummary(index, summarise(index, -1), len(gone))


def append_predictions(
    weights: Path, source: Path, index: Path, *, split: str | None = None, progress: bool = True
) -> UpdateSummary:
    """Predict on the images that an index does not have, or has as they no longer are, and add them.

    Killed, the same call goes on where it was.

    Raises:
        WeightsError, DatasetError, ImageError: the weights, the dataset or an image cannot be used.
        IndexFileError: the index is missing or damaged, is of other weights, or another process is changing it.
    """
    from training.weights_path import weights_path

    with only_writer(index):
        opened = load_index(index)
        stamp = weights_stamp(weights_path(weights))
        require_weights(index, opened.manifest, stamp)
        images = predicted_source(source, split, index)
        there = _indexed(opened)
        wanted, gone = _to_do(images, there)
        if not wanted.images:
            return UpdateSummary(index, None, 0)
        predictor = open_predictor(weights)
        opened.require_schema(predictor.schema, str(predictor.file))
        content = IndexContent(opened.schema, images.described, weights=stamp)
        with open_journal(index, job_of(stamp.sha256, images.root)) as journal:
            add_predictions(content, predictor, wanted, journal, progress=progress)
            append_content(index, content, gone)
        return UpdateSummary(index, summarise(index, -1), len(gone))


Known = Mapping[Path, tuple[IndexedImage, NDArray[np.int64]]]
"""Where an image lies, how it was when it was indexed, and its entries that are still there."""


def _indexed(index: Index) -> Known:
    """The images on which keypoints were predicted, less those of which every entry was removed."""
    found: dict[Path, tuple[IndexedImage, NDArray[np.int64]]] = {}
    for segment, start in zip(index.segments, index.starts, strict=False):
        if segment.record.source.kind == "labels":
            continue
        rows = np.asarray(segment.image_row)
        total = np.bincount(rows, minlength=segment.record.images)
        live = np.arange(len(segment)) if segment.live is None else np.flatnonzero(segment.live)
        alive = np.bincount(rows[live], minlength=segment.record.images)
        ends = np.cumsum(alive)
        by_row = live[np.argsort(rows[live], kind="stable")] + start
        for row in np.flatnonzero((total == 0) | (alive > 0)):
            image = segment.image(int(row))
            entries = by_row[ends[row] - alive[row] : ends[row]]
            found[segment.image_path(image, index.folder).resolve()] = image, entries
    return found


def _to_do(source: Source, there: Known) -> tuple[Source, NDArray[np.int64]]:
    """The images that are new or have changed, and the entries that they replace."""
    chosen, gone = [], [np.zeros(0, dtype=np.int64)]
    for number, image in enumerate(source.images):
        path = (source.root / image.path).resolve()
        if path not in there:
            chosen.append(number)
            continue
        then, entries = there[path]
        if has_changed(path, then.bytes, then.mtime_ns, then.sha256):
            chosen.append(number)
            gone.append(entries)
    images, records = [source.images[n] for n in chosen], [source.records[n] for n in chosen]
    return replace(source, images=images, records=records), np.concatenate(gone)
