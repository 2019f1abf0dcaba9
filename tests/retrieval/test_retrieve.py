"""From pictures to matches, with a stand-in for the network: it detects what the dataset's labels say."""

import json

import numpy as np
import pytest

from pipeline.coco import load_coco
from pipeline.errors import AkdError, DatasetError, ImageError, IndexFileError, WeightsError
from pipeline.files import write_json_atomic
from pipeline.images import read_image, write_image
from pipeline.keypoints import KeypointSchema
from retrieval.index import build_index, build_index_from_labels
from retrieval.report import results_as_json, results_as_text
from retrieval.search import retrieve
from tests.retrieval.instances import SCHEMA


@pytest.fixture
def indexed(make_dataset, tmp_path, stand_in_model):
    """A dataset and an index of it; on image 3 nothing is detected, on image 4 no keypoint."""
    dataset = make_dataset()
    for image in load_coco(dataset).images:
        instance = image.instances[0]
        stand_in_model[image.file_name] = [
            {"bbox": instance.bbox, "score": 0.4, "keypoints": np.flip(instance.keypoints, 0), "keypoint_scores": None},
            {"bbox": instance.bbox, "score": 0.9, "keypoints": instance.keypoints, "keypoint_scores": np.ones(20)},
        ]
    (tmp_path / "best.pt").write_bytes(b"weights")
    build_index(tmp_path / "best.pt", dataset, tmp_path / "index", progress=False)
    stand_in_model["000003.png"] = []
    stand_in_model["000004.png"] = [{**stand_in_model["000004.png"][1], "keypoints": np.zeros((20, 3))}]
    return tmp_path


def pictures(indexed, *numbers):
    return [indexed / "dataset" / "images" / f"{n:06d}.png" for n in numbers]


def test_an_indexed_picture_finds_itself_by_its_most_certain_detection(indexed):
    (found,) = retrieve(indexed / "index", pictures(indexed, 2), k=3)
    assert found.query.score == 0.9
    assert [match.rank for match in found.matches] == [1, 2, 3]
    assert (found.matches[0].path, found.matches[0].image_id) == (pictures(indexed, 2)[0], 3)
    assert found.matches[0].score == pytest.approx(1, abs=1e-6)
    assert found.matches[0].score > found.matches[1].score


def test_pictures_without_a_detection_or_keypoint_say_so(indexed):
    found = retrieve(indexed / "index", pictures(indexed, 3, 4))
    assert [one.note for one in found] == ["nothing was detected", "no keypoint was detected"]
    assert [one.matches for one in found] == [(), ()]
    assert found[0].query is None
    assert "000003.png: nothing was detected" in results_as_text(found)


def test_a_dataset_stands_for_the_images_that_it_lists(indexed):
    listed = [image.path for image in load_coco(indexed / "dataset").images]
    for dataset in (indexed / "dataset", indexed / "dataset" / "annotations.json"):
        assert [one.image for one in retrieve(indexed / "index", [dataset, listed[0]])] == [*listed, listed[0]]


def test_a_dataset_without_images_is_named(indexed):
    whole = json.loads((indexed / "dataset" / "annotations.json").read_text())
    write_json_atomic(indexed / "empty.json", {**whole, "images": [], "annotations": []})
    with pytest.raises(DatasetError, match=r"empty\.json: lists no image"):
        retrieve(indexed / "index", [indexed / "empty.json"])


def test_results_as_json_say_everything(indexed):
    found = retrieve(indexed / "index", pictures(indexed, 2, 3), k=2)
    one, none = json.loads(json.dumps(results_as_json(found), allow_nan=False))["queries"]
    assert none["detection"] is None
    assert none["matches"] == []
    first, second = one["matches"]
    assert first["image"] == str(pictures(indexed, 2)[0])
    assert (first["rank"], first["score"], first["image_id"], first["extra"]["azimuth_deg"]) == (1, 1.0, 3, 120.0)
    assert sum(second["contributions"].values()) == pytest.approx(second["score"], abs=1e-4)
    assert len(one["detection"]["keypoints"]) == len(first["keypoints"]) == 60


def test_the_folder_holds_json_and_a_picture_for_each_query(indexed, tmp_path):
    other = tmp_path / "elsewhere" / "000002.png"
    write_image(other, read_image(pictures(indexed, 2)[0]))
    out = tmp_path / "found"
    retrieve(indexed / "index", [*pictures(indexed, 2, 3), other], k=4, out=out)
    assert sorted(p.name for p in out.iterdir()) == [
        "000002-2.jpg",
        "000002.jpg",
        "000003.jpg",
        "index.html",
        "results.json",
    ]
    sheet, alone = read_image(out / "000002.jpg"), read_image(out / "000003.jpg")
    assert sheet.shape[0] > 480 * 2, "five pictures take two rows"
    assert alone.shape[0] < 480 * 2
    with pytest.raises(AkdError, match="found: exists already"):
        retrieve(indexed / "index", pictures(indexed, 2), out=out)


def test_a_match_whose_picture_is_gone_is_still_shown(indexed):
    pictures(indexed, 2)[0].unlink()
    (found,) = retrieve(indexed / "index", pictures(indexed, 1), k=6, out=indexed / "found")
    assert len(found.matches) == 6
    assert (indexed / "found" / "000001.jpg").is_file()


def test_other_weights_are_refused_unless_forced(indexed):
    other = indexed / "other.pt"
    other.write_bytes(b"other weights")
    with pytest.raises(WeightsError, match=r"other.pt: are not the weights that made .*index \(sha256 .*or force it"):
        retrieve(indexed / "index", pictures(indexed, 2), weights=other)
    assert retrieve(indexed / "index", pictures(indexed, 2), weights=other, force=True)[0].matches


def test_the_same_weights_elsewhere_are_accepted(indexed):
    (indexed / "best.pt").rename(indexed / "moved.pt")
    with pytest.raises(WeightsError, match=r"best.pt: made .*index and is gone; say which weights to use"):
        retrieve(indexed / "index", pictures(indexed, 2))
    assert retrieve(indexed / "index", pictures(indexed, 2), weights=indexed / "moved.pt")[0].matches


def test_an_index_of_labels_takes_any_weights_but_needs_some(indexed):
    build_index_from_labels(indexed / "dataset", indexed / "labels")
    with pytest.raises(IndexFileError, match="labels: was made from labels, not by weights; say which weights"):
        retrieve(indexed / "labels", pictures(indexed, 2))
    (found,) = retrieve(indexed / "labels", pictures(indexed, 2), weights=indexed / "best.pt")
    assert found.matches[0].image_id == 3


def test_what_cannot_be_searched_for_is_named(indexed):
    with pytest.raises(ImageError, match="no such file or folder"):
        retrieve(indexed / "index", [indexed / "gone.png"])
    with pytest.raises(ValueError, match="k must be at least 1; got 0"):
        retrieve(indexed / "index", pictures(indexed, 2), k=0)
    with pytest.raises(IndexFileError, match="no such index"):
        retrieve(indexed / "gone", pictures(indexed, 2))


def test_weights_of_other_keypoints_are_refused(indexed, monkeypatch):
    class Predictor:
        file = indexed / "best.pt"
        schema = KeypointSchema(name="other", keypoints=SCHEMA.keypoints[:5])

    monkeypatch.setattr("retrieval.search.open_predictor", lambda weights: Predictor())
    with pytest.raises(IndexFileError, match="holds keypoints of vehicle20; those of"):
        retrieve(indexed / "index", pictures(indexed, 2))
