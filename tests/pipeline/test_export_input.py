"""What `akd export` makes of files that are not ours, and what it says of those that are wrong."""

import math
import re
from pathlib import Path
from typing import Any

import pytest

from akd import main
from pipeline.errors import DatasetError
from pipeline.export_job import flat_name, plan_export
from pipeline.export_labels import read_label_set
from pipeline.keypoints import KeypointSchema
from tests.pipeline.coco_files import HEIGHT, WIDTH, content, write


def foreign(**category: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 1, "file_name": "a.png", "width": WIDTH, "height": HEIGHT}],
        "annotations": [{"id": 1, "image_id": 1, "bbox": [1, 2, 9, 8], "keypoints": [9, 9, 0, 3, 4, 2, 5, 6, 1]}],
        "categories": [{"id": 1, "keypoints": ["left eye", "nose", "right eye"], **category}],
    }


def test_a_foreign_file_is_completed_from_its_names(tmp_path: Path):
    job = plan_export(write(tmp_path / "faces", "faces.json", foreign()))
    assert job.labels.category == "object"
    assert job.labels.flip_index().tolist() == [2, 1, 0]
    assert job.labels.sigmas == (1 / 3,) * 3
    assert [note.split(":")[0] for note in job.labels.notes] == ["no flip_pairs in the file", "no sigmas in the file"]
    assert [len(part) for part in job.splits.values()] == [1]
    assert job.splits["train"][0].objects[0].keypoints[0].tolist() == [0, 0, 0], "not labelled, whatever it said"


def test_a_schema_completes_a_file_of_its_names(tmp_path: Path, schema: KeypointSchema):
    value = content(schema, 1, 1)
    for key in ("flip_pairs", "sigmas", "skeleton"):
        del value["categories"][0][key]
    labels = read_label_set(write(tmp_path / "cars", "cars.json", value), schema)
    assert labels.flip_index().tolist() == schema.flip_index.tolist()
    assert labels.skeleton == schema.skeleton_index
    assert labels.sigmas == tuple(schema.sigmas)
    with pytest.raises(DatasetError, match="keypoints differ from schema vehicle20"):
        plan_export(write(tmp_path / "faces", "faces.json", foreign()), schema=schema)


def test_images_know_their_split_in_one_file(tmp_path: Path, schema: KeypointSchema):
    value = content(schema, 1, 3)
    for image, split in zip(value["images"], ("test", "train", "test"), strict=True):
        image["split"] = split
    source = write(tmp_path / "cars", "cars.json", value)
    assert {s: [i.id for i in part] for s, part in plan_export(source).splits.items()} == {"train": [2], "test": [1, 3]}
    assert list(plan_export(source, "test").splits) == ["test"]
    with pytest.raises(DatasetError, match="no image is of split 'val'; it has test, train"):
        plan_export(source, "val")


def test_names_suit_every_format():
    taken: set[str] = set()
    names = [flat_name(name, 4, taken) for name in ("a/b.c.JPG", "a_b_c.png", "A/B.c.jpg", "images/x y.jpg")]
    assert names == ["a_b_c.jpg", "a_b_c_4.png", "A_B_c_4_1.jpg", "images_x_y.jpg"]
    with pytest.raises(DatasetError, match=r"a\.txt: must be an image"):
        flat_name("a.txt", 1, taken)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "flip pair unknown": (foreign(flip_pairs=[["left eye", "ear"]]), r"flip_pairs must be pairs of its keypoints'"),
    "flip pairs share": (
        foreign(flip_pairs=[["left eye", "nose"], ["nose", "right eye"]]),
        "must not share a keypoint",
    ),
    "skeleton from 0": (foreign(skeleton=[[0, 1]]), r"skeleton must be pairs of numbers 1\.\.3; got \[\[0, 1\]\]"),
    "sigmas short": (foreign(sigmas=[0.1]), "sigmas must be 3 numbers above 0"),
    "names repeat": (foreign(keypoints=["nose", "nose", "chin"]), "keypoint names repeat"),
    "visibility": (
        {**foreign(), "annotations": [{**foreign()["annotations"][0], "keypoints": [1, 1, 3] * 3}]},
        "annotation 1: visibility must be 0, 1 or 2",
    ),
    "area": (
        {**foreign(), "annotations": [{**foreign()["annotations"][0], "area": math.nan}]},
        "annotation 1: area must be finite; got nan",
    ),
    "no size": (
        {**foreign(), "images": [{**foreign()["images"][0], "width": 0}]},
        "width and height must be at least 1; got 0x40",
    ),
    "no image": ({**foreign(), "images": [], "annotations": []}, "holds no image to export"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_in_one_line(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    value, message = WRONG[case]
    source = write(tmp_path / "faces", "faces.json", value)
    assert main(["export", str(source), "--to", "mmpose", "-o", str(tmp_path / "out")]) == 1
    err = capsys.readouterr().err
    assert re.search(message, err)
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()
