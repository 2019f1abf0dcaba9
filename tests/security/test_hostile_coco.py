"""COCO files that reach out of their folder, or hold what would crash what reads them later."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.check import check_dataset
from pipeline.coco import MAX_KEYPOINTS, load_coco
from pipeline.errors import AkdError, DatasetError, ImageError
from pipeline.export import WRITERS, export_dataset
from pipeline.export_job import plan_export
from pipeline.keypoints import KeypointSchema
from tests.pipeline.coco_files import content, write

Change = Callable[[dict[str, Any]], object]


def changed(folder: Path, schema: KeypointSchema, change: Change) -> Path:
    value = content(schema, 1, 3)
    file = write(folder, "annotations.json", value)
    change(value)
    file.write_text(json.dumps(value))
    return file


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


HOSTILE: dict[str, tuple[Change, str]] = {
    "a way up": (lambda c: c["images"][0].update(file_name="../secret.png"), "leads out of the dataset"),
    "a way up in the middle": (lambda c: c["images"][0].update(file_name="a/../../b.png"), "leads out"),
    "an absolute path": (lambda c: c["images"][0].update(file_name="/etc/passwd"), "leads out of the dataset"),
    "a NUL in a name": (lambda c: c["images"][0].update(file_name="a\0.png"), "leads out of the dataset"),
    "half a character": (lambda c: c["images"][0].update(file_name="\ud800.png"), "not text"),
    "a name of 5000 letters": (lambda c: c["images"][0].update(file_name="a" * 5000), "too long"),
    "a size beyond memory": (lambda c: c["images"][0].update(width=10**9, height=10**9), "at most"),
    "a negative size": (lambda c: c["images"][0].update(width=-5), "at most"),
    "an id of 300 digits": (lambda c: c["images"][0].update(id=10**300), "at most 64 bits"),
    "an endless id": (lambda c: c["annotations"][0].update(id=float("inf")), "infinity"),
    "a box beyond numbers": (lambda c: c["annotations"][0].update(bbox=[0, 0, 1e300, 1e300]), "within 1e"),
    "a keypoint that is no number": (lambda c: c["annotations"][0]["keypoints"].__setitem__(0, float("nan")), "finite"),
    "nested facts": (lambda c: c["images"][0].update(style=deep(200)), "nested deeper"),
    "facts that are no number": (lambda c: c["images"][0].update(azimuth_deg=float("nan")), "not finite"),
    "facts that are no text": (lambda c: c["images"][0].update(style="\udfff"), "not Unicode"),
    "ten thousand keypoints": (
        lambda c: c["categories"][0].update(keypoints=[str(i) for i in range(10_000)]),
        f"allowed: {MAX_KEYPOINTS}",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_coco_file_is_refused(tmp_path: Path, schema: KeypointSchema, name: str):
    change, message = HOSTILE[name]
    file = changed(tmp_path, schema, change)
    with pytest.raises(DatasetError, match=message):
        load_coco(file)
    check_dataset(file)  # lists what it finds, and raises nothing


def test_json_nested_a_hundred_thousand_deep_is_refused(tmp_path: Path):
    file = tmp_path / "annotations.json"
    for text in ("[" * 100_000, '{"images":' + '{"a":' * 100_000):
        file.write_text(text)
        with pytest.raises(DatasetError, match="not valid JSON"):
            load_coco(file)
        assert any(problem.severity == "error" for problem in check_dataset(file))


MASKS: dict[str, Any] = {
    "runs beyond the image": {"size": [40, 60], "counts": [0, 2**31]},
    "packed runs beyond the image": {"size": [40, 60], "counts": "oooooooo0" * 40},
    "negative runs": {"size": [40, 60], "counts": [-5, 2405]},
    "counts that are none": {"size": [40, 60], "counts": {"a": 1}},
    "another size": {"size": [40_000, 60_000], "counts": [2_400_000_000]},
    "a polygon as long as the world": [[-1e18, 0, 1e18, 0, 1e18, 1e18]],
    "a polygon of no numbers": [["a", 0, 1, 0, 1, 1]],
    "a polygon of NaN": [[float("nan"), 0, 1, 0, 1, 1]],
    "lists in lists": deep(60),
}


@pytest.mark.parametrize("name", MASKS)
def test_a_hostile_mask_reaches_no_c_code(tmp_path: Path, schema: KeypointSchema, name: str):
    from training.dataset import load_labelled
    from training.masks import decode

    file = changed(tmp_path, schema, lambda c: c["annotations"][0].update(segmentation=MASKS[name]))
    check_dataset(file)
    for image in load_coco(file).images:
        labelled = load_labelled(image, len(schema))
        assert decode(labelled.objects, image.width, image.height).shape == (image.height, image.width)


def test_a_link_hands_on_no_file_that_is_no_image(tmp_path: Path, schema: KeypointSchema):
    """A dataset that was unpacked may hold images/001.png -> ~/.ssh/id_rsa: an export would copy the key."""
    secret = tmp_path / "id_rsa"
    secret.write_text("-----BEGIN OPENSSH PRIVATE KEY-----")
    file = write(tmp_path / "dataset", "annotations.json", content(schema, 1, 2))
    image = file.parent / "images" / "001.png"
    image.unlink()
    image.symlink_to(secret)
    for kind in WRITERS:
        out = tmp_path / kind
        with pytest.raises(ImageError, match=r"001\.png: is not an image"):
            export_dataset(plan_export(file), kind, out)
        assert not out.exists()


@pytest.mark.parametrize(
    "name", ["..\\..\\up.png", "a b;rm -rf.png", "x/y/z.png", "-rf.png", "con.tar.gz.png", "<b>.png"]
)
def test_exported_files_stay_in_their_folder(tmp_path: Path, schema: KeypointSchema, name: str):
    value = content(schema, 1, 2)
    value["images"][0]["file_name"] = name
    file = write(tmp_path / "in" / "dataset", "annotations.json", value)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    for kind in WRITERS:
        out = tmp_path / "in" / "out" / kind
        out.parent.mkdir(exist_ok=True)
        export_dataset(plan_export(file), kind, out)
        new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
        assert new
        assert all(path.resolve().is_relative_to(out) for path in new)
        before |= new
    for shard in (tmp_path / "in" / "out" / "webdataset").glob("*.tar"):
        with tarfile.open(shard) as tar:
            for member in tar:
                assert member.isfile()
                assert "/" not in member.name
                assert "\\" not in member.name
                assert not member.name.startswith((".", "-rf/"))


def test_a_category_writes_no_code_into_dataset_info(tmp_path: Path, schema: KeypointSchema):
    """MMPose runs dataset_info.py: names from the file must be text in it, whatever they hold."""
    value = content(schema, 1, 2)
    hostile = 'x"""\nimport os; os.abort()\n#\''
    value["categories"][0] |= {"name": hostile, "keypoints": [hostile, *schema.names[1:]]}
    value["categories"][0].pop("flip_pairs")
    file = write(tmp_path / "dataset", "annotations.json", value)
    export_dataset(plan_export(file), "mmpose", tmp_path / "out")
    names: dict[str, Any] = {}
    exec((tmp_path / "out" / "dataset_info.py").read_text(), names)
    assert names["dataset_info"]["keypoint_info"][0]["name"] == hostile


def test_a_shards_record_that_is_damaged_is_named(tmp_path: Path):
    from pipeline.record import read_record

    for text in ("[]", "{}", '{"image": {}, "annotations": [1]}', "[" * 100_000):
        file = tmp_path / "shots" / "000000.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        with pytest.raises(AkdError, match=r"000000\.json.*delete it and generate again"):
            read_record(tmp_path, 0)
