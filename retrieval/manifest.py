"""What an index folder says of itself: its format, its schema, what made it and what each file must be."""

from typing import Annotated, Any, Literal

from pydantic import Field

from pipeline.config import Config
from pipeline.keypoints import KeypointSchema

VERSION = 1
FORMAT = "akd-index"

Count = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SimilaritySettings(Config):
    """Which similarity the descriptors are made for; see `retrieval.similarity` and `retrieval.descriptor`."""

    name: Literal["box-oks"] = "box-oks"
    unit: Literal["sqrt-box-area"] = "sqrt-box-area"
    hidden_weight: Annotated[float, Field(ge=0, le=1)]


class FileStamp(Config):
    """A file outside the index as it was when the index was made."""

    path: str
    sha256: Sha256


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


class Manifest(Config):
    """`manifest.json` of an index folder."""

    format: Literal["akd-index"] = "akd-index"
    version: Literal[1] = 1
    keypoints: KeypointSchema
    similarity: SimilaritySettings
    weights: FileStamp | None
    source: SourceRecord
    entries: Count
    images: Count
    files: dict[str, DataFile]

    def array_shapes(self) -> dict[str, tuple[tuple[int, ...], str]]:
        """Each array of the index: its shape and numpy dtype.

        points, weights: descriptors, keypoint-major, (K, 2, N) and (K, N). keypoints: (N, K, 3) x, y in pixels of the
        image and v. boxes: (N, 4) x, y, width, height in pixels. scores: (N,) of the detection, 1 for labels.
        image_row: (N,) the line of images.jsonl that an entry is of. image_offsets: (M + 1,) where lines begin, bytes.
        """
        count, keypoints = self.entries, len(self.keypoints)
        return {
            "points": ((keypoints, 2, count), "<f4"),
            "weights": ((keypoints, count), "<f4"),
            "keypoints": ((count, keypoints, 3), "<f4"),
            "boxes": ((count, 4), "<f4"),
            "scores": ((count,), "<f4"),
            "image_row": ((count,), "<i4"),
            "image_offsets": ((self.images + 1,), "<i8"),
        }

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return self.model_dump(mode="json")
