"""A sound dataset has no problem; each way of breaking it is named, and nothing in a file stops the others."""

import copy
import json
import re
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.check import check_dataset
from pipeline.check_category import mirrored_name
from pipeline.coco import SPLITS
from pipeline.images import encode_image, write_image

NAMES = ["wheel_FL", "wheel_FR", "roof"]
WIDTH, HEIGHT = 60, 40
# the box 5, 4, 40, 30: one column is filled, of the 39 others the upper 17 pixels
RUNS = [5 * HEIGHT + 4, 30, *[10, 17], *[23, 17] * 38, 19 + 15 * HEIGHT]


def sound_content():
    """Two images of one vehicle for each split, each image with one instance."""
    images, annotations = [], []
    for i in range(6):
        images.append({"id": i + 1, "file_name": f"{i:06d}.png", "width": WIDTH, "height": HEIGHT,
                       "vehicle": f"car-{i // 2}", "split": SPLITS[i // 2]})  # fmt: skip
        annotations.append({"id": i + 1, "image_id": i + 1, "category_id": 1, "bbox": [5, 4, 40, 30], "area": 700,
                            "iscrowd": 0, "keypoints": [6, 30, 2, 40, 30, 1, 0, 0, 0], "num_keypoints": 2,
                            "keypoint_reasons": ["seen", "self", "absent"],
                            "segmentation": {"size": [HEIGHT, WIDTH], "counts": RUNS}})  # fmt: skip
    category = {"id": 1, "name": "vehicle", "keypoints": NAMES, "skeleton": [[1, 2], [2, 3]], "sigmas": [0.05] * 3,
                "flip_pairs": [["wheel_FL", "wheel_FR"]]}  # fmt: skip
    return {"images": images, "annotations": annotations, "categories": [category]}


def write_dataset(folder, content, splits=True):
    folder.mkdir(exist_ok=True)
    (folder / "annotations.json").write_text(json.dumps(content))
    for split in SPLITS if splits else ():
        images = [image for image in content["images"] if image.get("split") == split]
        ids = {image["id"] for image in images}
        annotations = [a for a in content["annotations"] if a.get("image_id") in ids]
        (folder / f"{split}.json").write_text(json.dumps({**content, "images": images, "annotations": annotations}))


@pytest.fixture
def dataset(tmp_path):
    content = sound_content()
    rng = np.random.default_rng(0)
    for image in content["images"]:
        pixels = rng.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
        write_image(tmp_path / "data" / "images" / image["file_name"], pixels)
    write_dataset(tmp_path / "data", content)
    return tmp_path / "data"


def problems_of(folder, content, splits=False):
    """The problems of the dataset's pictures with another annotations.json, without the splits unless asked for."""
    for split in SPLITS:
        (folder / f"{split}.json").unlink(missing_ok=True)
    write_dataset(folder, content, splits)
    return [str(problem) for problem in check_dataset(folder)]


def test_a_sound_dataset_has_no_problem(dataset):
    assert check_dataset(dataset) == []
    assert check_dataset(dataset / "val.json") == []


def test_real_photos_have_no_error(shared_data):
    assert [p for p in check_dataset(shared_data / "real_photos") if p.severity == "error"] == []


def set_to(*path_and_value):
    """A change of the content: the value at the path, or, if it is callable, what it makes of what was there."""
    *path, last, value = path_and_value

    def change(content):
        node = content
        for step in path:
            node = node[step]
        node[last] = value(node[last]) if callable(value) else value

    return change


def removed(*path):
    def change(content):
        node = content
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]

    return change


A, IMAGE, C = ("annotations", 3), ("images", 3), ("categories", 0)

BROKEN = {
    "id of an image repeats": (set_to(*IMAGE, "id", 3), r"error: .*images\[3\].*id 3 repeats"),
    "id of an annotation repeats": (set_to(*A, "id", 3), r"error: .*annotations\[3\].*id 3 repeats"),
    "image is not listed": (set_to(*A, "image_id", 99), r"error: .*annotations\[3\].*image 99, which is not there"),
    "field is missing": (removed(*A, "area"), r"error: .*annotations\[3\]: lacks area; allowed: a number"),
    "width is text": (set_to(*IMAGE, "width", "60"), r"error: .*images\[3\]: width is '60'; allowed: a whole number"),
    "file is missing": (set_to(*IMAGE, "file_name", "gone.png"), r"error: .*gone.png: there is no such file"),
    "file leads out": (set_to(*IMAGE, "file_name", "../x.png"), r"error: .*file_name leads out of the dataset"),
    "size differs": (set_to(*IMAGE, "width", 61), r"error: .*says 61x40, the file is 60x40"),
    "box is negative": (set_to(*A, "bbox", [5, 4, -40, 30]), r"error: .*bbox is .*allowed: width and height above 0"),
    "box sticks out": (set_to(*A, "bbox", [30, 4, 40, 30]), r"error: .*bbox is .*allowed: within the image, 60x40"),
    "box is short": (set_to(*A, "bbox", [5, 4, 40]), r"error: .*bbox is \[5, 4, 40\]; allowed: 4 numbers"),
    "box is not finite": (set_to(*A, "bbox", [5, 4, 40, float("nan")]), r"error: .*bbox is .*allowed: 4 numbers"),
    "area is nothing": (set_to(*A, "area", 0), r"error: .*area is 0; allowed: above 0, at most the box's 1200"),
    "area is over the box": (set_to(*A, "area", 1300), r"error: .*area is 1300; allowed: above 0"),
    "keypoint outside": (set_to(*A, "keypoints", 0, 61), r"error: .*wheel_FL is at \(61, 30\); allowed: within"),
    "v is 3": (set_to(*A, "keypoints", 2, 3), r"error: .*wheel_FL has v = 3; allowed: 0, 1 or 2"),
    "v is 0.5": (set_to(*A, "keypoints", 2, 0.5), r"error: .*wheel_FL has v = 0.5; allowed: 0, 1 or 2"),
    "v is 0 but x is not": (set_to(*A, "keypoints", 6, 9), r"error: .*roof has v = 0 at \(9, 0\); allowed: x = y = 0"),
    "keypoints are short": (set_to(*A, "keypoints", [1, 2, 2]), r"error: .*keypoints is .*allowed: 9 numbers"),
    "count is wrong": (set_to(*A, "num_keypoints", 3), r"error: .*num_keypoints is 3; allowed: 2: those with v > 0"),
    "reason disagrees": (set_to(*A, "keypoint_reasons", 0, "self"), r"error: .*keypoint 1 has v = 2 .*'self'"),
    "reasons are short": (set_to(*A, "keypoint_reasons", ["seen"]), r"error: .*keypoint_reasons is not one per"),
    "mask is turned": (set_to(*A, "segmentation", "size", [WIDTH, HEIGHT]), r"error: .*size is \[60, 40\]"),
    "polygon is short": (set_to(*A, "segmentation", [[1, 2, 3, 4]]), r"error: .*polygon that is none; allowed: x, y"),
    "polygon is odd": (set_to(*A, "segmentation", [[1, 2, 3, 4, 5, 6, 7]]), r"error: .*polygon that is none"),
    "no polygon": (set_to(*A, "segmentation", []), r"error: .*polygon that is none"),
    "polygon sticks out": (
        set_to(*A, "segmentation", [[5, 4, 45, 4, 45, 52]]),
        r"error: .*segmentation reaches from \[5.0, 4.0\] to \[45.0, 52.0\]; allowed: within the image, 60x40",
    ),
    "category is unknown": (set_to(*A, "category_id", 7), r"error: .*category_id is 7; allowed: the id of a category"),
    "skeleton counts from 0": (set_to(*C, "skeleton", [[0, 1]]), r"error: .*the skeleton counts from 0"),
    "skeleton goes beyond": (set_to(*C, "skeleton", [[1, 4]]), r"error: .*the skeleton joins \[1, 4\]; .*1..3"),
    "names repeat": (set_to(*C, "keypoints", ["a", "a", "b"]), r"error: .*keypoint 'a' repeats"),
    "no keypoint category": (removed(*C, "keypoints"), r"error: .*categories: none has a list of keypoints"),
    "sigmas are short": (set_to(*C, "sigmas", [0.05]), r"error: .*sigmas are not one per keypoint; allowed: 3"),
    "flip pairs name no keypoint": (set_to(*C, "flip_pairs", [["wheel_FL", "nose"]]), r"error: .*name 'nose'"),
    "partner is missing": (
        lambda c: c["categories"][0].update(keypoints=["wheel_FL", "hub", "roof"], flip_pairs=[]),
        r"warning: .*'wheel_FL' says a side, but there is no 'wheel_FR'",
    ),
    "keypoint is far from its box": (set_to(*A, "bbox", [30, 4, 20, 20]), r"warning: .*wheel_FL is seen at .*its box"),
    "image is listed nowhere": (lambda c: (c["images"].pop(), c["annotations"].pop()), r"warning: .*5.png: is listed"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_is_named(dataset, name):
    change, pattern = BROKEN[name]
    content = sound_content()
    change(content)
    found = problems_of(dataset, content)
    matching = [line for line in found if re.search(pattern, line)]
    assert matching, found
    assert all("\n" not in line for line in found)


def test_every_fault_is_listed_and_not_only_the_first(dataset):
    content = sound_content()
    content["annotations"][0]["num_keypoints"] = 9
    content["annotations"][1]["area"] = -1
    content["annotations"][2].pop("bbox")
    content["images"][5]["height"] = 41
    found = "\n".join(problems_of(dataset, content))
    for expected in ("num_keypoints is 9", "area is -1", "lacks bbox", "says 60x41"):
        assert expected in found


def test_many_faults_of_one_kind_are_counted(dataset):
    content = sound_content()
    content["annotations"] = [{**copy.deepcopy(content["annotations"][0]), "id": i, "area": 0} for i in range(1, 51)]
    found = [line for line in problems_of(dataset, content) if "above 0" in line]
    assert len(found) == 21
    assert "30 more like these" in found[-1]


def test_a_file_that_is_no_image_or_is_cut_short(dataset):
    (dataset / "images" / "000000.png").write_bytes(b"nothing")
    whole = (dataset / "images" / "000001.png").read_bytes()
    (dataset / "images" / "000001.png").write_bytes(whole[: len(whole) // 2])
    found = [str(problem) for problem in check_dataset(dataset)]
    assert len(found) == 2, "a file is opened once, though two of the JSON files list it"
    assert "000000.png is not an image" in found[0]
    assert "000001.png is cut short" in found[1]


def test_a_jpeg_cut_short_is_found_and_one_with_a_tail_is_not(dataset):
    pixels = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    data = encode_image(pixels, ".jpg")
    content = sound_content()
    for i, written in enumerate((data[:-500], data + b"\0" * 500)):
        content["images"][i]["file_name"] = f"{i}.jpg"
        (dataset / "images" / f"{i}.jpg").write_bytes(written)
    found = [line for line in problems_of(dataset, content) if "jpg" in line]
    assert len(found) == 1
    assert "0.jpg is cut short" in found[0]


def test_a_vehicle_in_two_splits_is_a_leak(dataset):
    content = sound_content()
    content["images"][2]["vehicle"] = "car-0"
    assert any("vehicle car-0: is in train, val" in line for line in problems_of(dataset, content, splits=True))


def test_an_image_in_two_splits_is_a_leak(dataset):
    shutil.copy(dataset / "train.json", dataset / "test.json")
    found = "\n".join(map(str, check_dataset(dataset)))
    assert "image 000000.png: is in train, test; allowed: one split per image" in found
    assert "says split 'train'; allowed: 'test', as the file is named" in found


def test_the_splits_together_are_the_whole(dataset):
    val = json.loads((dataset / "val.json").read_text())
    val["annotations"][0]["area"] = 701
    val["annotations"].append({**val["annotations"][1], "id": 77})
    (dataset / "val.json").write_text(json.dumps(val))
    test = json.loads((dataset / "test.json").read_text())
    del test["images"][1]
    del test["annotations"][1]
    (dataset / "test.json").write_text(json.dumps(test))
    found = "\n".join(map(str, check_dataset(dataset)))
    assert "annotations id 3: differs between annotations.json and its split" in found
    assert "annotations id 77: is in a split and not in annotations.json" in found
    assert "images id 6: is in annotations.json and in no split" in found


def test_splits_alone_are_a_dataset(dataset):
    (dataset / "annotations.json").unlink()
    assert check_dataset(dataset) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{", "is not valid JSON"), ("[]", "must be an object"), ('{"images": []}', "must have a list of objects")],
)
def test_a_file_that_is_no_coco_file(tmp_path, text, expected):
    (tmp_path / "annotations.json").write_text(text)
    (problem,) = check_dataset(tmp_path)
    assert problem.severity == "error"
    assert expected in str(problem)


def test_no_dataset_at_all(tmp_path):
    assert "no such dataset" in str(check_dataset(tmp_path / "gone")[0])
    assert "has no annotations.json" in str(check_dataset(tmp_path)[0])


def test_a_file_without_rows_says_so(dataset):
    found = problems_of(dataset, {**sound_content(), "images": [], "annotations": []})
    assert any("images: holds no sound row" in line for line in found)


@pytest.mark.parametrize(
    ("name", "mirrored"),
    [("wheel_FL", "wheel_FR"), ("headlight_RR", "headlight_RL"), ("mirror_LEFT", "mirror_RIGHT"), ("roof", "roof"),
     ("left_eye", "right_eye"), ("L_Headlight", "R_Headlight"), ("Left-Shoulder", "Right-Shoulder"), ("r", "r"),
     ("bumper_FRONT", "bumper_FRONT")],
)  # fmt: skip
def test_names_in_the_mirror(name, mirrored):
    assert mirrored_name(name) == mirrored


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**18) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_in_a_file_stops_the_check(dataset, data):
    """Whatever stands in the place of a value: the check ends, each problem is one line, and none is lost."""
    content = sound_content()
    table = data.draw(st.sampled_from(["images", "annotations", "categories"]))
    row = data.draw(st.sampled_from(content[table]))
    row[data.draw(st.sampled_from(sorted(row)))] = data.draw(JUNK)
    content["annotations"][5]["num_keypoints"] = 3
    found = problems_of(dataset, content)
    assert all("\n" not in line for line in found)
    assert any("annotations" in line or "categories" in line for line in found)
