import json

import numpy as np
import pytest

from pipeline.errors import DatasetError
from tests.training.score_cases import SCHEMA, dataset, instance, points
from training.evaluate import evaluate
from training.results_file import load_results

COCO = dataset([instance(1)], [instance(2)])


def row(image_id=1, **changes):
    whole = {"image_id": image_id, "category_id": 1, "score": 0.9, "bbox": [0, 0, 100, 50]}
    return {
        key: value
        for key, value in (whole | {"keypoints": points().ravel().tolist()} | changes).items()
        if value is not None
    }


@pytest.fixture
def results(tmp_path):
    def read(*rows, content=None):
        path = tmp_path / "results.json"
        path.write_text(json.dumps(list(rows) if content is None else content))
        return load_results(path, COCO)

    return read


def report(given):
    return evaluate(COCO, given.predictions, SCHEMA, box_source=given.box_source, boxes_given=given.boxes_given)


def test_results_with_boxes(results):
    given = results(row(1), row(2))
    assert given.boxes_given
    scored = report(given)
    assert (scored.box.ap, scored.keypoints.ap, scored.pck.overall["0.05"]) == pytest.approx((1, 1, 1))
    assert scored.visibility is None, "v is no confidence"
    assert "the results file's own boxes" in scored.as_text()


def test_an_image_without_rows_is_one_where_nothing_was_found(results):
    given = results(row(2))
    assert given.predictions[1] == []
    scored = report(given)
    assert (scored.images, scored.images_with_detections) == (2, 1)
    assert scored.pck.overall["0.2"] == 0.5


def test_without_boxes_they_are_drawn_round_the_keypoints_and_not_scored(results):
    """Points from (10, 5) to (90, 40); what is not set, at the origin, does not count."""
    given = results(row(1, bbox=None), row(2))
    assert not given.boxes_given
    (one,) = given.predictions[1]
    assert one.bbox.tolist() == [10, 5, 80, 35]
    assert given.predictions[2][0].bbox.tolist() == [10, 5, 80, 35], "one rule for the whole file"
    scored = report(given)
    assert np.isnan(scored.box.ap)
    assert scored.as_json()["box"]["AP"] is None
    assert "box AP is not given" in scored.as_text()
    assert "drawn round each detection's keypoints" in scored.as_text()
    assert scored.keypoints.ap == pytest.approx(1)
    assert "box/AP" not in scored.rows.scores()


def test_keypoints_that_are_not_set_are_not_in_the_box(results):
    unset = points({"roof": (0, 0)}, v={"roof": 0})
    assert results(row(keypoints=unset.ravel().tolist(), bbox=None)).predictions[1][0].bbox.tolist() == [10, 20, 80, 20]
    hidden = points({"roof": (0, 0)}, v={"roof": 0, "wheel_RL": 1, "wheel_RR": 1})
    assert results(row(keypoints=hidden.ravel().tolist(), bbox=None)).predictions[1][0].bbox[0] == 10
    none = points(v=0)
    assert results(row(keypoints=none.ravel().tolist(), bbox=None)).predictions[1][0].bbox.tolist() == [10, 5, 80, 35]


def test_the_third_number_is_a_confidence_only_where_it_can_be_one(results):
    def confidence(thirds):
        return (
            results(row(keypoints=np.column_stack([points()[:, :2], thirds]).ravel().tolist()))
            .predictions[1][0]
            .keypoint_scores
        )

    assert confidence([0.1, 0.9, 1, 0, 0.5]).tolist() == [0.1, 0.9, 1, 0, 0.5]
    assert np.isnan(confidence([2, 1, 0, 2, 1])).all()
    assert np.isnan(confidence([1, 1, 1, 1, 1])).all()
    assert np.isnan(confidence([7.5, 0.2, 1, 3, 1])).all()


def test_predictions_of_akd_predict_bring_their_keypoint_scores(results):
    content = {
        "images": [{"id": 1, "file_name": "photos/1.png"}, {"id": 2, "file_name": "2.png"}],
        "annotations": [row(1, keypoint_scores=[0.5, 0.6, 0.7, 0.8, 0.9])],
    }
    assert results(content=content).predictions[1][0].keypoint_scores.tolist() == [0.5, 0.6, 0.7, 0.8, 0.9]
    content["images"][1]["file_name"] = "photos/3.png"
    with pytest.raises(DatasetError, match=r"its image 2 is 3\.png, that of by_hand\.json is 2\.png"):
        results(content=content)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image_id": 7}, r"\[1\]: image_id 7 is no image of by_hand.json"),
        ({"image_id": [1]}, r"\[1\]: image_id \[1\] is no image"),
        ({"category_id": 3}, r"\[1\]: category_id 3 has no keypoints there; allowed: 1"),
        ({"keypoints": [1, 2, 2]}, r"\[1\]: keypoints must be 15 numbers \(5 times x, y, v\); got 3"),
        ({"keypoints": None}, r"\[1\]: lacks 'keypoints'"),
        ({"keypoints": [float("nan")] * 15}, r"\[1\]: keypoints must be finite"),
        ({"keypoints": ["a"] * 15}, r"\[1\]: could not convert"),
        ({"score": None}, r"\[1\]: lacks 'score'"),
        ({"score": float("inf")}, r"\[1\]: score must be finite"),
        ({"bbox": [0, 0, 5]}, r"\[1\]: bbox must have shape"),
        ({"bbox": [0, 0, -5, 5]}, r"\[1\]: bbox must be x, y, width, height"),
        ({"keypoint_scores": [1]}, r"\[1\]: keypoint_scores must have shape"),
    ],
)
def test_a_bad_row_is_named(results, changes, said):
    with pytest.raises(DatasetError, match=said):
        results(row(1), row(**({"image_id": 2} | changes)))


@pytest.mark.parametrize("content", [3, {"rows": []}, [1, 2]])
def test_what_is_no_results_list_is_refused(results, content):
    with pytest.raises(DatasetError, match="must be COCO's results"):
        results(content=content)


def test_a_missing_file_and_one_that_is_no_json(tmp_path):
    with pytest.raises(DatasetError, match=r"none\.json: cannot be read"):
        load_results(tmp_path / "none.json", COCO)
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(DatasetError, match=r"x\.json: is not valid JSON"):
        load_results(tmp_path / "x.json", COCO)
