"""Viewpoint errors of what is retrieved."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import retrieval.evaluate
from pipeline.coco import ImageRecord, Instance
from pipeline.errors import IndexFileError
from pipeline.viewpoint import view_direction
from retrieval.evaluate import evaluate_viewpoints, summarise
from retrieval.index import build_index_from_labels
from retrieval.options import Options
from retrieval.store import load_index
from retrieval.viewpoint import (
    UNKNOWN,
    geodesic_deg,
    named_view,
    shows_sides,
    view_rotation,
    viewpoint_of,
    viewpoints_of,
)
from retrieval.viewpoint_scores import Answer, EarlyStop, score_answers


def edit(dataset, change):
    path = dataset / "annotations.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        ((0, 0), (0, 0), 0),
        ((10, 0), (350, 0), 20),
        ((0, 0), (180, 0), 180),
        ((40, 10), (40, 45), 35),
        ((90, 0), (0, 0), 90),
    ],
)
def test_errors_by_hand(first, second, error):
    assert geodesic_deg(view_rotation(*first), view_rotation(*second)) == pytest.approx(error, abs=1e-5)


@pytest.mark.parametrize(("azimuth", "elevation"), [(0, 0), (35, 20), (200, 60), (-75, -5)])
def test_rotations_are_rotations_that_look_at_the_camera(azimuth, elevation):
    rotation = view_rotation(azimuth, elevation)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)
    np.testing.assert_allclose(rotation[:, 0], view_direction(azimuth, elevation), atol=1e-12)


@pytest.mark.parametrize("with_vehicles", [True, False])
def test_a_query_finds_a_copy_of_its_view_but_not_itself_or_its_vehicle(make_dataset, tmp_path, with_vehicles):
    """Images 0, 1 and 2 show the same; 0 is the query, 1 is, where vehicles are known, of the query's own vehicle."""
    dataset = make_dataset()

    def copies(content):
        for i in (1, 2):
            content["annotations"][i]["keypoints"] = content["annotations"][0]["keypoints"]
            content["images"][i].update(azimuth_deg={1: 90.0, 2: 7.0}[i], elevation_deg=10.0)
        content["images"][1]["vehicle"] = content["images"][0]["vehicle"]
        for image in content["images"]:
            if not with_vehicles:
                del image["vehicle"]

    edit(dataset, copies)
    build_index_from_labels(dataset, tmp_path / "index")
    edit(dataset, lambda content: content.update({key: content[key][:1] for key in ("images", "annotations")}))
    scores = evaluate_viewpoints(load_index(tmp_path / "index"), dataset)
    assert (scores.queries, scores.skipped) == (1, 0)
    error = 7.0 if with_vehicles else float(geodesic_deg(view_rotation(0, 10), view_rotation(90, 10)))
    assert scores.median_deg == pytest.approx(error)
    assert scores.accuracy == {"pi/6": with_vehicles, "pi/12": with_vehicles, "pi/18": with_vehicles}
    assert f"median error {error:.1f} deg" in str(scores)


def test_predicted_queries_and_those_that_cannot_be_scored(make_dataset, tmp_path, stand_in_model):
    dataset = make_dataset()
    build_index_from_labels(dataset, tmp_path / "index")
    stand_in_model["000002.png"] = [
        {"bbox": np.array([8.0, 6, 72, 50]), "score": 0.7, "keypoints": np.full((20, 3), 2.0), "keypoint_scores": None}
    ]
    scores = evaluate_viewpoints(load_index(tmp_path / "index"), dataset, weights=tmp_path / "best.pt")
    assert (scores.queries, scores.skipped) == (1, 5)


def test_scores_by_hand():
    truth = [(40.0, 0.0)] * 6
    found = [(41, 0), (54, 0), (40, 12), (69, 0), (130, 0), (-50, 0)]  # off by 1, 14, 12, 29; the last two flipped
    scores = summarise(found, truth, 2)
    assert (scores.queries, scores.skipped) == (6, 2)
    assert scores.median_deg == pytest.approx(21.5)
    assert scores.accuracy == {"pi/6": 4 / 6, "pi/12": 3 / 6, "pi/18": 1 / 6}
    assert scores.front_back == 1 / 6  # 180 - 130 = 50
    assert scores.mirrored == 1 / 6  # 50
    assert str(summarise([], [], 3)).startswith("3 skipped")


def test_scores_by_the_side_that_is_seen_and_what_an_early_stop_cost():
    answers = [
        Answer((10.0, 0.0), (5.0, 0.0), "F", EarlyStop(10, 1.0, 0.0)),
        Answer((90.0, 0.0), (-90.0, 0.0), "R", EarlyStop(10, 0.8, 0.02)),
        Answer((100.0, 0.0), None, "L"),
        Answer((100.0, 0.0), None, "R"),
    ]
    scores = score_answers(answers, 1)
    assert list(scores.by_view) == ["F", "R"]
    assert scores.by_view["F"].median_deg == pytest.approx(5)
    assert scores.by_view["R"].mirrored == 1
    assert scores.by_view["R"].stopped == EarlyStop(10, 0.8, 0.02)
    assert (scores.stopped.recall, scores.stopped.regret) == (pytest.approx(0.9), pytest.approx(0.01))
    assert (scores.named.share, scores.queries, scores.skipped) == (0.5, 2, 1)
    text = str(scores)
    assert "against exact search: recall@10 0.9000, best match less alike by 0.01000" in text
    assert re.search(r"^R +1 +180\.0 +180\.0 .* 0\.8000  0\.02000$", text, re.MULTILINE)
    assert json.loads(json.dumps(scores.to_json()))["by_view"]["F"]["accuracy"]["pi/18"] == 1


def test_with_a_recall_below_one_the_exact_search_is_run_beside_it(make_dataset, tmp_path, monkeypatch):
    dataset = make_dataset()
    edit(dataset, lambda content: [image.pop("vehicle") for image in content["images"]])
    build_index_from_labels(dataset, tmp_path / "index")
    index = load_index(tmp_path / "index")
    assert evaluate_viewpoints(index, dataset).stopped is None
    assert evaluate_viewpoints(index, dataset, options=Options(k=3, recall=0.9)).stopped == EarlyStop(3, 1.0, 0.0)
    usual = retrieval.evaluate.search_each

    def one_off(index, queries, options, allowed=None):
        found = usual(index, queries, replace(options, k=options.k + 1), allowed)[0]
        part = slice(0, options.k) if options.recall == 1 else slice(1, options.k + 1)
        return [replace(found, entries=found.entries[part], scores=found.scores[part])]

    monkeypatch.setattr("retrieval.evaluate.search_each", one_off)
    stopped = evaluate_viewpoints(index, dataset, options=Options(k=2, recall=0.9)).stopped
    assert stopped.recall == pytest.approx(0.5)
    assert stopped.regret > 0


def test_each_vehicle_of_an_image_has_a_viewpoint_of_its_own():
    def instance(x, azimuth):
        box = np.array([x, 0.0, 10, 10])
        return Instance(1, 1, box, np.zeros((1, 3)), 100.0, azimuth_deg=azimuth)

    both = (instance(0, 30.0), instance(20, 200.0), instance(40, None))
    record = ImageRecord(1, Path("a.png"), "a.png", 60, 10, both, {"azimuth_deg": 30.5, "elevation_deg": 4.0})
    np.testing.assert_equal([viewpoint_of(record, one) for one in both], [(30.0, 4.0), (200.0, 4.0), UNKNOWN])
    alone = replace(record, instances=both[1:2])
    assert viewpoint_of(alone, both[1]) == (30.5, 4.0)
    boxes = [np.array([21.0, 0, 10, 10]), np.array([8.0, 0, 10, 10]), np.array([0.0, 1, 10, 10])]
    np.testing.assert_equal(viewpoints_of(record, boxes), [(200.0, 4.0), UNKNOWN, (30.0, 4.0)])
    assert viewpoints_of(alone, boxes[:2]) == [(30.5, 4.0)] * 2
    np.testing.assert_equal(viewpoints_of(None, boxes[:1]), [UNKNOWN])


@pytest.mark.parametrize(("azimuth", "view"), [(0, "F"), (22, "F"), (23, "FL"), (-90, "R"), (180, "B"), (359, "F")])
def test_names_of_views(azimuth, view):
    assert named_view(azimuth) == view


@pytest.mark.parametrize(
    ("azimuth", "sides", "same"),
    [
        (20, "F", True),
        (25, "F", False),
        (340, "F", True),
        (5, "FL", True),
        (85, "FL", True),
        (-5, "FL", False),
        (95, "FL", False),
        (95, "BL", True),
        (250, "BR", True),
        (80, "FBL", True),
        (-80, "FBL", False),
        (270, "FBR", True),
        (10, "FLR", True),
        (180, "BLR", True),
        (0, "FB", False),
        (0, "", False),
    ],
)
def test_sides_that_are_seen(azimuth, sides, same):
    assert shows_sides(azimuth, sides) == same


def test_queries_that_only_name_their_view_are_scored_by_it(make_dataset, tmp_path):
    """Each image has a copy seen from the same side; of image 0 the copy is named wrongly."""
    dataset = make_dataset()
    build_index_from_labels(dataset, tmp_path / "index")
    known = [image["azimuth_deg"] for image in json.loads((dataset / "annotations.json").read_text())["images"]]

    def named(content):
        for image, azimuth in zip(content["images"], known, strict=True):
            image.pop("azimuth_deg")
            image.pop("vehicle")
            image["file_name"] = f"of-another-{image['file_name']}"
            image["view"] = named_view(azimuth)
        content["images"][0]["view"] = named_view(known[0] + 180)

    edit(dataset, named)
    named_views = evaluate_viewpoints(load_index(tmp_path / "index"), dataset).named
    count = sum(named_views.queries.values())
    assert count == len(known)
    assert sum(named_views.same.values()) == sum(named_views.sides.values()) == count - 1
    assert "same sides seen" in str(named_views)


def test_an_index_without_viewpoints_cannot_be_scored(make_dataset, tmp_path):
    dataset = make_dataset()
    edit(dataset, lambda content: [image.pop("azimuth_deg") for image in content["images"]])
    build_index_from_labels(dataset, tmp_path / "index")
    with pytest.raises(IndexFileError, match="its images carry no azimuth_deg and elevation_deg"):
        evaluate_viewpoints(load_index(tmp_path / "index"), dataset)


def test_queries_of_other_keypoints_are_refused(make_dataset, tmp_path):
    build_index_from_labels(make_dataset(), tmp_path / "index")
    other = make_dataset(name="other", category_names=("nose", "tail"))
    with pytest.raises(IndexFileError, match="keypoints differ from schema vehicle20"):
        evaluate_viewpoints(load_index(tmp_path / "index"), other)
