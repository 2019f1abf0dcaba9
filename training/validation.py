"""Validation within a run: scores, what was found in some images as a picture, and which side was taken for which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.coco import CocoDataset, ImageRecord, Instance
from pipeline.draw import Drawable, contact_sheet, draw_instances
from pipeline.images import Image, read_image
from pipeline.keypoints import KeypointSchema
from training.checkpoint import LoadedModel
from training.confusion import confusion_csv
from training.evaluate import evaluate, predict_dataset
from training.pck import match_errors
from training.predict import Detection
from training.predict_folder import drawn

SHOWN = 8
"""Images in the picture, evenly spaced through the split: the same in each epoch."""
COLUMNS = 4
SIDE = 480


@dataclass(frozen=True)
class Validation:
    """What one validation gives.

    Attributes:
        row: scores, by their names in metrics.csv.
        picture: labels and detections side by side.
        confusion: CSV text, see training/confusion.py.
    """

    row: dict[str, float]
    picture: Image
    confusion: str


def validate(loaded: LoadedModel, dataset: CocoDataset) -> Validation:
    """Score a model on a split that has images."""
    predictions = predict_dataset(loaded, dataset)
    report = evaluate(dataset, predictions, loaded.schema)
    row = {
        "val/keypoint_ap": report.keypoints.ap,
        "val/box_ap": report.box.ap,
        "val/pck_0.05": report.pck.overall["0.05"],
        "val/pck_0.1": report.pck.overall["0.1"],
        "val/swaps": report.swaps.rate,
        "val/swaps_left_right": report.swaps.left_right,
        "val/swaps_front_back": report.swaps.front_back,
    }
    confusion = confusion_csv(match_errors(dataset, predictions, loaded.schema), loaded.schema)
    return Validation(row, sample_sheet(dataset, predictions, loaded.schema), confusion)


def sample_sheet(dataset: CocoDataset, predictions: Mapping[int, Sequence[Detection]], schema: KeypointSchema) -> Image:
    """Some images of a split: each as it is labelled, and beside that what was found."""
    places = np.unique(np.linspace(0, len(dataset.images) - 1, SHOWN).round().astype(int))
    cells, captions = [], []
    for image in (dataset.images[place] for place in places):
        found = drawn(predictions[image.id])
        cells += [_drawn(image, _labels(image), schema), _drawn(image, found, schema)]
        captions += [f"{image.file_name}: labels", f"{len(found)} found"]
    return contact_sheet(cells, COLUMNS, captions)


def _labels(image: ImageRecord) -> list[Instance]:
    return [one for one in image.instances if not one.iscrowd]


def _drawn(image: ImageRecord, instances: Sequence[Drawable], schema: KeypointSchema) -> Image:
    return draw_instances(read_image(image.path), instances, schema, labels=False, side=SIDE, text_px=SIDE / 26)
