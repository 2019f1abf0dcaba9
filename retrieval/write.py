"""Writing an index: whole or not at all."""

import glob
import json
import os
import platform
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset_folder import file_hash
from pipeline.errors import IndexFileError
from pipeline.files import write_json_atomic
from pipeline.keypoints import KeypointSchema
from retrieval.blocks import build_blocks
from retrieval.descriptor import HIDDEN_WEIGHT
from retrieval.manifest import DataFile, FileStamp, Manifest, SegmentRecord, SimilaritySettings, SourceRecord
from retrieval.packed import pack_instances
from retrieval.recall import measure_recall
from retrieval.segment import FIELDS, IndexedImage
from retrieval.viewpoint import UNKNOWN


@dataclass(frozen=True)
class Entry:
    """One instance to index.

    Attributes:
        keypoints: (K, 3) x, y in pixels and v.
        bbox: (4,) x, y, width, height in pixels.
        keypoint_scores: (K,) 0..1 of a detection; None for a label.
        viewpoint: azimuth and elevation in degrees; NaN where not known.
    """

    keypoints: NDArray
    bbox: NDArray
    score: float = 1.0
    keypoint_scores: NDArray | None = None
    viewpoint: tuple[float, float] = UNKNOWN


@dataclass(frozen=True)
class Instances:
    """N entries as arrays: what `Entry` has, and of each the number of its image.

    Attributes:
        keypoints: (N, K, 3).
        boxes: (N, 4).
        scores: (N,).
        viewpoints: (N, 2).
        image_row: (N,).
        keypoint_scores: (N, K), or None where all are labels.
    """

    keypoints: NDArray
    boxes: NDArray
    scores: NDArray
    viewpoints: NDArray
    image_row: NDArray
    keypoint_scores: NDArray | None = None


@dataclass
class IndexContent:
    """What goes into an index or is appended to one, gathered image by image."""

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

    def instances(self) -> Instances:
        """The entries as arrays."""
        count = len(self.schema)
        certain = [np.ones(count) if e.keypoint_scores is None else e.keypoint_scores for e in self.entries]
        return Instances(
            np.array([entry.keypoints for entry in self.entries], dtype=np.float64).reshape(-1, count, 3),
            np.array([entry.bbox for entry in self.entries], dtype=np.float64).reshape(-1, 4),
            np.array([entry.score for entry in self.entries]),
            np.array([entry.viewpoint for entry in self.entries]).reshape(-1, 2),
            np.array(self.image_row),
            np.array(certain, dtype=np.float64).reshape(-1, count),
        )


def refuse_existing(out: Path) -> None:
    """Raise IndexFileError where `out` exists: nothing is overwritten; and before anything long is begun."""
    if out.exists() or out.is_symlink():
        raise IndexFileError(f"{out}: exists already; remove it, or give the index another name")


def remove_abandoned(out: Path) -> None:
    """Delete what writers of this index that were killed have left on this machine."""
    for leftover in out.parent.glob(f".{glob.escape(out.name)}.{glob.escape(platform.node())}.*.tmp"):
        number = leftover.name.split(".")[-2]
        if number.isdecimal() and not _runs(int(number)):
            shutil.rmtree(leftover, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def write_index(content: IndexContent, out: Path) -> Manifest:
    """Write what was gathered as a new index; raises as `write_instances`."""
    return write_instances(
        content.schema,
        content.source,
        content.instances(),
        content.images,
        out,
        weights=content.weights,
        hidden_weight=content.hidden_weight,
    )


def write_instances(
    schema: KeypointSchema,
    source: SourceRecord,
    instances: Instances,
    images: Iterable[IndexedImage],
    out: Path,
    *,
    weights: FileStamp | None = None,
    hidden_weight: float = HIDDEN_WEIGHT,
) -> Manifest:
    """Write an index folder of one segment under a temporary name and rename it.

    Raises:
        IndexFileError: `out` exists, or its folder cannot be written to.
    """
    refuse_existing(out)
    remove_abandoned(out)
    temporary = out.with_name(f".{out.name}.{platform.node()}.{os.getpid()}.tmp")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        segment = write_segment(temporary / "0000", schema, hidden_weight, source, instances, images)
        manifest = Manifest(
            keypoints=schema,
            similarity=SimilaritySettings(hidden_weight=hidden_weight),
            weights=weights,
            segments=(segment,),
        )
        write_json_atomic(temporary / "manifest.json", manifest.to_json(), indent=1)
        refuse_existing(out)
        temporary.rename(out)
    except OSError as error:
        raise IndexFileError(f"{out}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return manifest


def write_segment(
    folder: Path,
    schema: KeypointSchema,
    hidden_weight: float,
    source: SourceRecord,
    instances: Instances,
    images: Iterable[IndexedImage],
) -> SegmentRecord:
    """Write a segment into a new folder, and say what the manifest must of it.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir()
    offsets, codes, values = _write_images(folder / "images.jsonl", images, source)
    packed = pack_instances(instances.keypoints, instances.boxes, hidden_weight, instances.keypoint_scores)
    blocks = build_blocks(packed)
    del packed
    record = SegmentRecord(
        name=folder.name,
        entries=len(blocks),
        images=len(offsets) - 1,
        source=source,
        values=values,
        recall=measure_recall(blocks, schema.sigmas),
        files={},
    )
    arrays = {
        **blocks.arrays(),
        "keypoints": instances.keypoints,
        "bboxes": instances.boxes,
        "detection_scores": instances.scores,
        "viewpoints": instances.viewpoints,
        "image_row": instances.image_row,
        "image_offsets": offsets,
        "field_codes": codes,
    }
    for name, (shape, dtype) in record.array_shapes(len(schema)).items():
        save_array(folder / f"{name}.npy", np.ascontiguousarray(arrays[name], dtype=dtype).reshape(shape))
    files = {path.name: data_file(path) for path in sorted(folder.iterdir())}
    return record.model_copy(update={"files": files})


def data_file(path: Path) -> DataFile:
    """What the manifest says of a file."""
    return DataFile(bytes=path.stat().st_size, sha256=file_hash(path))


def _write_images(
    path: Path, images: Iterable[IndexedImage], source: SourceRecord
) -> tuple[list[int], NDArray, dict[str, tuple[str, ...]]]:
    """Write a line per image; where each begins, each field's code of each image (F, M), and what codes mean."""
    offsets, codes = [0], []
    known: dict[str, dict[str, int]] = {name: {} for name in FIELDS}
    usual = {"split": source.split, "source": Path(source.path).name}
    with path.open("wb") as file:
        for image in images:
            offsets.append(offsets[-1] + file.write(_line(image.to_json())))
            said = {**usual, **image.extra}
            codes.append([_code(known[name], said.get(name)) for name in FIELDS])
        _to_disk(file.fileno(), file.flush)
    return offsets, np.array(codes).reshape(-1, len(FIELDS)).T, {name: tuple(each) for name, each in known.items()}


def _code(known: dict[str, int], value: object) -> int:
    """From 1, in the order in which values are met; 0 where nothing is said."""
    return known.setdefault(value, len(known) + 1) if isinstance(value, str) and value else 0


def save_array(path: Path, array: NDArray) -> None:
    """Write an array, and wait until it is on the disk."""
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        _to_disk(file.fileno(), file.flush)


def _to_disk(descriptor: int, flush: Any) -> None:
    """Content before the rename: after a power cut the index is whole or not there."""
    flush()
    os.fsync(descriptor)


def _line(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n").encode()
