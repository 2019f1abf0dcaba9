"""What a model has predicted so far, beside the index that is being made: killed, the same command goes on from there.

`.INDEX.partial.jsonl`: a line that says by which weights, then one line per image. What was predicted on a picture that
has changed since is not taken. Numbers are written so that they read back to the last bit: an index that was
interrupted is the index that never was.
"""

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import IndexFileError
from retrieval.predictions import Detection
from retrieval.segment import IndexedImage

Key = tuple[str, int | None, int | None]
"""An image's path, and its file's size and time."""


@dataclass(frozen=True)
class Predicted:
    """One detection as it was written down; see `retrieval.predictions.Detection`."""

    bbox: NDArray[np.float64]
    score: float
    keypoints: NDArray[np.float64]
    keypoint_scores: NDArray[np.float64] | None

    @classmethod
    def of(cls, detection: Detection) -> "Predicted":
        """The same numbers."""
        certain = detection.keypoint_scores
        return cls(
            np.asarray(detection.bbox, dtype=np.float64),
            float(detection.score),
            np.asarray(detection.keypoints, dtype=np.float64),
            None if certain is None else np.asarray(certain, dtype=np.float64),
        )


@dataclass
class Journal:
    """An open journal: what was there when it was opened, and the file to add to."""

    done: dict[Key, list[Predicted]]
    file: IO[bytes]

    def of(self, image: IndexedImage) -> list[Predicted] | None:
        """What was predicted on an image as it is now; None where nothing was yet."""
        return self.done.get(_key(image))

    def add(self, image: IndexedImage, detections: Sequence[Predicted]) -> None:
        """Write one image's detections down."""
        rows = [
            {
                "bbox": one.bbox.tolist(),
                "score": one.score,
                "keypoints": one.keypoints.tolist(),
                "keypoint_scores": None if one.keypoint_scores is None else one.keypoint_scores.tolist(),
            }
            for one in detections
        ]
        self.file.write(_line({"image": _key(image), "detections": rows}))
        self.file.flush()


def journal_path(index: Path) -> Path:
    """Where the journal of an index lies."""
    return index.with_name(f".{index.name}.partial.jsonl")


def job_of(weights_sha256: str, root: Path) -> dict[str, Any]:
    """What tells one run from another."""
    return {"akd-index-journal": 1, "weights": weights_sha256, "root": str(root)}


def _key(image: IndexedImage) -> Key:
    return image.path, image.bytes, image.mtime_ns


@contextmanager
def open_journal(index: Path, job: dict[str, Any]) -> Iterator[Journal]:
    """The journal of an index that is being made; deleted when all went well, kept when not.

    Raises:
        IndexFileError: it is of another run, or another process is at work on it.
    """
    path = journal_path(index)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexFileError(f"{index}: another process is making it; wait for it, or stop it") from error
        yield Journal(_read(path, file, job), file)
        path.unlink()


def _read(path: Path, file: IO[bytes], job: dict[str, Any]) -> dict[Key, list[Predicted]]:
    """What is whole of a journal, leaving the file open at its end; a line that was cut off is dropped."""
    file.seek(0)
    header = file.readline()
    if not header.endswith(b"\n"):
        file.truncate(0)
        file.write(_line(job))
        file.flush()
        return {}
    if _parsed(header) != job:
        raise IndexFileError(
            f"{path}: holds what was predicted by other weights, or in another folder; delete it to start again"
        )
    done: dict[Key, list[Predicted]] = {}
    end = file.tell()
    for line in file:
        row = _parsed(line) if line.endswith(b"\n") else None
        if row is None:
            break
        name, size, mtime_ns = row["image"]
        done[name, size, mtime_ns] = [_detection(one) for one in row["detections"]]
        end += len(line)
    file.truncate(end)
    file.seek(0, 2)
    return done


def _detection(row: dict[str, Any]) -> Predicted:
    certain = row["keypoint_scores"]
    return Predicted(
        np.array(row["bbox"], dtype=np.float64),
        row["score"],
        np.array(row["keypoints"], dtype=np.float64),
        None if certain is None else np.array(certain, dtype=np.float64),
    )


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _line(value: Any) -> bytes:
    return (json.dumps(value) + "\n").encode()
