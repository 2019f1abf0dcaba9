import json

import numpy as np
import pytest

from pipeline.coco import load_coco
from pipeline.errors import AkdError, DatasetError, ImageError, WeightsError
from pipeline.images import read_image, write_image
from training.checkpoint import load_model
from training.predict import predict_arrays, predict_images, predict_to_folder
from training.predict_folder import picture_names


@pytest.fixture(scope="module")
def loaded(nano_weights):
    return load_model(nano_weights, device="cpu")


def test_detections_are_in_the_images_own_pixels(loaded, dataset):
    paths = [image.path for image in load_coco(dataset).images[:3]]
    found = predict_images(loaded, paths, batch_size=2)
    assert len(found) == 3
    for detections in found:
        assert detections
        assert [d.score for d in detections] == sorted((d.score for d in detections), reverse=True)
        for one in detections:
            assert one.keypoints.shape == (20, 3)
            assert one.keypoint_scores.shape == (20,)
            x, y, wide, high = one.bbox
            assert x >= 0 <= y
            assert x + wide <= 96 + 1e-6
            assert y + high <= 64 + 1e-6


def test_given_boxes_are_kept_and_images_may_differ_in_size(loaded):
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 255, (h, w, 3), dtype=np.uint8) for h, w in ((64, 96), (200, 90))]
    boxes = [np.array([[10.0, 20, 50, 30]]), np.array([[5.0, 100, 60, 80], [0.0, 0, 90, 200]])]
    found = predict_arrays(loaded, images, boxes)
    assert [len(one) for one in found] == [1, 2]
    assert found[1][0].bbox == pytest.approx(boxes[1][0], abs=1e-3)
    low, size = boxes[1][0][:2] - 0.08 * boxes[1][0][2:], 1.16 * boxes[1][0][2:]
    points = found[1][0].keypoints[:, :2]
    assert ((points >= low - 1e-3) & (points <= low + size + 1e-3)).all()


def test_an_image_scores_the_same_alone_and_in_a_batch(loaded, dataset):
    paths = [image.path for image in load_coco(dataset).images[:3]]
    together, alone = predict_images(loaded, paths), predict_images(loaded, paths[1:2])
    assert together[1][0].bbox == pytest.approx(alone[0][0].bbox, abs=0.01)
    assert together[1][0].keypoints == pytest.approx(alone[0][0].keypoints, abs=0.05)


def test_a_dataset_keeps_its_ids_and_names(nano_weights, dataset, tmp_path):
    written = predict_to_folder(nano_weights, [dataset], tmp_path / "out", split="val")
    assert written == tmp_path / "out" / "predictions.json"
    content = json.loads(written.read_text())
    assert [(image["id"], image["file_name"]) for image in content["images"]] == [
        (n, f"{n:03d}.png") for n in (7, 8, 9)
    ]
    assert {(image["width"], image["height"]) for image in content["images"]} == {(96, 64)}
    one = content["annotations"][0]
    assert len(one["keypoints"]) == 60
    assert len(one["keypoint_scores"]) == 20
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert len(results) == len(content["annotations"])
    assert set(results[0]) == {"image_id", "category_id", "bbox", "keypoints", "score"}
    assert sorted(p.name for p in (tmp_path / "out" / "pictures").iterdir()) == ["007.jpg", "008.jpg", "009.jpg"]
    assert read_image(tmp_path / "out" / "pictures" / "007.jpg").shape == (512, 768, 3)


def test_predictions_are_a_coco_dataset_of_ours(nano_weights, dataset, tmp_path, schema):
    written = predict_to_folder(nano_weights, [dataset / "val.json"], tmp_path / "out")
    load_coco(written).require_schema(schema)


def test_files_and_folders_are_numbered_and_named_as_given(nano_weights, tmp_path):
    for name in ("a/1.png", "a/2.png", "b/1.jpg"):
        write_image(tmp_path / name, np.full((40, 60, 3), 99, dtype=np.uint8))
    content = json.loads(
        predict_to_folder(nano_weights, [tmp_path / "a", tmp_path / "b/1.jpg"], tmp_path / "out").read_text()
    )
    named = [(image["id"], image["file_name"]) for image in content["images"]]
    assert named == [(n, str(tmp_path / name)) for n, name in enumerate(("a/1.png", "a/2.png", "b/1.jpg"), start=1)]
    assert sorted(p.name for p in (tmp_path / "out" / "pictures").iterdir()) == ["1-2.jpg", "1.jpg", "2.jpg"]


def test_what_cannot_be_done_leaves_no_folder(nano_weights, dataset, tmp_path):
    out, broken = tmp_path / "out", tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    good = dataset / "images" / "001.png"
    for weights, images, split, error, says in (
        (tmp_path / "no.pt", [good], None, WeightsError, "no such weights"),
        (nano_weights, [good, broken], None, ImageError, "broken.png"),
        (nano_weights, [tmp_path / "no.png"], None, ImageError, "no such file"),
        (nano_weights, [good], "val", DatasetError, "only a dataset has a split"),
    ):
        with pytest.raises(error, match=says):
            predict_to_folder(weights, images, out, split=split)
        assert not out.exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["broken.png"]


def test_a_folder_that_is_not_empty_is_left_alone(nano_weights, dataset, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(AkdError, match="is not empty"):
        predict_to_folder(nano_weights, [dataset], tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_picture_names_never_clash():
    assert picture_names(["a/x.png", "b/x.jpg", "x-2.png", "x.webp"]) == ["x.jpg", "x-2.jpg", "x-2-2.jpg", "x-3.jpg"]
