"""Writing an index: whole or not at all."""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset_folder import file_hash
from pipeline.errors import IndexFileError
from pipeline.files import write_json_atomic
from pipeline.keypoints import KeypointSchema
from retrieval.descriptor import HIDDEN_WEIGHT, describe
from retrieval.manifest import DataFile, FileStamp, Manifest, SimilaritySettings, SourceRecord
from retrieval.store import IndexedImage


@dataclass(frozen=True)
class Entry:
    """One instance to index: keypoints (K, 3) x, y in pixels and v; bbox (4,) x, y, width, height in pixels."""

    keypoints: NDArray
    bbox: NDArray
    score: float = 1.0


@dataclass
class IndexContent:
    """What goes into an index, gathered image by image."""

    schema: KeypointSchema
    source: SourceRecord
    weights: FileStamp | None = None
    hidden_weight: float = HIDDEN_WEIGHT
    images: list[IndexedImage] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    image_row: list[int] = field(default_factory=list)

    def add(self, image: IndexedImage, entries: Sequence[Entry]) -> None:
        """Add an image and its instances, of which there may be none."""
        self.entries += entries
        self.image_row += [len(self.images)] * len(entries)
        self.images.append(image)

    def arrays(self) -> dict[str, NDArray]:
        """The index's arrays; shapes as `Manifest.array_shapes`."""
        keypoints = np.array([entry.keypoints for entry in self.entries], dtype=np.float64)
        keypoints = keypoints.reshape(-1, len(self.schema), 3)
        boxes = np.array([entry.bbox for entry in self.entries], dtype=np.float64).reshape(-1, 4)
        descriptors = describe(keypoints, boxes, self.hidden_weight)
        return {
            "points": np.ascontiguousarray(descriptors.points.transpose(1, 2, 0), dtype="<f4"),
            "weights": np.ascontiguousarray(descriptors.weights.T, dtype="<f4"),
            "keypoints": keypoints.astype("<f4"),
            "boxes": boxes.astype("<f4"),
            "scores": np.array([entry.score for entry in self.entries], dtype="<f4"),
            "image_row": np.array(self.image_row, dtype="<i4"),
        }


def refuse_existing(out: Path) -> None:
    """Raise IndexFileError where `out` exists: nothing is overwritten; and before anything long is begun."""
    if out.exists() or out.is_symlink():
        raise IndexFileError(f"{out}: exists already; remove it, or give the index another name")


def write_index(content: IndexContent, out: Path) -> Manifest:
    """Write an index folder under a temporary name and rename it.

    Raises:
        IndexFileError: `out` exists, or its folder cannot be written to.
    """
    refuse_existing(out)
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        manifest = _write_into(content, temporary)
        refuse_existing(out)
        temporary.rename(out)
    except OSError as error:
        raise IndexFileError(f"{out}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return manifest


def _write_into(content: IndexContent, folder: Path) -> Manifest:
    lines = [_line(asdict(image)) for image in content.images]
    offsets = np.cumsum([0, *map(len, lines)], dtype="<i8")
    for name, array in {**content.arrays(), "image_offsets": offsets}.items():
        with (folder / f"{name}.npy").open("wb") as file:
            np.save(file, array, allow_pickle=False)
            _to_disk(file.fileno(), file.flush)
    with (folder / "images.jsonl").open("wb") as file:
        file.writelines(lines)
        _to_disk(file.fileno(), file.flush)
    manifest = Manifest(
        keypoints=content.schema,
        similarity=SimilaritySettings(hidden_weight=content.hidden_weight),
        weights=content.weights,
        source=content.source,
        entries=len(content.entries),
        images=len(content.images),
        files={
            path.name: DataFile(bytes=path.stat().st_size, sha256=file_hash(path)) for path in sorted(folder.iterdir())
        },
    )
    write_json_atomic(folder / "manifest.json", manifest.to_json(), indent=1)
    return manifest


def _to_disk(descriptor: int, flush: Any) -> None:
    """Content before the rename: after a power cut the index is whole or not there."""
    flush()
    os.fsync(descriptor)


def _line(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n").encode()
