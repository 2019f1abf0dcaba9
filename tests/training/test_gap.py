"""The gap between two datasets: its rows are the scores of both, and it is nothing where both are the same."""

import numpy as np
import pytest

from pipeline.coco import load_coco
from tests.training.conftest import write_dataset
from training.evaluate import evaluate
from training.gap import Labelled, measure_gap
from training.predict import Detection


def found_with(dataset, error_px, seed=1):
    """Every object found where it is, its keypoints off by a normal error in pixels."""
    rng = np.random.default_rng(seed)
    predictions = {}
    for image in dataset.images:
        one = image.instances[0]
        keypoints = one.keypoints.copy()
        keypoints[:, :2] += rng.normal(0, error_px, keypoints[:, :2].shape)
        predictions[image.id] = [Detection(one.bbox, 0.9, keypoints, np.full(len(keypoints), 0.8))]
    return predictions


@pytest.fixture(scope="module")
def sides(tmp_path_factory, schema):
    """Drawn cars, half of whose images say their view: found well on one side and badly on the other."""
    made = []
    for seed, error in ((1, 0.5), (2, 9.0)):
        folder = write_dataset(tmp_path_factory.mktemp("gap"), schema, splits=(("train", 12),), seed=seed)
        dataset = load_coco(folder)
        for number, image in enumerate(dataset.images):
            image.extra["view"] = "L" if number % 2 else "R"
        made.append(Labelled(dataset, found_with(dataset, error, seed), "nothing"))
    return made


def test_rows_are_what_evaluate_says_of_each_side(sides, schema):
    reports, rows = measure_gap(*sides, schema, resamples=50)
    by_name = {(row.group, row.name): row for row in rows}
    for one, report in zip(sides, reports, strict=True):
        assert report.pck.overall == evaluate(one.dataset, one.predictions, schema).pck.overall
    whole = by_name["score", "pck/0.1"]
    assert (whole.first, whole.second) == (reports[0].pck.overall["0.1"], reports[1].pck.overall["0.1"])
    assert whole.gap == whole.second - whole.first
    for name, each in reports[1].pck.per_keypoint.items():
        row = by_name["keypoint", name]
        assert row.n[1] == each["n"]
        assert row.second == pytest.approx(each["0.1"], nan_ok=True)
    for name, each in reports[0].pck.per_view.items():
        assert (by_name["view", name].first, by_name["view", name].n[0]) == (pytest.approx(each["0.1"]), each["n"])
    assert by_name["score", "keypoints/AP"].n == (12, 12)


def test_a_fall_has_an_interval_that_leaves_out_none(sides, schema):
    _, rows = measure_gap(*sides, schema, resamples=100)
    whole = next(row for row in rows if row.name == "pck/0.1")
    assert whole.gap < -0.3
    assert whole.gap_interval[0] < whole.gap < whole.gap_interval[1] < 0
    assert whole.first_interval[0] <= whole.first <= whole.first_interval[1]


def test_the_same_set_twice_has_no_gap(sides, schema):
    _, rows = measure_gap(sides[1], sides[1], schema, resamples=100)
    for row in rows:
        if not np.isnan(row.gap):
            assert row.gap == 0
            assert row.gap_interval[0] <= 0 <= row.gap_interval[1]
