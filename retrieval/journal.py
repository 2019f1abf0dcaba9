"""What a model has predicted so far, beside the index that is being made: killed, the same command goes on from there.

`.INDEX.partial.jsonl`: a line that says what is being indexed, then one line per image, in order. Numbers are written
so that they read back to the last bit: an index that was interrupted is the index that never was.
"""

import fcntl
import hashlib
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

    done: list[list[Predicted]]
    file: IO[bytes]

    def add(self, detections: Sequence[Predicted]) -> None:
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
        self.file.write(_line(rows))
        self.file.flush()


def journal_path(index: Path) -> Path:
    """Where the journal of an index lies."""
    return index.with_name(f".{index.name}.partial.jsonl")


def job_of(weights_sha256: str, images: Sequence[IndexedImage], root: str) -> dict[str, Any]:
    """What tells one run from another: the weights and the images, as they are on the disk now."""
    digest = hashlib.sha256()
    for image in images:
        digest.update(_line([image.path, image.bytes, image.mtime_ns, image.image_id]))
    return {"akd-index-journal": 1, "weights": weights_sha256, "root": root, "images": digest.hexdigest()}


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


def _read(path: Path, file: IO[bytes], job: dict[str, Any]) -> list[list[Predicted]]:
    """What is whole of a journal, leaving the file open at its end; a line that was cut off is dropped."""
    file.seek(0)
    header = file.readline()
    if not header.endswith(b"\n"):
        file.truncate(0)
        file.write(_line(job))
        file.flush()
        return []
    if _parsed(header) != job:
        raise IndexFileError(
            f"{path}: holds what another run predicted (other weights, or the images have changed since); delete it to "
            f"start again"
        )
    done: list[list[Predicted]] = []
    end = file.tell()
    for line in file:
        rows = _parsed(line) if line.endswith(b"\n") else None
        if rows is None:
            break
        done.append([_detection(row) for row in rows])
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
