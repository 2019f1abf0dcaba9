import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.coco import load_coco
from pipeline.errors import DatasetError
from pipeline.keypoints import KeypointSchema
from training.evaluate import evaluate, evaluate_weights, labels_digest
from training.predict import Detection
from training.swaps import front_back_pairs


@pytest.fixture(scope="module")
def coco(dataset):
    return load_coco(dataset)


def truth_of(coco, score=0.9, shift=0.0, order=None):
    """The labels themselves as detections."""
    found = {}
    for image in coco.images:
        found[image.id] = []
        for one in image.instances:
            points = one.keypoints.copy() if order is None else one.keypoints[order].copy()
            points[:, :2] += shift * max(one.bbox[2:])
            found[image.id].append(Detection(one.bbox, score, points, np.full(len(points), 0.5)))
    return found


def test_the_truth_scores_one(coco, schema, capsys):
    report = evaluate(coco, truth_of(coco), schema)
    for score in (report.box, report.keypoints):
        assert (score.ap, score.ap50, score.ap75, score.ar) == (1, 1, 1, 1)
    assert report.pck.overall == {"0.05": 1, "0.1": 1, "0.2": 1}
    assert report.swaps.rate in (0.0, pytest.approx(float("nan"), nan_ok=True))
    assert capsys.readouterr().out == ""


def test_nothing_found_scores_zero(coco, schema):
    report = evaluate(coco, {image.id: [] for image in coco.images}, schema)
    assert (report.box.ap, report.keypoints.ap, report.keypoints.ar) == (0, 0, 0)
    assert report.pck.overall == {"0.05": 0, "0.1": 0, "0.2": 0}


def test_ap_is_of_oks_with_the_labels_area(coco, schema):
    """All points off by the same share: AP must fall where exp(-d^2 / (2 area (2 sigma)^2)) passes the thresholds."""
    shift = 0.04
    passed = np.zeros(10)
    for image in coco.images:
        for one in image.instances:
            d2 = 2 * (shift * max(one.bbox[2:])) ** 2
            passed += np.exp(-d2 / (2 * one.area * 0.01)) >= np.arange(0.5, 1.0, 0.05)
    report = evaluate(coco, truth_of(coco, shift=shift), schema)
    assert report.keypoints.ar == pytest.approx((passed / len(coco.images)).mean(), abs=1e-6)
    assert report.box.ap == 1


def test_pck_counts_by_distance_and_misses_as_wrong(coco, schema):
    found = truth_of(coco, shift=0.05)  # 0.0707 away in all
    found[coco.images[0].id] = []
    report = evaluate(coco, found, schema)
    labelled = [int((one.keypoints[:, 2] > 0).sum()) for image in coco.images for one in image.instances]
    assert report.pck.overall["0.05"] == 0
    assert report.pck.overall["0.1"] == pytest.approx(1 - labelled[0] / sum(labelled))
    roof = report.pck.per_keypoint["roof"]
    assert roof["n"] == len(coco.images)
    assert roof["0.1"] == pytest.approx(1 - 1 / len(coco.images))


def test_a_mislabelled_end_is_counted_as_a_swap(coco, schema):
    order = np.arange(len(schema))
    for k, twin in front_back_pairs(schema):
        order[k] = twin
    report = evaluate(coco, truth_of(coco, order=order), schema)
    assert report.swaps.front_back == 1
    assert np.isnan(report.swaps.left_right)


def test_front_and_back_twins_come_from_the_names(schema):
    names = {(schema.names[a], schema.names[b]) for a, b in front_back_pairs(schema)}
    assert ("wheel_FL", "wheel_RL") in names
    assert ("bumper_REAR", "bumper_FRONT") in names
    assert not {name for pair in names for name in pair} & {"roof", "license_plate", "mirror_LEFT"}


def test_the_better_of_two_detections_counts(coco, schema):
    found, bad = truth_of(coco, score=0.9), truth_of(coco, score=0.2, shift=0.3)
    both = {key: [*bad[key], *found[key]] for key in found}
    assert evaluate(coco, both, schema).pck.overall["0.05"] == 1


def test_json_and_text_say_how_it_was_measured(coco, schema):
    report = evaluate(coco, truth_of(coco), schema)
    content = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert content["images"] == content["instances"] == 9
    assert content["sigma"] == 0.05
    ones = {"AP": 1, "AP50": 1, "AP75": 1, "AR": 1}
    measured = {"area": "the labels' own area", "box_source": "the detector's own boxes", "n": 9}
    assert content["keypoints"] == ones | measured | {"sigma": 0.05}
    assert content["keypoints_at_sigma"]["0.025"] == ones | measured | {"sigma": 0.025}
    assert content["box"] == ones | {"box_source": "the detector's own boxes", "n": 9}
    assert set(content["pck_per_keypoint"]["wheel_FL"]) == {"0.05", "0.1", "0.2", "n"}
    assert content["pck_per_keypoint"]["mirror_LEFT"] == {"0.05": None, "0.1": None, "0.2": None, "n": 0}
    assert content["bootstrap"] is None
    assert content["trained_on"] == "not known"
    text = report.as_text()
    for said in (
        "9 images",
        "sigma: 0.05",
        "sigma: 0.025 for all",
        "trained on: not known",
        "the labels' own area",
        "the detector's own boxes",
        "wheel_FL",
        "IoU >= 0.5",
    ):
        assert said in text


def test_where_sigmas_differ_each_is_printed_beside_its_keypoint(coco, schema):
    keypoints = (schema.keypoints[0].model_copy(update={"sigma": 0.025}), *schema.keypoints[1:])
    report = evaluate(coco, truth_of(coco), schema.model_copy(update={"keypoints": keypoints}))
    text = report.as_text()
    assert "sigma: as below" in text
    assert any(line.startswith("wheel_FL") and line.endswith("sigma 0.025") for line in text.splitlines())
    assert report.as_json()["sigma"]["wheel_FR"] == 0.05


def test_predictions_must_be_of_the_datasets_images(coco, schema):
    with pytest.raises(DatasetError, match="has 9 images, predictions are of 8"):
        evaluate(coco, dict(list(truth_of(coco).items())[1:]), schema)


def test_weights_are_scored_on_a_split(nano_weights, dataset):
    report = evaluate_weights(nano_weights, dataset, split="val")
    assert report.images == 3
    assert 0 <= report.keypoints.ap <= 1


def test_uniform_sigmas_are_not_the_schemas(coco, schema):
    lax = schema.model_dump()
    for keypoint in lax["keypoints"]:
        keypoint["sigma"] = 0.5
    loose = KeypointSchema.model_validate(lax)
    found = truth_of(coco, shift=0.04)
    report, strict = evaluate(coco, found, loose), evaluate(coco, found, schema)
    assert report.keypoints.ap == 1
    assert report.uniform["0.05"].ap == pytest.approx(strict.keypoints.ap) != 1
    assert report.uniform["0.025"].ap < report.uniform["0.05"].ap
    assert report.uniform["0.025"].ap == strict.uniform["0.025"].ap


def test_the_digest_is_of_the_labels_and_not_of_where_they_lie(coco):
    image = coco.images[0]
    one = image.instances[0]
    moved = one.keypoints.copy()
    moved[-1, 0] += 1
    changed = [
        replace(image, file_name="other.png"),
        replace(image, id=99),
        *(replace(image, instances=(replace(one, **change),)) for change in (
            {"area": one.area + 1}, {"bbox": one.bbox + 1}, {"iscrowd": True}, {"keypoints": moved})),
    ]  # fmt: skip
    digests = {labels_digest(replace(coco, images=(other, *coco.images[1:]))) for other in changed}
    assert len(digests | {labels_digest(coco)}) == 7
    assert labels_digest(replace(coco, source=Path("elsewhere.json"))) == labels_digest(coco)


def test_an_image_that_was_not_scored_is_an_error(coco, schema):
    """Two images of one id, which a dataset built in memory may have: pycocotools would score one in silence."""
    twice = replace(coco, images=(*coco.images, coco.images[0]))
    with pytest.raises(DatasetError, match="has 10 images, 9 were scored"):
        evaluate(twice, truth_of(coco), schema)


def test_box_areas_are_called_what_they_are(coco, schema):
    boxes = replace(
        coco,
        images=tuple(
            replace(i, instances=tuple(replace(o, area=float(o.bbox[2] * o.bbox[3])) for o in i.instances))
            for i in coco.images
        ),
    )
    assert evaluate(boxes, truth_of(coco), schema).as_json()["area"] == "width x height of the labels' boxes"
