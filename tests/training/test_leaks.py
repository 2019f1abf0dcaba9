import json
import shutil

import pytest
import torch

from pipeline.coco import load_coco
from pipeline.errors import DatasetError
from tests.training.conftest import write_dataset
from training.evaluate import evaluate_weights
from training.leaks import check_leaks
from training.run_folder import session_of, write_versions


@pytest.fixture
def cars(tmp_path, schema):
    """train.json, val.json and test.json of different images."""
    return write_dataset(tmp_path / "cars", schema, (("train", 4), ("val", 2), ("test", 3)))


@pytest.fixture
def run(tmp_path, nano_weights, cars):
    return make_run(tmp_path / "run", nano_weights, cars / "train.json")


def make_run(folder, weights, source, init=None):
    folder.mkdir()
    shutil.copy(weights, folder / "best.pt")
    write_versions(folder, 1, session_of(source, torch.device("cpu"), torch.float32, 1, init))
    return folder


def name_vehicles(source, names):
    content = json.loads(source.read_text())
    for image, name in zip(content["images"], names, strict=True):
        image["vehicle"] = name
    source.write_text(json.dumps(content))


def test_another_split_is_scored_and_the_report_says_what_was_compared(run, cars):
    report = evaluate_weights(run, cars, "test")
    assert report.trained_on == f"{cars / 'train.json'}: no image in common"
    assert report.images == 3


def test_images_of_the_training_are_refused(run, cars):
    with pytest.raises(DatasetError, match=r"trained on image 001\.png and 3 others of it.*--allow-leak"):
        evaluate_weights(run, cars, "train")
    with pytest.raises(DatasetError, match="trained on image"):
        evaluate_weights(run, cars)


def test_a_leak_that_is_allowed_is_told(run, cars):
    report = evaluate_weights(run, cars, "train", allow_leak=True)
    assert "LEAK, image 001.png and 3 others is scored" in report.trained_on
    assert "LEAK" in report.as_text()


def test_one_identical_file_under_another_name_is_found(run, cars, tmp_path, schema):
    other = write_dataset(tmp_path / "other", schema, (("test", 3),), seed=5)
    check_leaks(run, load_coco(other))
    shutil.copy(cars / "images" / "004.png", other / "images" / "002.png")
    with pytest.raises(DatasetError, match=r"trained on image 002\.png of it"):
        check_leaks(run, load_coco(other))


def test_a_vehicle_of_the_training_is_refused_though_its_images_are_others(run, cars):
    name_vehicles(cars / "train.json", ["a", "b", "b", "c"])
    name_vehicles(cars / "test.json", ["d", "e", "e"])
    assert check_leaks(run, load_coco(cars, "test")).endswith("no vehicle and no image in common")
    name_vehicles(cars / "test.json", ["d", "c", "b"])
    with pytest.raises(DatasetError, match="trained on vehicle b and 1 others of it"):
        check_leaks(run, load_coco(cars, "test"))


def test_the_split_that_the_best_epoch_was_chosen_on_is_told_not_refused(run, cars):
    assert f"{cars / 'val.json'}, which the best epoch was chosen on" in check_leaks(run, load_coco(cars, "val"))
    assert "chosen" not in check_leaks(run, load_coco(cars, "test"))


def test_a_file_without_splits_had_no_epoch_chosen_on_its_neighbour(cars, tmp_path, nano_weights):
    shutil.copy(cars / "train.json", cars / "mine.json")
    alone = make_run(tmp_path / "alone", nano_weights, cars / "mine.json")
    assert "chosen" not in check_leaks(alone, load_coco(cars, "val"))


def test_weights_that_a_run_began_from_are_asked_too(run, cars, tmp_path, schema, nano_weights):
    later = write_dataset(tmp_path / "later", schema, (("train", 2),), seed=8)
    fine = make_run(tmp_path / "fine", nano_weights, later / "train.json", run / "best.pt")
    with pytest.raises(DatasetError, match=rf"trained on image 001.*{cars / 'train.json'}"):
        check_leaks(fine, load_coco(cars, "train"))
    said = check_leaks(fine, load_coco(cars, "test"))
    assert str(later / "train.json") in said
    assert str(cars / "train.json") in said


def test_what_is_not_known_is_said(nano_weights, run, cars):
    assert check_leaks(nano_weights, load_coco(cars, "train")).startswith("not known; ")
    (cars / "train.json").unlink()
    said = check_leaks(run, load_coco(cars, "test"))
    assert said.endswith("train.json, which cannot be read any more: overlap not known")


def test_image_files_that_are_gone_are_counted(run, cars):
    (cars / "images" / "002.png").unlink()
    assert "(1 image files are not there, and were not compared)" in check_leaks(run, load_coco(cars, "test"))
