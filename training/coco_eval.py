"""COCO's average precision and recall, by pycocotools itself, over all object sizes.

Standard: https://cocodataset.org/#detection-eval and #keypoints-eval. A detection is never turned into COCO's result
file on the way, so no area is guessed from keypoints.
"""

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from pipeline.coco import CocoDataset
from pipeline.keypoints import KeypointSchema
from training.predict import Detection

MAX_DETECTIONS = 100
AREAS = [0.0, 1e10]
"""Objects of every size count; COCO's keypoint AP would leave small ones out of its own mean too, only by name."""


@dataclass(frozen=True)
class AveragePrecision:
    """AP and AR over thresholds .50:.05:.95, and AP at .50 and .75; nan where there is nothing to find."""

    ap: float
    ap50: float
    ap75: float
    ar: float

    def as_json(self) -> dict[str, float | None]:
        """With COCO's names; null where it cannot be told."""
        names = {"ap": "AP", "ap50": "AP50", "ap75": "AP75", "ar": "AR"}
        return {names[k]: None if np.isnan(v) else v for k, v in asdict(self).items()}


def average_precision(
    dataset: CocoDataset,
    predictions: Mapping[int, Sequence[Detection]],
    schema: KeypointSchema,
    kind: Literal["bbox", "keypoints"],
) -> AveragePrecision:
    """Of boxes (IoU) or keypoints (OKS with the schema's sigmas and the labels' own areas)."""
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        scorer = COCOeval(_coco(dataset, _truths(dataset)), _coco(dataset, _results(predictions)), kind)
        scorer.params.kpt_oks_sigmas = schema.sigmas
        scorer.params.maxDets = [MAX_DETECTIONS]
        scorer.params.areaRng, scorer.params.areaRngLbl = [AREAS], ["all"]
        scorer.evaluate()
        scorer.accumulate()
    precision = scorer.eval["precision"][:, :, :, 0, 0]  # thresholds, recalls, categories
    recall = scorer.eval["recall"][:, :, 0, 0]
    thresholds = scorer.params.iouThrs
    at = {t: precision[np.isclose(thresholds, t)] for t in (0.5, 0.75)}
    return AveragePrecision(_mean(precision), _mean(at[0.5]), _mean(at[0.75]), _mean(recall))


def _mean(values: Any) -> float:
    known = values[values > -1]
    return float(known.mean()) if known.size else float("nan")


def _truths(dataset: CocoDataset) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for image in dataset.images:
        for one in image.instances:
            rows.append(
                {
                    "id": len(rows) + 1,  # COCOeval takes an id of 0 for "not matched"
                    "image_id": image.id,
                    "category_id": 1,
                    "bbox": one.bbox.tolist(),
                    "area": one.area,
                    "iscrowd": int(one.iscrowd),
                    "keypoints": one.keypoints.ravel().tolist(),
                    "num_keypoints": int((one.keypoints[:, 2] > 0).sum()),
                }
            )
    return rows


def _results(predictions: Mapping[int, Sequence[Detection]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for image_id, detections in predictions.items():
        for one in detections:
            rows.append(
                {
                    "id": len(rows) + 1,
                    "image_id": image_id,
                    "category_id": 1,
                    "bbox": one.bbox.tolist(),
                    "area": float(one.bbox[2] * one.bbox[3]),
                    "iscrowd": 0,
                    "score": one.score,
                    "keypoints": one.keypoints.ravel().tolist(),
                }
            )
    return rows


def _coco(dataset: CocoDataset, annotations: list[dict[str, Any]]) -> Any:
    from pycocotools.coco import COCO

    coco = COCO()
    coco.dataset = {
        "images": [{"id": image.id, "width": image.width, "height": image.height} for image in dataset.images],
        "annotations": annotations,
        "categories": [{"id": 1, "name": "object"}],
    }
    coco.createIndex()
    return coco
