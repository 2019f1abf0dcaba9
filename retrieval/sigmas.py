"""OKS sigmas from a validation set: how far off, as a share of the object's size, a detector's keypoints are.

Source: https://cocodataset.org/#keypoints-eval: sigma_k^2 = E[d_k^2 / s^2], s^2 the object's area. There, people who
label one photo twice are compared; here a detector with the labels, so that a keypoint that is hard to place weighs
less in a search by that detector's keypoints. The area is the labels' own, as COCO takes it; a search measures in the
box, whose area is about twice that, so there these sigmas allow for errors on both sides, the query's and the entry's.

A few gross errors (left taken for right) would carry a mean of squares away. If errors are normal in x and y, d^2 is
exponential with mean sigma^2 s^2 and median ln 2 times that; the median stands for the mean, and up to half of the
errors may be gross. Both are told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from pipeline.coco import CocoDataset, load_coco
from pipeline.errors import DatasetError, SpecError
from pipeline.files import write_text_atomic
from pipeline.keypoints import KeypointSchema
from retrieval.overlap import pairs
from retrieval.predictions import Detection, open_predictor

LEAST = 20
"""Errors of a keypoint; with fewer its sigma stays as the schema has it (the standard error of 20 is about 25 %)."""
LIMITS = (0.005, 0.5)


@dataclass(frozen=True)
class SigmaEstimate:
    """Sigmas of one schema's keypoints.

    Attributes:
        schema: with the sigmas that were found.
        before: (K,) sigmas as they were.
        counts: (K,) errors that were measured.
        root_mean_square: (K,) what a mean of squares gives; NaN where nothing was measured.
        instances: labelled instances that a detection lies on, of `labelled`.
    """

    schema: KeypointSchema
    before: NDArray[np.float64]
    counts: NDArray[np.int64]
    root_mean_square: NDArray[np.float64]
    instances: int
    labelled: int

    def __str__(self) -> str:
        lines = [f"{self.instances} of {self.labelled} labelled instances were found (IoU of at least 0.5)"]
        lines.append(f"{'keypoint':18s} {'errors':>6s}  sigma  was    by mean of squares")
        for number, keypoint in enumerate(self.schema.keypoints):
            few = f"  kept: fewer than {LEAST}" if self.counts[number] < LEAST else ""
            mean = "" if self.counts[number] == 0 else f"{self.root_mean_square[number]:.3f}"
            lines.append(
                f"{keypoint.name:18s} {self.counts[number]:6d}  {keypoint.sigma:.3f}  {self.before[number]:.3f}  "
                f"{mean:5s}{few}"
            )
        return "\n".join(lines)


def estimate_sigmas(weights: Path, dataset: Path, split: str | None = None) -> SigmaEstimate:
    """Compare what a model predicts on a dataset with its labels; each keypoint that is labelled (v > 0) counts.

    Raises:
        WeightsError, DatasetError, ImageError: the weights, the dataset or an image cannot be used, or nothing of it
            is found.
    """
    labelled = load_coco(dataset, split)
    predictor = open_predictor(weights)
    labelled.require_schema(predictor.schema)
    found = predictor.predict([record.path for record in labelled.images])
    errors = list(_errors(labelled, found))
    total = sum(not i.iscrowd for record in labelled.images for i in record.instances)
    if not errors:
        raise DatasetError(f"{labelled.source}: on none of its {total} labelled instances lies a detection")
    return estimate(predictor.schema, np.array(errors), total)


def estimate(schema: KeypointSchema, squares: NDArray[np.float64], labelled: int) -> SigmaEstimate:
    """Sigmas of errors d^2 / area (n, K) of n instances, NaN where a keypoint is not labelled."""
    known = np.isfinite(squares)
    counts = known.sum(axis=0)
    sigmas, means = schema.sigmas.copy(), np.full(len(schema), np.nan)
    for k in range(len(schema)):
        values = squares[known[:, k], k]
        if len(values):
            means[k] = np.sqrt(values.mean())
        if len(values) >= LEAST:
            sigmas[k] = round(float(np.clip(np.sqrt(np.median(values) / np.log(2)), *LIMITS)), 4)
    return SigmaEstimate(_replaced(schema, sigmas), schema.sigmas, counts, means, len(squares), labelled)


def with_sigmas(schema: KeypointSchema, sigmas: KeypointSchema | None) -> KeypointSchema:
    """`schema` with the sigmas of another one of the same keypoints.

    Raises:
        SpecError: its keypoints differ.
    """
    if sigmas is None:
        return schema
    if sigmas.names != schema.names:
        difference = sorted(set(sigmas.names) ^ set(schema.names)) or ["their order"]
        raise SpecError(
            f"sigmas of {sigmas.name}: must be of the keypoints of {schema.name}; they differ in "
            f"{', '.join(difference[:5])}"
        )
    return _replaced(schema, sigmas.sigmas)


def write_schema(path: Path, schema: KeypointSchema, comment: str) -> None:
    """A schema as YAML, under a comment."""
    content: dict[str, Any] = schema.model_dump(mode="json", exclude_none=True)
    lines = "".join(f"# {line}\n" for line in comment.splitlines())
    write_text_atomic(path, lines + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120))


def _replaced(schema: KeypointSchema, sigmas: NDArray[np.float64]) -> KeypointSchema:
    points = zip(schema.keypoints, sigmas, strict=True)
    changed = tuple(keypoint.model_copy(update={"sigma": float(sigma)}) for keypoint, sigma in points)
    return KeypointSchema(name=schema.name, keypoints=changed, flip=schema.flip, skeleton=schema.skeleton)


def _errors(dataset: CocoDataset, found: Iterator[Sequence[Detection]]) -> Iterator[NDArray[np.float64]]:
    """Of each instance that a detection lies on, (K,) d^2 / area; NaN where a keypoint is not labelled."""
    for record, detections in zip(dataset.images, found, strict=True):
        instances = [instance for instance in record.instances if not instance.iscrowd and instance.area > 0]
        for i, j in pairs([i.bbox for i in instances], [d.bbox for d in detections]):
            offset = detections[j].keypoints[:, :2] - instances[i].keypoints[:, :2]
            square = (offset**2).sum(axis=1) / instances[i].area
            yield np.where(instances[i].keypoints[:, 2] > 0, square, np.nan)
