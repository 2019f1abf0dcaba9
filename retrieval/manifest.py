"""What an index folder says of itself: its format, its schema, what made it and what each file must be."""

from typing import Annotated, Any, Literal

from pydantic import Field

from pipeline.config import Config
from pipeline.keypoints import KeypointSchema
from retrieval.blocks import array_shapes

Count = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SimilaritySettings(Config):
    """Which similarity the descriptors are made for; see `retrieval.similarity` and `retrieval.descriptor`."""

    name: Literal["box-oks"] = "box-oks"
    unit: Literal["sqrt-box-area"] = "sqrt-box-area"
    hidden_weight: Annotated[float, Field(ge=0, le=1)]


class FileStamp(Config):
    """A file outside the index as it was when the index was made; size and time spare reading it again."""

    path: str
    sha256: Sha256
    bytes: Count | None = None
    mtime_ns: int | None = None


class SourceRecord(Config):
    """What was indexed.

    Attributes:
        path: the folder or dataset, absolute.
        kind: "labels" of a dataset, or "predictions" by the weights.
        root: the folder that image paths count from, absolute.
        root_from_index: the same folder as seen from the index, so that both may be moved together.
        annotations: the dataset's JSON, where there is one.
    """

    path: str
    kind: Literal["labels", "predictions"]
    split: str | None = None
    root: str
    root_from_index: str
    annotations: FileStamp | None = None


class DataFile(Config):
    """One file of the index: what it must be."""

    bytes: Count
    sha256: Sha256


class RecallPoint(Config):
    """What an early stop costs: the share of the ten best that a search of this tightness finds."""

    tightness: Annotated[float, Field(gt=0, le=1)]
    recall: Annotated[float, Field(ge=0, le=1)]


class SegmentRecord(Config):
    """Entries that were written together, in a folder of that name.

    Attributes:
        values: what the images say of each field that can be filtered by; `field_codes` counts in them from 1.
        recall: measured when it was written; empty where it is too small to stop early.
    """

    name: Annotated[str, Field(pattern=r"^[0-9]{4,9}$")]
    entries: Count
    images: Count
    source: SourceRecord
    values: dict[str, tuple[str, ...]]
    recall: tuple[RecallPoint, ...] = ()
    files: dict[str, DataFile]

    def array_shapes(self, keypoints: int) -> dict[str, tuple[tuple[int, ...], str]]:
        """Each array of the segment: its shape and numpy dtype.

        Those of `retrieval.blocks`, and: keypoints (N, K, 3) x, y in pixels of the image and v. boxes (N, 4) x, y,
        width, height in pixels. scores (N,) of the detection, 1 for labels. viewpoints (N, 2) azimuth and elevation in
        degrees, NaN where not known. image_row (N,) the line of images.jsonl that an entry is of. image_offsets
        (M + 1,) where lines begin, bytes. field_codes (F, M) what each image says of each field; 0 for nothing.
        """
        return {
            **array_shapes(self.entries, keypoints),
            "keypoints": ((self.entries, keypoints, 3), "<f4"),
            "bboxes": ((self.entries, 4), "<f4"),
            "detection_scores": ((self.entries,), "<f4"),
            "viewpoints": ((self.entries, 2), "<f4"),
            "image_row": ((self.entries,), "<i4"),
            "image_offsets": ((self.images + 1,), "<i8"),
            "field_codes": ((len(self.values), self.images), "<i4"),
        }


class RemovedRecord(Config):
    """A file of entries (n,) int32 that were removed; entries are counted over all segments."""

    name: Annotated[str, Field(pattern=r"^removed-[0-9]{4,9}\.npy$")]
    entries: Count
    file: DataFile


class Manifest(Config):
    """`manifest.json` of an index folder."""

    format: Literal["akd-index"] = "akd-index"
    version: Literal[3] = 3
    keypoints: KeypointSchema
    similarity: SimilaritySettings
    weights: FileStamp | None
    segments: tuple[SegmentRecord, ...]
    removed: tuple[RemovedRecord, ...] = ()

    @property
    def entries(self) -> int:
        """Of all segments, removed ones too."""
        return sum(segment.entries for segment in self.segments)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return self.model_dump(mode="json")
