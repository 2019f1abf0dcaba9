"""Viewpoint errors of what is retrieved."""

import json

import numpy as np
import pytest

from pipeline.errors import IndexFileError
from pipeline.viewpoint import view_direction
from retrieval.evaluate import evaluate_viewpoints, geodesic_deg, summarise, view_rotation
from retrieval.index import build_index_from_labels
from retrieval.store import load_index


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
    assert f"median error {error:.1f} deg, Acc@pi/6 {float(with_vehicles):.3f} over 1 queries" in str(scores)


def test_predicted_queries_and_those_that_cannot_be_scored(make_dataset, tmp_path, stand_in_model):
    dataset = make_dataset()
    build_index_from_labels(dataset, tmp_path / "index")
    stand_in_model["000002.png"] = [
        {"bbox": np.array([8.0, 6, 72, 50]), "score": 0.7, "keypoints": np.full((20, 3), 2.0), "keypoint_scores": None}
    ]
    scores = evaluate_viewpoints(load_index(tmp_path / "index"), dataset, weights=tmp_path / "best.pt")
    assert (scores.queries, scores.skipped) == (1, 5)


def test_scores_by_hand():
    scores = summarise([1.0, 10.0, 29.9, 30.0, 170.0], 2)
    assert (scores.queries, scores.skipped, scores.median_deg, scores.acc_pi_6) == (5, 2, 29.9, 0.6)
    assert "no query of 3 has a known viewpoint" in str(summarise([], 3))


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
