"""Any tool's keypoint results on a dataset: COCO's results list, or the predictions.json of `akd predict`.

Standard: https://cocodataset.org/#format-results: image_id, category_id, keypoints, score. A bbox is taken where it is
given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.coco import CocoDataset
from pipeline.errors import DatasetError
from pipeline.geometry import readonly
from pipeline.json_file import read_json
from training.predict import Detection

GIVEN = "the results file's own boxes"
DRAWN = "drawn round each detection's keypoints: the results file gives none"


@dataclass(frozen=True)
class Results:
    """Detections by image id, and whether their boxes are the tool's own."""

    predictions: dict[int, list[Detection]]
    boxes_given: bool

    @property
    def box_source(self) -> str:
        """In words."""
        return GIVEN if self.boxes_given else DRAWN


def load_results(path: Path, dataset: CocoDataset) -> Results:
    """An image without a row is one in which nothing was found.

    Raises:
        DatasetError: the file cannot be read, is no results list, or is of another dataset.
    """
    rows = _rows(path, dataset)
    known = {image.id for image in dataset.images}
    points = [_keypoints(row, len(dataset.keypoint_names), f"{path}: [{n}]") for n, row in enumerate(rows)]
    boxes_given = bool(rows) and all(row.get("bbox") is not None for row in rows)
    third = _third_is_confidence(points)
    found: dict[int, list[Detection]] = {image.id: [] for image in dataset.images}
    for number, (row, keypoints) in enumerate(zip(rows, points, strict=True)):
        where = f"{path}: [{number}]"
        image_id = row.get("image_id")
        if not isinstance(image_id, int) or image_id not in known:
            raise DatasetError(f"{where}: image_id {image_id!r} is no image of {dataset.source}")
        category = row.get("category_id")
        if dataset.category_ids and category not in dataset.category_ids:
            allowed = ", ".join(map(str, dataset.category_ids))
            raise DatasetError(f"{where}: category_id {category!r} has no keypoints there; allowed: {allowed}")
        found[image_id].append(_detection(row, keypoints, where, own_box=boxes_given, third_is_confidence=third))
    return Results(found, boxes_given)


def _rows(path: Path, dataset: CocoDataset) -> list[dict[str, Any]]:
    content = rows = read_json(path, DatasetError)
    if isinstance(content, dict):
        rows = content.get("annotations")
        _require_same_names(content.get("images"), dataset, path)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DatasetError(f"{path}: must be COCO's results, a list of objects, or akd predict's predictions.json")
    return rows


def _require_same_names(images: Any, dataset: CocoDataset, path: Path) -> None:
    """`akd predict` numbers loose photos itself: those numbers are not the dataset's."""
    names = {image.id: Path(image.file_name).name for image in dataset.images}
    for image in images if isinstance(images, list) else ():
        number = image.get("id") if isinstance(image, dict) else None
        if not isinstance(number, int) or number not in names:
            continue
        said = Path(str(image.get("file_name"))).name
        if said != names[number]:
            ours = f"that of {dataset.source} is {names[number]}"
            raise DatasetError(f"{path}: its image {number} is {said}, {ours}; predict on the dataset itself")


def _keypoints(row: Mapping[str, Any], count: int, where: str) -> NDArray[np.float64]:
    try:
        flat = readonly(row["keypoints"], (None,), "keypoints")
        if flat.size != 3 * count:
            raise ValueError(f"keypoints must be {3 * count} numbers ({count} times x, y, v); got {flat.size}")
    except KeyError as error:
        raise DatasetError(f"{where}: lacks {error}") from error
    except (TypeError, ValueError) as error:
        raise DatasetError(f"{where}: {error}") from error
    return readonly(flat.reshape(count, 3), (count, 3), "keypoints")


def _third_is_confidence(points: Sequence[NDArray[np.float64]]) -> bool:
    """COCO leaves the third number of a result unused: some tools set 1 or v, some a score between 0 and 1."""
    third = np.concatenate([one[:, 2] for one in points]) if points else np.zeros(0)
    return bool(((third >= 0) & (third <= 1)).all() and (third % 1 > 0).any())


def _detection(
    row: Mapping[str, Any], keypoints: NDArray[np.float64], where: str, *, own_box: bool, third_is_confidence: bool
) -> Detection:
    count = len(keypoints)
    try:
        score = float(row["score"])
        if not np.isfinite(score):
            raise ValueError(f"score must be finite; got {score}")
        bbox = readonly(row["bbox"] if own_box else _box_round(keypoints), (4,), "bbox")
        if (bbox[2:] < 0).any():
            raise ValueError(f"bbox must be x, y, width, height; got {bbox.tolist()}")
        if "keypoint_scores" in row:
            confidence = readonly(row["keypoint_scores"], (count,), "keypoint_scores")
        else:
            confidence = keypoints[:, 2] if third_is_confidence else np.full(count, np.nan)
    except KeyError as error:
        raise DatasetError(f"{where}: lacks {error}") from error
    except (TypeError, ValueError) as error:
        raise DatasetError(f"{where}: {error}") from error
    return Detection(bbox, score, keypoints, confidence)


def _box_round(keypoints: NDArray[np.float64]) -> NDArray[np.float64]:
    """x, y, width, height of the keypoints that are set (third number above 0), of all where none is."""
    there = keypoints[keypoints[:, 2] > 0] if (keypoints[:, 2] > 0).any() else keypoints
    low, high = there[:, :2].min(axis=0), there[:, :2].max(axis=0)
    return np.concatenate([low, high - low])
