"""A detector's scores on a labelled dataset: AP of boxes and keypoints, PCK, and how often twins are swapped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from pipeline.coco import CocoDataset, load_coco
from pipeline.errors import DatasetError
from pipeline.keypoints import KeypointSchema
from training.checkpoint import LoadedModel, load_model
from training.coco_eval import AveragePrecision, average_precision
from training.pck import LEVELS, MIN_IOU, Pck, Swaps, match_errors, score_pck, score_swaps
from training.predict import Detection, iterate_images

AREA = "the labels' own area"
MATCH = f"in order of score, each detection takes the free object of greatest IoU >= {MIN_IOU}; a miss is wrong"
DETECTED = "the detector's own boxes"


@dataclass(frozen=True)
class Report:
    """The scores, and beside them what they were measured on and how."""

    source: str
    images: int
    instances: int
    schema: KeypointSchema
    box_source: str
    box: AveragePrecision
    keypoints: AveragePrecision
    pck: Pck
    swaps: Swaps

    def as_json(self) -> dict[str, Any]:
        """Plain values; what cannot be told (nothing to find) is null."""
        return _plain(
            {
                "dataset": self.source,
                "images": self.images,
                "instances": self.instances,
                "sigma": self._sigma(),
                "area": AREA,
                "box_source": self.box_source,
                "box": self.box.as_json(),
                "keypoints": self.keypoints.as_json(),
                "pck": self.pck.overall,
                "pck_seen": self.pck.seen,
                "pck_hidden": self.pck.hidden,
                "pck_size": "max(box width, height)",
                "pck_match": MATCH,
                "swap_rate": self.swaps.rate,
                "swap_left_right": self.swaps.left_right,
                "swap_front_back": self.swaps.front_back,
                "pck_per_keypoint": self.pck.per_keypoint,
            }
        )

    def as_text(self) -> str:
        """A table for the terminal."""
        sigma = self._sigma()
        lines = [
            f"{self.source}: {self.images} images, {self.instances} instances",
            f"boxes: {self.box_source}; OKS area: {AREA}; sigma: {sigma if isinstance(sigma, float) else 'as below'}",
            "",
            f"{'':12}{'AP':>8}{'AP50':>8}{'AP75':>8}{'AR':>8}",
        ]
        for name, score in (("box", self.box), ("keypoints", self.keypoints)):
            numbers = (score.ap, score.ap50, score.ap75, score.ar)
            lines.append(f"{name:12}" + "".join(f"{_shown(number):>8}" for number in numbers))
        lines += ["", f"{'':20}" + "".join(f"{'PCK@' + level:>10}" for level in LEVELS) + f"{'n':>8}"]
        for name, shares in (("all", self.pck.overall), ("seen", self.pck.seen), ("hidden", self.pck.hidden)):
            lines.append(f"{name:20}" + "".join(f"{_shown(shares[level]):>10}" for level in LEVELS))
        for name, one in self.pck.per_keypoint.items():
            row = f"{name:20}" + "".join(f"{_shown(one[level]):>10}" for level in LEVELS) + f"{one['n']:>8}"
            lines.append(row if isinstance(sigma, float) else f"{row}   sigma {sigma[name]}")
        lines += ["", f"PCK: share of labelled keypoints within a share of max(box width, height); {MATCH}"]
        lines.append(
            f"swapped: left-right {_shown(self.swaps.left_right)}, front-back {_shown(self.swaps.front_back)} of the "
            "keypoints with a twin, on objects that were found"
        )
        return "\n".join(lines)

    def _sigma(self) -> float | dict[str, float]:
        """One number where all keypoints share it."""
        sigmas = {k.name: k.sigma for k in self.schema.keypoints}
        values = set(sigmas.values())
        return values.pop() if len(values) == 1 else sigmas


def evaluate(
    dataset: CocoDataset,
    predictions: Mapping[int, Sequence[Detection]],
    schema: KeypointSchema,
    *,
    box_source: str = DETECTED,
) -> Report:
    """Score predictions, by image id, on every image of a dataset.

    Raises:
        DatasetError: the dataset has another schema, or the predictions are not of exactly its images.
    """
    dataset.require_schema(schema)
    ids = {image.id for image in dataset.images}
    if ids != set(predictions):
        raise DatasetError(
            f"{dataset.source}: has {len(ids)} images, predictions are of {len(predictions)}; "
            f"{len(ids ^ set(predictions))} differ, and each must have its own (an empty list if nothing is found)"
        )
    errors = match_errors(dataset, predictions, schema)
    return Report(
        source=str(dataset.source),
        images=len(dataset.images),
        instances=sum(not one.iscrowd for image in dataset.images for one in image.instances),
        schema=schema,
        box_source=box_source,
        box=average_precision(dataset, predictions, schema, "bbox"),
        keypoints=average_precision(dataset, predictions, schema, "keypoints"),
        pck=score_pck(errors, schema),
        swaps=score_swaps(errors, schema),
    )


def evaluate_weights(weights: Path, dataset: Path, split: str | None = None) -> Report:
    """Score a weights file or run folder on a dataset folder or COCO file.

    Raises:
        WeightsError: the weights cannot be loaded.
        DatasetError: the dataset cannot be used, or has no images.
        ImageError: one of its images cannot be read.
    """
    loaded = load_model(weights)
    coco = load_coco(dataset, split)
    coco.require_schema(loaded.schema)
    if not coco.images:
        raise DatasetError(f"{coco.source}: lists no images to score")
    return evaluate_loaded(loaded, coco, progress=True)


def evaluate_loaded(loaded: LoadedModel, coco: CocoDataset, *, progress: bool = False) -> Report:
    """Score a model that is loaded."""
    found = iterate_images(loaded, [image.path for image in coco.images])
    shown = tqdm(found, "evaluate", len(coco.images), unit="image", mininterval=1, disable=not progress)
    predictions = {image.id: one for image, one in zip(coco.images, shown, strict=True)}
    return evaluate(coco, predictions, loaded.schema)


def _shown(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return None if isinstance(value, float) and np.isnan(value) else value
