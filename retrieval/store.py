"""A retrieval index on disk: segments of memory-mapped arrays, a line per image, and a manifest.

    INDEX/
      manifest.json         format, schema, similarity, weights, and of each segment its source, and size and hash of
                            each of its files
      0000/points.npy …     the arrays that `SegmentRecord.array_shapes` lists
      0000/images.jsonl     one JSON object per image; read a line at a time
      0001/ …               what was appended
      removed-0001.npy      entries that were removed

Opening reads the manifest and maps the arrays; pages are read when a search needs them. The manifest is replaced last
and at once, and what it names is never changed, so a reader sees the index before or after a change, never between.
"""

import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.lib import format as numpy_format
from numpy.typing import NDArray

from pipeline.dataset_folder import file_hash
from pipeline.errors import IndexFileError
from pipeline.keypoints import KeypointSchema
from retrieval.descriptor import Descriptors
from retrieval.manifest import DataFile, Manifest, SegmentRecord
from retrieval.own_json import read_own
from retrieval.packed import unpack
from retrieval.recall import tightness_for
from retrieval.segment import IndexedImage, Segment

SMALL = 1 << 20
"""Files up to so many bytes are hashed whenever an index is opened; larger ones when it is asked for."""


DAMAGED = (
    OSError,
    ValueError,
    TypeError,
    OverflowError,
    EOFError,
    SyntaxError,
    RecursionError,
    SystemError,  # Python 3.13's own tokenizer, of a header with zeros in it
    tokenize.TokenError,
)
"""What numpy raises on the header of an array, which it reads as Python's literals."""


@dataclass(frozen=True)
class Index:
    """An opened index. Entries are counted over its segments, removed ones too, so that none changes its number."""

    folder: Path
    manifest: Manifest
    segments: tuple[Segment, ...] = field(repr=False)

    def __len__(self) -> int:
        return self.manifest.entries

    @property
    def schema(self) -> KeypointSchema:
        """The keypoints that entries have."""
        return self.manifest.keypoints

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The first entry of each segment, and the number of all, (segments + 1,)."""
        return np.cumsum([0, *(len(segment) for segment in self.segments)])

    @property
    def keypoints(self) -> NDArray[np.float32]:
        """Of all entries, (N, K, 3) x, y in pixels of the image and v."""
        return self._joined([segment.keypoints for segment in self.segments])

    @property
    def boxes(self) -> NDArray[np.float32]:
        """Of all entries, (N, 4) x, y, width, height in pixels."""
        return self._joined([segment.bboxes for segment in self.segments])

    @property
    def scores(self) -> NDArray[np.float32]:
        """Of all detections, (N,); 1 for labels."""
        return self._joined([segment.detection_scores for segment in self.segments])

    @property
    def viewpoints(self) -> NDArray[np.float32]:
        """Of all entries, (N, 2) azimuth and elevation in degrees; NaN where they are not known."""
        return self._joined([segment.viewpoints for segment in self.segments])

    @property
    def live(self) -> NDArray[np.bool_]:
        """Which entries (N,) were not removed."""
        return self._joined([np.ones(len(s), bool) if s.live is None else s.live for s in self.segments])

    def _joined(self, parts: Sequence[NDArray]) -> NDArray:
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def place(self, entry: int) -> tuple[Segment, int]:
        """The segment of an entry and its number there."""
        number = int(np.searchsorted(self.starts, entry, side="right")) - 1
        return self.segments[number], entry - int(self.starts[number])

    def descriptors(self, entries: NDArray | None = None) -> Descriptors:
        """What is compared, of some entries in their order, or of all."""
        wanted = np.arange(len(self)) if entries is None else np.asarray(entries)
        points = np.empty((len(wanted), len(self.schema), 2), dtype=np.float32)
        weights = np.empty((len(wanted), len(self.schema)), dtype=np.float32)
        of_segment = np.searchsorted(self.starts, wanted, side="right") - 1
        for number, segment in enumerate(self.segments):
            mine = of_segment == number
            found = unpack(segment.blocks.packed(wanted[mine] - self.starts[number]))
            points[mine], weights[mine] = found.points, found.weights
        return Descriptors(points, weights)

    def image(self, entry: int) -> IndexedImage:
        """The image that an entry is of.

        Raises:
            IndexFileError: its line is damaged.
        """
        segment, number = self.place(entry)
        return segment.image(int(segment.image_row[number]))

    def image_path(self, entry: int) -> Path:
        """Where the image of an entry lies now.

        Raises:
            IndexFileError: its line is damaged.
        """
        return self.place(entry)[0].image_path(self.image(entry), self.folder)

    def values(self, name: str) -> set[str]:
        """What images say of a field of FIELDS."""
        return {value for segment in self.segments for value in segment.record.values.get(name, ())}

    def having(self, wanted: Mapping[str, Sequence[str]]) -> NDArray[np.bool_]:
        """Which entries (N,) are of images that have, in each field of FIELDS, one of the values wanted."""
        return self._joined([segment.with_values(wanted) for segment in self.segments])

    def with_values(self, wanted: Mapping[str, Sequence[str]]) -> NDArray[np.bool_]:
        """`having`, where a value that no image has is a mistake.

        Raises:
            IndexFileError: no image of the index has such a value; names those that there are.
        """
        for name, values in wanted.items():
            known = sorted(self.values(name))
            for value in values:
                if value not in known:
                    listed = ", ".join(known[:12]) or "none"
                    raise IndexFileError(f"{self.folder}: no image has {name} {value!r}; there are: {listed}")
        return self.having(wanted)

    def tightness_for(self, recall: float) -> list[float]:
        """Of each segment, how tight a search must be to find the share `recall` of the ten best."""
        return [tightness_for(recall, segment.record.recall) for segment in self.segments]

    def require_schema(self, schema: KeypointSchema, whose: str) -> None:
        """Raise IndexFileError unless `schema` has the index's keypoints, in its order."""
        if schema.names != self.schema.names:
            difference = sorted(set(schema.names) ^ set(self.schema.names)) or ["their order"]
            raise IndexFileError(
                f"{self.folder}: holds keypoints of {self.schema.name}; those of {whose} differ in "
                f"{', '.join(difference[:5])}"
            )


def load_index(folder: Path, *, verify: bool = False) -> Index:
    """Open an index.

    Args:
        folder: as `retrieval.index.build_index` made it.
        verify: hash every file (0.7 s per GB); without it those up to SMALL bytes, and of larger ones the size, shape
            and type are checked.

    Raises:
        IndexFileError: it is missing, damaged, of another version, or no index.
    """
    manifest = read_manifest(folder)
    removed = [_removed(folder, record.name, record.entries, record.file) for record in manifest.removed]
    gone = np.concatenate([np.zeros(0, dtype=np.int64), *removed])
    segments, start = [], 0
    for record in manifest.segments:
        segment = _open_segment(folder, record, len(manifest.keypoints), verify)
        segments.append(segment.without(gone[(gone >= start) & (gone < start + record.entries)] - start))
        start += record.entries
    return Index(folder, manifest, tuple(segments))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an index folder.

    Raises:
        IndexFileError: there is none, or it is damaged or of another version.
    """
    path = folder / "manifest.json"
    if not folder.is_dir():
        raise IndexFileError(f"{folder}: no such index; make one with akd index")
    if not path.exists():
        raise IndexFileError(f"{folder}: is not an index: it has no manifest.json")
    return read_own(path, Manifest, "the manifest of an index", IndexFileError, "make the index again")


def _open_segment(index: Path, record: SegmentRecord, keypoints: int, verify: bool) -> Segment:
    folder, shapes = index / record.name, record.array_shapes(keypoints)
    for name in [*(f"{array}.npy" for array in shapes), "images.jsonl"]:
        wanted = record.files.get(name)
        if wanted is None:
            raise IndexFileError(f"{index / 'manifest.json'}: segments: {record.name}: files: does not list {name}")
        _check_file(folder / name, wanted, verify)
    arrays = {name: _open_array(folder / f"{name}.npy", shape, dtype) for name, (shape, dtype) in shapes.items()}
    return Segment.from_arrays(folder, record, arrays)


def _removed(index: Path, name: str, entries: int, file: DataFile) -> NDArray[np.int64]:
    _check_file(index / name, file, True)
    return np.asarray(_open_array(index / name, (entries,), "<i4"), dtype=np.int64)


def _check_file(path: Path, wanted: DataFile, verify: bool) -> None:
    try:
        size = path.stat().st_size
        if size != wanted.bytes:
            raise IndexFileError(f"{path}: has {size} bytes, not {wanted.bytes}; it is damaged: make the index again")
        if (verify or size <= SMALL) and file_hash(path) != wanted.sha256:
            raise IndexFileError(f"{path}: its content has changed since the index was made; make the index again")
    except OSError as error:
        raise IndexFileError(f"{path}: cannot be read: {error.strerror}; make the index again") from error


def _open_array(path: Path, shape: tuple[int, ...], dtype: str) -> NDArray:
    try:
        with path.open("rb") as file:
            if numpy_format.read_magic(file) != (1, 0):
                raise ValueError("it is of another version than an index has")
            promised, _, kind = numpy_format.read_array_header_1_0(file)
        # an array without elements has no bytes to map: it is read, and so must not promise any
        if 0 in shape and promised != shape:
            raise IndexFileError(f"{path}: must be {dtype} {shape} in C order; got {kind.str} {promised}")
        array = np.load(path, mmap_mode="r" if 0 not in shape else None, allow_pickle=False)
    except DAMAGED as error:
        raise IndexFileError(f"{path}: is not a numpy array: {str(error).splitlines()[0]}") from error
    if array.shape != shape or array.dtype != np.dtype(dtype) or not array.flags.c_contiguous:
        raise IndexFileError(f"{path}: must be {dtype} {shape} in C order; got {array.dtype.str} {array.shape}")
    return array
