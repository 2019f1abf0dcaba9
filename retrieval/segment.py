"""A segment of an index: entries that were written together, with the images they are of; opened, or to be written."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import IndexFileError
from pipeline.file_names import escapes, is_file
from pipeline.plain_values import fault_of
from retrieval.blocks import Blocks
from retrieval.manifest import SegmentRecord

FIELDS = ("style", "split", "source")
"""What can be filtered by: fields of an image; `source` is, where an image has none, what was indexed."""


@dataclass(frozen=True)
class IndexedImage:
    """One image of an index.

    Attributes:
        path: relative to the source's root, with forward slashes.
        bytes, mtime_ns: of the file when it was indexed; None where only its labels were there.
        sha256: of the file, where keypoints were predicted on it; None for labels.
        extra: what the dataset says of the image (azimuth_deg, style, vehicle, ...).
    """

    path: str
    image_id: int
    bytes: int | None = None
    mtime_ns: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    sha256: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; ten million of them are written, so none is copied."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Segment:
    """An opened segment; arrays as `SegmentRecord.array_shapes` says, read-only and memory-mapped.

    Attributes:
        blocks: what is searched; without the entries that were removed.
        live: (N,) which entries were not removed; None where none was.
    """

    folder: Path
    record: SegmentRecord
    blocks: Blocks = field(repr=False)
    keypoints: NDArray[np.float32] = field(repr=False)
    bboxes: NDArray[np.float32] = field(repr=False)
    detection_scores: NDArray[np.float32] = field(repr=False)
    viewpoints: NDArray[np.float32] = field(repr=False)
    image_row: NDArray[np.int32] = field(repr=False)
    image_offsets: NDArray[np.int64] = field(repr=False)
    field_codes: NDArray[np.int32] = field(repr=False)
    live: NDArray[np.bool_] | None = field(default=None, repr=False)

    @classmethod
    def from_arrays(cls, folder: Path, record: SegmentRecord, arrays: Mapping[str, NDArray]) -> Self:
        """Of the arrays that `SegmentRecord.array_shapes` lists."""
        mine = {name.name for name in fields(Blocks)}
        blocks = Blocks(**{name: array for name, array in arrays.items() if name in mine})
        return cls(folder, record, blocks, **{name: array for name, array in arrays.items() if name not in mine})

    def __len__(self) -> int:
        return self.record.entries

    def without(self, removed: NDArray[np.int64]) -> Self:
        """The same less some of its entries."""
        if not len(removed):
            return self
        live = np.ones(len(self), dtype=bool) if self.live is None else self.live.copy()
        live[removed] = False
        return replace(self, live=live, blocks=self.blocks.only(live))

    def image(self, row: int) -> IndexedImage:
        """The image of a line of images.jsonl.

        Raises:
            IndexFileError: the line is damaged.
        """
        source = self.folder / "images.jsonl"
        try:
            if not 0 <= row < self.record.images:
                raise ValueError(f"there is no line {row + 1}")
            start, stop = (int(n) for n in self.image_offsets[row : row + 2])
            if not 0 <= start < stop <= self.record.files["images.jsonl"].bytes:
                raise ValueError(f"it has no bytes {start} to {stop}")
            with source.open("rb") as file:
                file.seek(start)
                return _image_of(json.loads(file.read(stop - start)))
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise IndexFileError(f"{source}: line {row + 1} is damaged; make the index again ({error})") from error

    def images(self) -> Iterator[IndexedImage]:
        """All images in order.

        Raises:
            IndexFileError: a line is damaged.
        """
        return (self.image(row) for row in range(self.record.images))

    def image_path(self, image: IndexedImage, index_folder: Path) -> Path:
        """Where the image lies now: under the root as it was, or as it lies from the index if both were moved."""
        source = self.record.source
        moved = index_folder / source.root_from_index / image.path
        there = Path(source.root) / image.path
        return moved.resolve() if not is_file(there) and is_file(moved) else there

    def with_values(self, wanted: Mapping[str, Sequence[str]]) -> NDArray[np.bool_]:
        """Which entries (N,) are of images that have, in each field, one of the values wanted."""
        images = np.ones(self.record.images, dtype=bool)
        for name, values in wanted.items():
            known = self.record.values.get(name, ())
            codes = [known.index(value) + 1 for value in values if value in known]
            row = list(self.record.values).index(name) if name in self.record.values else None
            images &= np.isin(self.field_codes[row], codes) if row is not None else False
        return np.asarray(images[self.image_row])


def _image_of(line: Any) -> IndexedImage:
    """Raises TypeError or ValueError where a line is not an image's, or its path leads out of the source's folder."""
    image = IndexedImage(**line)
    if not isinstance(image.path, str) or type(image.image_id) is not int or not isinstance(image.extra, dict):
        raise TypeError("path must be text, image_id a whole number, extra an object")
    if fault := escapes(image.path) or fault_of(image.extra):
        raise ValueError(f"{image.path!r:.80} {fault}")
    return image
