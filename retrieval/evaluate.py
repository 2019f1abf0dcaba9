"""How well retrieval finds the viewpoint: the error of the best match, over queries whose viewpoint is known.

Error: the geodesic distance of the two rotations, and Acc@pi/6 the share below 30 degrees, as is usual since Tulsiani
and Malik, "Viewpoints and keypoints", CVPR 2015. Roll is not part of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.coco import CocoDataset, ImageRecord, load_coco
from pipeline.errors import DatasetError, IndexFileError
from retrieval.descriptor import describe
from retrieval.nearest import top_entries
from retrieval.predictions import best_query, open_predictor
from retrieval.result import Query
from retrieval.store import Index

ACCURACY_DEG = 30.0


@dataclass(frozen=True)
class ViewpointScores:
    """Viewpoint error of the best match.

    Attributes:
        queries: instances that were searched for.
        skipped: instances of which the viewpoint is not known, or that have no keypoint (or none was detected).
        median_deg, p90_deg: of the geodesic error; None without a query.
        acc_pi_6: share of the queries with an error below 30 degrees; None without a query.
    """

    queries: int
    skipped: int
    median_deg: float | None
    p90_deg: float | None
    acc_pi_6: float | None

    def __str__(self) -> str:
        if self.median_deg is None or self.acc_pi_6 is None:
            return f"no query of {self.skipped} has a known viewpoint and keypoints"
        return (
            f"viewpoint of the best match: median error {self.median_deg:.1f} deg, "
            f"Acc@pi/6 {self.acc_pi_6:.3f} over {self.queries} queries ({self.skipped} skipped)"
        )


def view_rotation(azimuth_deg: ArrayLike, elevation_deg: ArrayLike) -> NDArray[np.float64]:
    """Rotations (..., 3, 3) from the frame of the line of sight to the vehicle's, angles (...,) in degrees.

    Columns: towards the camera, to the camera's right as it looks at the vehicle, up in its image.
    """
    azimuth, elevation = np.radians(np.asarray(azimuth_deg, float)), np.radians(np.asarray(elevation_deg, float))
    ca, sa, ce, se = np.cos(azimuth), np.sin(azimuth), np.cos(elevation), np.sin(elevation)
    towards = np.stack([ce * ca, ce * sa, se], axis=-1)
    right = np.stack([-sa, ca, np.zeros_like(ca)], axis=-1)
    up = np.stack([-se * ca, -se * sa, ce], axis=-1)
    return np.stack([towards, right, up], axis=-1)


def geodesic_deg(first: NDArray, second: NDArray) -> NDArray[np.float64]:
    """The angle of the rotation between two rotations (..., 3, 3), (...,) degrees, 0..180."""
    cosine = ((first * second).sum(axis=(-2, -1)) - 1) / 2
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def evaluate_viewpoints(
    index: Index, dataset: Path, split: str | None = None, weights: Path | None = None
) -> ViewpointScores:
    """Search the index for every instance of a dataset and compare viewpoints with the best match.

    A query never finds its own image, nor one of its own vehicle.

    Args:
        index: an opened index whose images carry `azimuth_deg` and `elevation_deg`.
        dataset: the queries; images with the same two fields.
        split: of the dataset, or None for all of it.
        weights: what predicts the queries' keypoints, or None to take their labels.

    Raises:
        DatasetError, WeightsError, ImageError: the dataset, the weights or an image cannot be used.
        IndexFileError: the index is of other keypoints, or its images carry no viewpoint.
    """
    queries = load_coco(dataset, split)
    try:
        queries.require_schema(index.schema)
    except DatasetError as error:
        raise IndexFileError(f"{index.folder}: {error}") from error
    entries = [index.image(entry) for entry in range(len(index))]
    known = np.array([viewpoint(image.extra) for image in entries], dtype=np.float64).reshape(-1, 2)
    if np.isnan(known).all():
        raise IndexFileError(f"{index.folder}: its images carry no azimuth_deg and elevation_deg to score against")
    files = np.array([str(index.image_path(image).resolve()) for image in entries])
    vehicles = np.array([str(image.extra.get("vehicle", "")) for image in entries])
    errors: list[float] = []
    skipped = 0
    for record, query in _queries(queries, weights):
        truth = viewpoint(record.extra)
        descriptor = describe(query.keypoints[None], query.bbox[None], index.manifest.similarity.hidden_weight)
        allowed = ~np.isnan(known[:, 0]) & (files != str(record.path.resolve()))
        if vehicle := str(record.extra.get("vehicle", "")):
            allowed &= vehicles != vehicle
        if np.isnan(truth[0]) or not descriptor.weights.any() or not allowed.any():
            skipped += 1
            continue
        best, _ = top_entries(index, descriptor, 1, allowed)
        errors.append(float(geodesic_deg(view_rotation(*known[best[0]]), view_rotation(*truth))))
    return summarise(errors, skipped)


def summarise(errors_deg: list[float], skipped: int) -> ViewpointScores:
    """The scores of some errors in degrees."""
    if not errors_deg:
        return ViewpointScores(0, skipped, None, None, None)
    errors = np.array(errors_deg)
    return ViewpointScores(
        queries=len(errors),
        skipped=skipped,
        median_deg=float(np.median(errors)),
        p90_deg=float(np.percentile(errors, 90)),
        acc_pi_6=float((errors < ACCURACY_DEG).mean()),
    )


def viewpoint(extra: Mapping[str, Any]) -> tuple[float, float]:
    """Azimuth and elevation in degrees that a dataset gives of an image; NaN where it does not."""
    angles = extra.get("azimuth_deg"), extra.get("elevation_deg")
    if all(isinstance(angle, (int, float)) and np.isfinite(angle) for angle in angles):
        return float(angles[0]), float(angles[1])  # type: ignore[arg-type]
    return float("nan"), float("nan")


def _queries(dataset: CocoDataset, weights: Path | None) -> Iterator[tuple[ImageRecord, Query]]:
    """Each labelled instance, or the most certain detection of each image; without one, a query without keypoints."""
    if weights is None:
        for record in dataset.images:
            yield from ((record, Query(i.keypoints, i.bbox)) for i in record.instances if not i.iscrowd)
        return
    predictor = open_predictor(weights)
    found = predictor.predict([record.path for record in dataset.images])
    for record, detections in zip(dataset.images, found, strict=True):
        yield record, best_query(detections) or Query(np.zeros((len(predictor.schema), 3)), np.zeros(4), 0.0)
