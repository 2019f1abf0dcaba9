"""A retrieval index on disk: a folder of memory-mapped arrays, a line per image, and a manifest.

    INDEX/
      manifest.json       format, schema, similarity, weights, source, and size and hash of each file below
      points.npy …        the arrays that `Manifest.array_shapes` lists
      images.jsonl        one JSON object per image; read a line at a time, so that opening takes no longer for more

Opening reads the manifest and maps the arrays; pages are read when a search needs them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.config import parse_config
from pipeline.dataset_folder import file_hash
from pipeline.errors import IndexFileError, SpecError
from pipeline.keypoints import KeypointSchema
from retrieval.manifest import FORMAT, VERSION, Manifest


@dataclass(frozen=True)
class IndexedImage:
    """One image of an index.

    Attributes:
        path: relative to the source's root, with forward slashes.
        bytes, mtime_ns: of the file when it was indexed; None where only its labels were there.
        extra: what the dataset says of the image (azimuth_deg, style, vehicle, ...).
    """

    path: str
    image_id: int
    bytes: int | None = None
    mtime_ns: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Index:
    """An opened index; arrays as `Manifest.array_shapes` says, read-only and memory-mapped."""

    folder: Path
    manifest: Manifest
    points: NDArray[np.float32] = field(repr=False)
    weights: NDArray[np.float32] = field(repr=False)
    keypoints: NDArray[np.float32] = field(repr=False)
    boxes: NDArray[np.float32] = field(repr=False)
    scores: NDArray[np.float32] = field(repr=False)
    image_row: NDArray[np.int32] = field(repr=False)
    image_offsets: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return self.manifest.entries

    @property
    def schema(self) -> KeypointSchema:
        """The keypoints that entries have."""
        return self.manifest.keypoints

    def image(self, entry: int) -> IndexedImage:
        """The image that an entry is of.

        Raises:
            IndexFileError: its line is damaged.
        """
        row = int(self.image_row[entry])
        source = self.folder / "images.jsonl"
        try:
            start, stop = (int(n) for n in self.image_offsets[row : row + 2])
            with source.open("rb") as file:
                file.seek(start)
                return IndexedImage(**json.loads(file.read(stop - start)))
        except (OSError, ValueError, TypeError) as error:
            raise IndexFileError(f"{source}: line {row + 1} is damaged; make the index again") from error

    def image_path(self, image: IndexedImage) -> Path:
        """Where the image lies now: under the root as it was, or as it lies from the index if both were moved."""
        source = self.manifest.source
        moved = self.folder / source.root_from_index / image.path
        there = Path(source.root) / image.path
        return moved.resolve() if not there.is_file() and moved.is_file() else there

    def require_schema(self, schema: KeypointSchema, whose: str) -> None:
        """Raise IndexFileError unless `schema` has the index's keypoints, in its order."""
        if schema.names != self.schema.names:
            difference = sorted(set(schema.names) ^ set(self.schema.names)) or ["their order"]
            raise IndexFileError(
                f"{self.folder}: holds keypoints of {self.schema.name}; those of {whose} differ in "
                f"{', '.join(difference[:5])}"
            )


def load_index(folder: Path, *, verify: bool = True) -> Index:
    """Open an index.

    Args:
        folder: as `retrieval.index.build_index` made it.
        verify: also hash every file (0.7 s per GB); without it only sizes, shapes and types are checked.

    Raises:
        IndexFileError: it is missing, damaged, of another version, or no index.
    """
    manifest = _read_manifest(folder)
    for name in [*(f"{array}.npy" for array in manifest.array_shapes()), "images.jsonl"]:
        _check_file(folder / name, manifest, verify)
    arrays = {
        name: _open_array(folder / f"{name}.npy", shape, dtype)
        for name, (shape, dtype) in manifest.array_shapes().items()
    }
    return Index(folder, manifest, **arrays)


def _read_manifest(folder: Path) -> Manifest:
    path = folder / "manifest.json"
    if not folder.is_dir():
        raise IndexFileError(f"{folder}: no such index; make one with akd index")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise IndexFileError(f"{folder}: is not an index: it has no manifest.json") from error
    except (OSError, ValueError, RecursionError) as error:
        raise IndexFileError(f"{path}: is damaged ({str(error).splitlines()[0]}); make the index again") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise IndexFileError(f"{path}: is not the manifest of an index; its format must be {FORMAT!r}")
    if content.get("version") != VERSION:
        raise IndexFileError(f"{path}: is version {content.get('version')}; this program reads version {VERSION}")
    try:
        return parse_config(content, Manifest, path)
    except SpecError as error:
        raise IndexFileError(str(error)) from error


def _check_file(path: Path, manifest: Manifest, verify: bool) -> None:
    wanted = manifest.files.get(path.name)
    if wanted is None:
        raise IndexFileError(f"{path.parent / 'manifest.json'}: files: does not list {path.name}")
    try:
        size = path.stat().st_size
        if size != wanted.bytes:
            raise IndexFileError(f"{path}: has {size} bytes, not {wanted.bytes}; it is damaged: make the index again")
        if verify and file_hash(path) != wanted.sha256:
            raise IndexFileError(f"{path}: its content has changed since the index was made; make the index again")
    except OSError as error:
        raise IndexFileError(f"{path}: cannot be read: {error.strerror}; make the index again") from error


def _open_array(path: Path, shape: tuple[int, ...], dtype: str) -> NDArray:
    try:
        # an array without elements has no bytes to map
        array = np.load(path, mmap_mode="r" if 0 not in shape else None, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise IndexFileError(f"{path}: is not a numpy array: {str(error).splitlines()[0]}") from error
    if array.shape != shape or array.dtype != np.dtype(dtype) or not array.flags.c_contiguous:
        raise IndexFileError(f"{path}: must be {dtype} {shape} in C order; got {array.dtype.str} {array.shape}")
    return array
