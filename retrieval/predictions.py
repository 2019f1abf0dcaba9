"""The one edge to `training`: keypoints that a model predicts. Imported when it is needed, for it brings torch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from pipeline.dataset_folder import file_hash
from pipeline.keypoints import KeypointSchema
from retrieval.manifest import FileStamp
from retrieval.result import Query

BATCH = 32
"""Images handed over at a time: enough to keep the model busy, few enough to show progress and to bound memory."""


class Detection(Protocol):
    """What `training.predict` gives for one instance; pixels of the image, x right, y down."""

    @property
    def bbox(self) -> NDArray:
        """x, y, width, height, (4,)."""

    @property
    def score(self) -> float:
        """0..1."""

    @property
    def keypoints(self) -> NDArray:
        """(K, 3) x, y and v: 0 not in the frame, 1 hidden, 2 seen, by the model's judgement."""

    @property
    def keypoint_scores(self) -> NDArray:
        """(K,) 0..1."""


@dataclass(frozen=True)
class Predictor:
    """A model that is ready: the file it came from, the keypoints it knows, and itself."""

    file: Path
    schema: KeypointSchema
    loaded: Any

    def predict(self, paths: Sequence[Path]) -> Iterator[Sequence[Detection]]:
        """The detections of each image, in order of `paths`.

        Raises:
            ImageError: an image cannot be read.
        """
        from training.predict import predict_images

        for start in range(0, len(paths), BATCH):
            yield from predict_images(self.loaded, list(paths[start : start + BATCH]))


def open_predictor(weights: Path, device: str = "auto") -> Predictor:
    """Load a weights file or run folder.

    Raises:
        WeightsError: it cannot be loaded.
    """
    from training.checkpoint import load_model
    from training.weights_path import weights_path

    file = weights_path(weights)
    loaded = load_model(file, device)
    return Predictor(file, loaded.schema, loaded)


def best_query(detections: Sequence[Detection]) -> Query | None:
    """The most certain of an image's detections; None where there is none."""
    if not detections:
        return None
    best = max(detections, key=lambda detection: detection.score)
    return Query(best.keypoints, best.bbox, float(best.score), best.keypoint_scores)


def queries_of(detections: Sequence[Detection], least: float) -> list[Query]:
    """All of an image's detections with a score of at least `least`, the most certain first."""
    chosen = sorted((d for d in detections if d.score >= least), key=lambda detection: -detection.score)
    return [Query(d.keypoints, d.bbox, float(d.score), d.keypoint_scores) for d in chosen]


def weights_stamp(file: Path) -> FileStamp:
    """How the manifest remembers weights."""
    return FileStamp(path=str(file.resolve()), sha256=file_hash(file))
