"""From datasets, folders and predictions to an index."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import DatasetError, ImageError, IndexFileError
from retrieval.index import build_index, build_index_from_labels
from retrieval.store import load_index
from tests.retrieval.instances import SCHEMA


@pytest.fixture
def weights(tmp_path) -> Path:
    path = tmp_path / "weights.pt"
    path.write_bytes(b"weights")
    return path


def detection(rng, score=0.9):
    keypoints = np.column_stack([rng.uniform(10, 60, (20, 2)), np.full(20, 2.0)])
    return {"bbox": np.array([8.0, 6, 60, 50]), "score": score, "keypoints": keypoints, "keypoint_scores": np.ones(20)}


def test_labels_are_indexed_without_a_network_or_pictures(make_dataset, tmp_path):
    summary = build_index_from_labels(make_dataset(picture=False), tmp_path / "index")
    assert (summary.images, summary.entries, summary.empty) == (6, 6, 0)
    assert "6 instances in 6 images" in str(summary)
    assert load_index(tmp_path / "index").image(0).bytes is None


def test_crowds_are_left_out_and_instances_without_keypoints_are_counted(make_dataset, tmp_path):
    dataset = make_dataset()
    content = json.loads((dataset / "annotations.json").read_text())
    content["annotations"][0]["iscrowd"] = 1
    content["annotations"][1]["keypoints"] = [0] * 60
    (dataset / "annotations.json").write_text(json.dumps(content))
    summary = build_index_from_labels(dataset, tmp_path / "index")
    assert (summary.images, summary.entries, summary.empty) == (6, 5, 1)
    assert "1 of them without a keypoint" in str(summary)


def test_a_split_is_indexed_by_itself(make_dataset, tmp_path):
    dataset = make_dataset()
    content = json.loads((dataset / "annotations.json").read_text())
    content["images"], content["annotations"] = content["images"][:2], content["annotations"][:2]
    (dataset / "val.json").write_text(json.dumps(content))
    assert build_index_from_labels(dataset, tmp_path / "index", "val").entries == 2
    assert load_index(tmp_path / "index").manifest.segments[0].source.split == "val"


def test_the_same_twice_is_the_same_on_disk(make_dataset, tmp_path):
    dataset = make_dataset()
    for name in ("a", "b"):
        build_index_from_labels(dataset, tmp_path / name)
    files = [file.relative_to(tmp_path / "a") for file in (tmp_path / "a").rglob("*") if file.is_file()]
    assert len(files) > 15
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file


def test_a_dataset_of_other_keypoints_is_refused(make_dataset, tmp_path):
    dataset = make_dataset(category_names=("nose", *SCHEMA.names[1:]))
    with pytest.raises(DatasetError, match="keypoints differ from schema vehicle20 in nose, wheel_FL"):
        build_index_from_labels(dataset, tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_an_empty_dataset_is_refused(tmp_path):
    empty = {"images": [], "annotations": [], "categories": [{"id": 1, "keypoints": list(SCHEMA.names)}]}
    (tmp_path / "annotations.json").write_text(json.dumps(empty))
    with pytest.raises(DatasetError, match="lists no image to index"):
        build_index_from_labels(tmp_path, tmp_path / "index")


def test_a_dataset_is_indexed_by_what_is_predicted(make_dataset, tmp_path, weights, stand_in_model):
    rng = np.random.default_rng(0)
    stand_in_model["000001.png"] = [detection(rng), detection(rng, 0.6)]
    stand_in_model["000004.png"] = [detection(rng)]
    summary = build_index(weights, make_dataset(), tmp_path / "index", progress=False)
    assert (summary.images, summary.entries) == (6, 3)
    index = load_index(tmp_path / "index")
    assert [index.image(entry).image_id for entry in range(3)] == [2, 2, 5]
    np.testing.assert_allclose(index.scores, [0.9, 0.6, 0.9], rtol=1e-6)
    np.testing.assert_allclose(index.keypoints[2], stand_in_model["000004.png"][0]["keypoints"], rtol=1e-6)
    assert index.image(2).extra["azimuth_deg"] == 240
    assert index.manifest.weights.path == str(weights)
    assert len(index.manifest.weights.sha256) == 64


def test_a_folder_of_images_is_indexed_by_what_is_predicted(make_dataset, tmp_path, weights, stand_in_model):
    stand_in_model["000002.png"] = [detection(np.random.default_rng(0))]
    build_index(weights, make_dataset() / "images", tmp_path / "index", progress=False)
    index = load_index(tmp_path / "index")
    image = index.image(0)
    assert (image.path, image.image_id) == ("000002.png", 2)
    assert index.image_path(0) == tmp_path / "dataset" / "images" / "000002.png"


def test_what_cannot_be_indexed_is_refused_before_a_model_is_loaded(make_dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("retrieval.index.open_predictor", lambda weights: pytest.fail("the model was loaded"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImageError, match="holds no image"):
        build_index(tmp_path / "w", tmp_path / "empty", tmp_path / "index")
    with pytest.raises(ImageError, match="no such file or folder"):
        build_index(tmp_path / "w", tmp_path / "gone", tmp_path / "index")
    with pytest.raises(DatasetError, match=r"has no val.json"):
        build_index(tmp_path / "w", make_dataset(), tmp_path / "index", split="val")
    with pytest.raises(IndexFileError, match="exists already"):
        build_index(tmp_path / "w", make_dataset(), tmp_path / "empty")
