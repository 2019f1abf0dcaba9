"""An index's features on disk, for another program to search; and its answers ranked again by the similarity itself.

    FEATURES/
      features.npy       (N, D) float32 of unit length, one row per instance that was not removed
      entries.jsonl      of each row: entry, image, bbox, and what the dataset says of the image
      frequencies.npy    (K, pairs, 2), with which queries are encoded
      features.json      which index, similarity and seed

docs/retrieval.md has the example, which a test runs.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.dataset_folder import file_hash
from pipeline.errors import AkdError, IndexFileError
from pipeline.files import write_json_atomic
from retrieval.descriptor import Descriptors
from retrieval.features import draw_frequencies, encode
from retrieval.nearest import Found
from retrieval.packed import chunks
from retrieval.similarity import contributions
from retrieval.store import DAMAGED, Index


@dataclass(frozen=True)
class FeatureSummary:
    """What was written."""

    path: Path
    rows: int
    dimensions: int

    def __str__(self) -> str:
        megabytes = 4e-6 * self.rows * self.dimensions
        return f"{self.path}: {self.rows} vectors of {self.dimensions} numbers, {megabytes:.1f} MB"


def write_features(index: Index, out: Path, pairs: int = 8, seed: int = 0) -> FeatureSummary:
    """Write the features of an index's entries, removed ones apart.

    Raises:
        AkdError: `out` exists.
        IndexFileError: the index is damaged, or `out` cannot be written.
    """
    if out.exists():
        raise AkdError(f"{out}: exists already; remove it, or give another name")
    entries = np.flatnonzero(index.live)
    frequencies = draw_frequencies(index.schema.sigmas, pairs, seed)
    width = frequencies.shape[0] * pairs * 2
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        temporary.mkdir(parents=True)
        np.save(temporary / "frequencies.npy", frequencies)
        rows = (
            np.lib.format.open_memmap(
                temporary / "features.npy", mode="w+", dtype=np.float32, shape=(len(entries), width)
            )
            if len(entries)
            else np.zeros((0, width), np.float32)
        )
        for part in chunks(len(entries)):
            rows[part] = encode(index.descriptors(entries[part]), frequencies)
        if isinstance(rows, np.memmap):
            rows.flush()
        else:
            np.save(temporary / "features.npy", rows)
        _write_entries(index, entries, temporary / "entries.jsonl")
        write_json_atomic(temporary / "features.json", _described(index, pairs, seed), indent=1)
        temporary.rename(out)
    except OSError as error:
        raise IndexFileError(f"{out}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return FeatureSummary(out, len(entries), width)


def load_frequencies(features: Path) -> NDArray[np.float32]:
    """With which queries are encoded for features that `write_features` wrote.

    Raises:
        IndexFileError: they are missing or damaged.
    """
    path = features / "frequencies.npy"
    try:
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
    except DAMAGED as error:
        raise IndexFileError(f"{path}: cannot be read; write the features again with akd features") from error


def rerank(index: Index, query: Descriptors, entries: ArrayLike, k: int = 10) -> Found:
    """The k best of some entries, such as another program found by their features, by the similarity itself.

    Args:
        index: the features' own.
        query: one descriptor.
        entries: (n,) entries of the index in any order; negative ones, which FAISS gives for none, are left out.
        k: how many.
    """
    near = np.unique(np.asarray(entries, dtype=np.int64).ravel())
    near = near[near >= 0]
    theirs = index.descriptors(near)
    points, weights = theirs.points.transpose(1, 2, 0), theirs.weights.T
    terms = contributions(query.points[0], query.weights[0], points, weights, index.schema.sigmas)
    scores = terms.cumsum(axis=1)[:, -1] if len(near) else np.zeros(0)
    order = np.lexsort((near, -scores))[:k]
    return Found(near[order], scores[order], terms[order])


def _write_entries(index: Index, entries: NDArray[np.int64], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for entry in entries:
            segment, number = index.place(int(entry))
            image = segment.image(int(segment.image_row[number]))
            line = {
                "entry": int(entry),
                "image": str(segment.image_path(image, index.folder)),
                "bbox": [round(float(v), 3) for v in segment.bboxes[number]],
                **image.extra,
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _described(index: Index, pairs: int, seed: int) -> dict[str, object]:
    return {
        "index": str(index.folder.resolve()),
        "manifest_sha256": file_hash(index.folder / "manifest.json"),
        "keypoints": list(index.schema.names),
        "sigmas": index.schema.sigmas.tolist(),
        "hidden_weight": index.manifest.similarity.hidden_weight,
        "pairs": pairs,
        "seed": seed,
    }
