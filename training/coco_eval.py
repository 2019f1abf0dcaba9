"""COCO's average precision and recall, by pycocotools itself, over all object sizes; and again of resampled images.

Standard: https://cocodataset.org/#detection-eval and #keypoints-eval. A detection is never turned into COCO's result
file on the way, so no area is guessed from keypoints. What pycocotools matched in each image is kept, so that the
precision of a resampled dataset costs no second matching.
"""

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.coco import CocoDataset
from pipeline.errors import DatasetError
from training.predict import Detection

MAX_DETECTIONS = 100
AREAS = [0.0, 1e10]
"""Objects of every size count; COCO's keypoint AP would leave small ones out of its own mean too, only by name."""
THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)


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


NOT_GIVEN = AveragePrecision(*[float("nan")] * 4)


@dataclass(frozen=True)
class Matches:
    """Which of D detections, in order of score, are right at each of T thresholds, in I images.

    Attributes:
        image: (D,) position of each detection's image.
        score: (D,) falling.
        hit: (T, D) it was matched with an object that counts.
        ignored: (T, D) it is neither right nor wrong: it was matched with a crowd, or an object without labels.
        positives: (I,) objects to find.
    """

    image: NDArray[np.int64]
    score: NDArray[np.float64]
    hit: NDArray[np.bool_]
    ignored: NDArray[np.bool_]
    positives: NDArray[np.int64]

    def average_precision(self, weights: NDArray[np.float64] | None = None) -> AveragePrecision:
        """As pycocotools accumulates it, of a dataset that holds image i `weights[i]` times (once by default).

        Copies of a detection need not be laid out: the envelope of precision over recall is the same with all of them
        taken in one step. Only where detections of one image share a score does pycocotools put the copies otherwise.
        """
        weights = np.ones(len(self.positives)) if weights is None else weights
        total = float(weights @ self.positives)
        if total == 0:
            return NOT_GIVEN
        if not self.hit.any():
            return AveragePrecision(0.0, 0.0, 0.0, 0.0)
        end = int(np.flatnonzero(self.hit.any(axis=0))[-1]) + 1  # what comes after the last hit lowers no precision
        hit, ignored, times = self.hit[:, :end], self.ignored[:, :end], weights[self.image[:end]]
        right = np.cumsum(hit * times, axis=1)
        wrong = np.cumsum(~(hit | ignored) * times, axis=1)
        precision = right / (right + wrong + np.spacing(1))
        envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        at_recalls = np.array([_at_recalls(one, r / total) for one, r in zip(envelope, right, strict=True)])
        per_threshold = at_recalls.mean(axis=1)
        ap50, ap75 = (float(per_threshold[np.isclose(THRESHOLDS, t)][0]) for t in (0.5, 0.75))
        return AveragePrecision(float(at_recalls.mean()), ap50, ap75, float((right[:, -1] / total).mean()))


def _at_recalls(envelope: NDArray[np.float64], recall: NDArray[np.float64]) -> NDArray[np.float64]:
    places = np.searchsorted(recall, RECALLS, side="left")
    return np.append(envelope, 0.0)[places]  # a recall that is never reached has precision 0


def average_precision(
    dataset: CocoDataset,
    predictions: Mapping[int, Sequence[Detection]],
    sigmas: NDArray[np.float64],
    kind: Literal["bbox", "keypoints"],
) -> tuple[AveragePrecision, Matches]:
    """Of boxes (IoU) or keypoints (OKS with `sigmas` (K,) and the labels' own areas), and the matches behind it.

    Raises:
        DatasetError: pycocotools did not look at every image.
    """
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        scorer = COCOeval(_coco(dataset, _truths(dataset)), _coco(dataset, _results(predictions)), kind)
        scorer.params.kpt_oks_sigmas = sigmas
        scorer.params.maxDets = [MAX_DETECTIONS]
        scorer.params.areaRng, scorer.params.areaRngLbl = [AREAS], ["all"]
        scorer.evaluate()
        scorer.accumulate()
    if len(scorer.evalImgs) != len(dataset.images):
        raise DatasetError(f"{dataset.source}: has {len(dataset.images)} images, {len(scorer.evalImgs)} were scored")
    precision = scorer.eval["precision"][:, :, :, 0, 0]  # thresholds, recalls, categories
    recall = scorer.eval["recall"][:, :, 0, 0]
    at = {t: precision[np.isclose(scorer.params.iouThrs, t)] for t in (0.5, 0.75)}
    score = AveragePrecision(_mean(precision), _mean(at[0.5]), _mean(at[0.75]), _mean(recall))
    return score, _matches(scorer.evalImgs)


def _mean(values: Any) -> float:
    known = values[values > -1]
    return float(known.mean()) if known.size else float("nan")


def _matches(per_image: Sequence[dict[str, Any] | None]) -> Matches:
    """From pycocotools' evalImgs: one entry an image, in order of id; None where there is nothing."""
    there = [(number, one) for number, one in enumerate(per_image) if one is not None]
    positives = np.zeros(len(per_image), dtype=np.int64)
    for number, one in there:
        positives[number] = np.count_nonzero(np.asarray(one["gtIgnore"]) == 0)
    empty = np.zeros((len(THRESHOLDS), 0))
    matched = np.concatenate([empty, *(one["dtMatches"] for _, one in there)], axis=1) > 0
    ignored = np.concatenate([empty, *(one["dtIgnore"] for _, one in there)], axis=1) > 0
    score = np.array([score for _, one in there for score in one["dtScores"]], dtype=np.float64)
    image = np.array([number for number, one in there for _ in one["dtScores"]], dtype=np.int64)
    return sorted_matches(image, score, matched & ~ignored, ignored, positives)


def sorted_matches(
    image: NDArray[np.int64],
    score: NDArray[np.float64],
    hit: NDArray[np.bool_],
    ignored: NDArray[np.bool_],
    positives: NDArray[np.int64],
) -> Matches:
    """Matches of detections that are in order of image; equal scores stay in that order, as pycocotools has it."""
    order = np.argsort(-score, kind="stable")
    return Matches(image[order], score[order], hit[:, order], ignored[:, order], positives)


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
