"""Exports carry maps where their format has a place for them, and say so where it has none."""

import json
import tarfile
from pathlib import Path

import pytest

from pipeline.check import check_dataset
from pipeline.errors import DatasetError
from pipeline.export import export_dataset
from pipeline.export_job import plan_export
from tests.pipeline.map_datasets import rewrite, write_maps_dataset


@pytest.mark.parametrize("target", ["coco-split", "mmpose"])
def test_coco_takes_maps_along_and_stays_sound(tmp_path: Path, target: str):
    write_maps_dataset(tmp_path / "d", depth="exr")
    export_dataset(plan_export(tmp_path / "d"), target, tmp_path / "out")
    file = tmp_path / "out" / "annotations" / "train.json"
    rows = json.loads(file.read_text())["images"]
    assert rows[1]["maps"]["depth"] == "maps/depth/000001.exr"
    assert rows[1]["instance_ids"] == [11, 12]
    assert [p for p in check_dataset(file) if p.severity == "error"] == []
    (tmp_path / "out" / "maps" / "normals" / "000002.png").unlink()
    assert any("maps.normals" in str(p) for p in check_dataset(file)), "the check reads what was exported"


def test_instance_ids_follow_annotations_that_are_renumbered(tmp_path: Path):
    content = write_maps_dataset(tmp_path / "d")
    for split, images in (("train", content["images"][:2]), ("val", content["images"][2:])):
        ids = {image["id"] for image in images}
        own = [dict(a) for a in content["annotations"] if a["image_id"] in ids]
        rows = [dict(image, split=split) for image in images]
        for number, annotation in enumerate(own, 1):  # both splits count from 1
            annotation["id"] = number
        for row in rows:
            row["instance_ids"] = [a["id"] for a in own if a["image_id"] == row["id"]]
        text = json.dumps(content | {"images": rows, "annotations": own})
        (tmp_path / "d" / f"{split}.json").write_text(text)
    export_dataset(plan_export(tmp_path / "d"), "coco-split", tmp_path / "out")
    for split in ("train", "val"):
        exported = json.loads((tmp_path / "out" / "annotations" / f"{split}.json").read_text())
        for row in exported["images"]:
            assert row["instance_ids"] == [a["id"] for a in exported["annotations"] if a["image_id"] == row["id"]]


def test_webdataset_has_a_member_for_each_map(tmp_path: Path):
    write_maps_dataset(tmp_path / "d")
    job = plan_export(tmp_path / "d")
    export_dataset(job, "webdataset", tmp_path / "out")
    with tarfile.open(tmp_path / "out" / "train-000000.tar") as tar:
        names = tar.getnames()
        member = tar.extractfile("000001.instances.png")
        assert member is not None
        assert member.read() == (tmp_path / "d/maps/instances/000001.png").read_bytes()
        sample = tar.extractfile("000001.json")
        assert sample is not None
        assert "maps" not in json.loads(sample.read())["extra"], "files that are not there are not named"
    stem = "000001"
    assert [n for n in names if n.startswith(stem)] == [
        f"{stem}.{end}" for end in ("png", "depth.png", "normals.png", "instances.png", "json")
    ]


@pytest.mark.parametrize("target", ["yolo-pose", "voxel51"])
def test_a_format_without_a_place_for_maps_says_so(tmp_path: Path, target: str):
    content = write_maps_dataset(tmp_path / "d")
    done = export_dataset(plan_export(tmp_path / "d"), target, tmp_path / "out")
    assert any("left out the maps" in note for note in done.notes)
    assert not (tmp_path / "out" / "maps").exists()
    for image in content["images"]:
        del image["maps"], image["instance_ids"]
    rewrite(tmp_path / "d", content)
    assert not any("maps" in note for note in export_dataset(plan_export(tmp_path / "d"), target, tmp_path / "2").notes)


def test_a_missing_map_is_told_before_anything_is_written(tmp_path: Path):
    write_maps_dataset(tmp_path / "d")
    (tmp_path / "d/maps/depth/000002.png").unlink()
    with pytest.raises(
        DatasetError, match=r"maps/depth/000002.png: the map is missing; '000002.png' names it as depth"
    ):
        plan_export(tmp_path / "d")
