import csv
import io
from xml.etree import ElementTree

import numpy as np
import pytest

from pipeline.coco import load_coco
from training.checkpoint import load_model
from training.confusion import confusion_csv, confusion_rows
from training.curves import _ticks, curves_svg
from training.metrics import as_csv
from training.pck import match_errors
from training.predict import Detection
from training.validation import sample_sheet, validate

SVG = "{http://www.w3.org/2000/svg}"


def said_of(dataset, change):
    """Detections that are the labels, but for what `change` does to each object's keypoints (K, 3)."""
    return {
        image.id: [
            Detection(one.bbox, 0.9, change(one.keypoints.copy()), np.ones(len(one.keypoints)))
            for one in image.instances
        ]
        for image in dataset.images
    }


@pytest.fixture(scope="module")
def val(dataset):
    return load_coco(dataset, "val")


def rows_of(val, schema, change):
    rows = confusion_rows(match_errors(val, said_of(val, change), schema), schema)
    return {row["keypoint"]: row for row in rows}


def test_what_is_right_is_counted_as_right(val, schema):
    rows = rows_of(val, schema, lambda keypoints: keypoints)
    every = rows["all"]
    assert every["labelled"] == every["right"] > 0
    assert every["missed"] == every["left_right"] == every["front_back"] == every["diagonal"] == 0
    assert "roof" not in rows, "it has no twin"


def test_a_car_taken_the_wrong_way_round_is_front_for_back(val, schema):
    def turned(keypoints):
        for side in "LR":
            pair = [schema.index(f"wheel_F{side}"), schema.index(f"wheel_R{side}")]
            keypoints[pair] = keypoints[pair[::-1]]
        return keypoints

    rows = rows_of(val, schema, turned)
    wheels = [rows[f"wheel_{end}{side}"] for end in "FR" for side in "LR"]
    assert sum(row["labelled"] for row in wheels) == sum(row["front_back"] for row in wheels) == 6
    assert sum(row["right"] for row in wheels) == 0
    assert rows["bumper_REAR"]["right"] == rows["bumper_REAR"]["labelled"] == 3


def test_objects_that_are_not_found_are_counted_apart(val, schema):
    errors = match_errors(val, {image.id: [] for image in val.images}, schema)
    text = list(csv.DictReader(io.StringIO(confusion_csv(errors, schema))))
    assert text[-1]["keypoint"] == "all"
    assert text[-1]["missed"] == text[-1]["labelled"] != "0"
    assert text[-1]["right"] == "0"


def test_a_validation_has_scores_a_picture_and_a_table(val, nano_weights):
    found = validate(load_model(nano_weights), val)
    assert 0 <= found.row["val/pck_0.1"] <= 1
    assert found.picture.shape[2] == 3
    assert found.confusion.startswith("keypoint,labelled,missed,right")


def test_the_picture_shows_the_labels_and_beside_them_what_was_found(val, schema):
    same = sample_sheet(val, said_of(val, lambda keypoints: keypoints), schema)
    none = sample_sheet(val, {image.id: [] for image in val.images}, schema)
    width = same.shape[1] // 4
    assert np.array_equal(same[:200, :width], none[:200, :width]), "labels do not depend on what was found"
    assert not np.array_equal(same[:200, width : 2 * width], none[:200, width : 2 * width])


def test_curves_show_every_row_and_the_best_epoch():
    rows = [{"epoch": n, "lr": 0.1 / n, "train/loss": 30.0 / n} for n in range(1, 6)]
    rows[1] |= {"val/keypoint_ap": 0.2, "val/pck_0.1": float("nan")}
    rows[4] |= {"val/keypoint_ap": 0.4, "val/pck_0.1": 0.8}
    tree = ElementTree.fromstring(curves_svg(rows, best_epoch=5))
    lines = [line.get("points").split() for line in tree.iter(f"{SVG}polyline")]
    assert [len(points) for points in lines] == [5, 2, 1, 5]
    heights = [float(point.split(",")[1]) for point in lines[0]]
    assert heights == sorted(heights), "a loss that falls goes down"
    dashed = [path for path in tree.iter(f"{SVG}path") if path.get("stroke-dasharray")]
    assert len(dashed) == 3
    assert not [p for p in curves_svg(rows, best_epoch=0).splitlines() if "stroke-dasharray" in p]


def test_curves_of_one_epoch_without_validation_are_drawn():
    ElementTree.fromstring(curves_svg([{"epoch": 1, "lr": 1e-3, "train/loss": 0.0}], best_epoch=1))


@pytest.mark.parametrize("top", [1e-6, 0.0015, 0.9, 1.0, 3.2, 7, 12.3, 999])
def test_ticks_are_few_and_reach_the_top(top):
    ticks = _ticks(top)
    assert ticks[0] == 0
    assert ticks[-2] < top <= ticks[-1] * (1 + 1e-9)
    assert 4 <= len(ticks) <= 6


def test_columns_that_a_row_lacks_are_empty():
    assert as_csv([{"epoch": 1, "a": 0.5}, {"epoch": 2, "a": 1, "b": 2}]) == "epoch,a,b\n1,0.5,\n2,1,2\n"
