"""Viewpoint errors of what is retrieved."""

import json

import numpy as np
import pytest

from pipeline.errors import IndexFileError
from pipeline.viewpoint import view_direction
from retrieval.evaluate import evaluate_viewpoints, summarise
from retrieval.index import build_index_from_labels
from retrieval.store import load_index
from retrieval.viewpoint import geodesic_deg, named_view, view_rotation


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


@pytest.mark.parametrize(("azimuth", "view"), [(0, "F"), (22, "F"), (23, "FL"), (-90, "R"), (180, "B"), (359, "F")])
def test_names_of_views(azimuth, view):
    assert named_view(azimuth) == view


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
    assert sum(named_views.same.values()) == count - 1


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
