"""Each export is read again as its tool reads it: positions, counts and the flip map against the dataset's own."""

import json
import math
import runpy
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from pycocotools.coco import COCO

from akd import main
from pipeline.coco import CocoDataset, ImageRecord, load_coco
from pipeline.errors import DatasetError
from pipeline.export import WRITERS, export_dataset
from pipeline.export_job import plan_export
from pipeline.export_verb import TARGETS
from pipeline.keypoints import KeypointSchema
from tests.pipeline.coco_files import HEIGHT, WIDTH, content, write

TOLERANCE_PX = 0.01
PER_SPLIT = {"train": 3, "val": 1, "test": 2}


@pytest.fixture
def dataset(tmp_path: Path, schema: KeypointSchema) -> Path:
    for number, (split, count) in enumerate(PER_SPLIT.items()):
        write(tmp_path / "cars", f"{split}.json", content(schema, 1 + 10 * number, count))
    return tmp_path / "cars"


def truth(dataset: Path) -> dict[str, CocoDataset]:
    return {split: load_coco(dataset, split) for split in PER_SPLIT}


def exported(dataset: Path, target: str) -> Path:
    folder = dataset.parent / target
    export_dataset(plan_export(dataset), target, folder)
    return folder


def assert_same(image: ImageRecord, boxes: Any, keypoints: Any) -> None:
    """boxes (N, 4) x, y, width, height and keypoints (N, K, 3) in pixels are those of the image's instances."""
    assert len(boxes) == len(keypoints) == len(image.instances)
    for instance, box, points in zip(image.instances, boxes, keypoints, strict=True):
        np.testing.assert_allclose(box, instance.bbox, atol=TOLERANCE_PX)
        np.testing.assert_allclose(points, instance.keypoints, atol=TOLERANCE_PX)


def read_yolo(path: Path, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes and keypoints of a label file, in pixels."""
    rows = np.array([line.split() for line in path.read_text().splitlines()], dtype=float).reshape(-1, 5 + 3 * count)
    assert (rows[:, 0] == 0).all()
    size = rows[:, 3:5]
    boxes = np.concatenate([rows[:, 1:3] - size / 2, size], axis=1) * [WIDTH, HEIGHT, WIDTH, HEIGHT]
    return boxes, rows[:, 5:].reshape(-1, count, 3) * [WIDTH, HEIGHT, 1]


def test_the_command_line_offers_every_writer():
    assert tuple(WRITERS) == TARGETS


def test_yolo_pose_comes_back(dataset: Path, schema: KeypointSchema):
    out = exported(dataset, "yolo-pose")
    data = yaml.safe_load((out / "data.yaml").read_text())
    assert data["kpt_shape"] == [len(schema), 3]
    assert data["names"] == {0: "vehicle"}
    assert "path" not in data, "Ultralytics would look for a relative one in its own folder of datasets"
    for split, part in truth(dataset).items():
        assert data[split] == f"images/{split}"
        labels = {path.stem for path in (out / "labels" / split).iterdir()}
        assert labels == {path.stem for path in (out / data[split]).iterdir()} == {i.path.stem for i in part.images}
        for image in part.images:
            copied = out / "images" / split / image.file_name
            assert copied.read_bytes() == image.path.read_bytes()
            assert_same(image, *read_yolo(out / "labels" / split / f"{image.path.stem}.txt", len(schema)))
    assert (out / "labels" / "val" / "011.txt").read_bytes() == b"", "an image without objects has an empty label file"


@pytest.mark.parametrize("target", ["yolo-pose", "mmpose", "webdataset", "voxel51"])
def test_a_mirrored_image_gets_the_schemas_labels(target: str, dataset: Path, schema: KeypointSchema):
    flip_index = exported_flip(exported(dataset, target), target)
    assert sorted(flip_index) == list(range(len(schema)))
    assert flip_index != list(range(len(schema)))
    points = truth(dataset)["train"].images[2].instances[0].keypoints
    mirrored = points * [-1, 1, 1] + [WIDTH, 0, 0]
    for name, point in zip(schema.names, mirrored[flip_index], strict=True):
        partner = next((a if name == b else b for a, b in schema.flip if name in (a, b)), name)
        assert point.tolist() == mirrored[schema.index(partner)].tolist()


def exported_flip(folder: Path, target: str) -> list[int]:
    if target == "yolo-pose":
        return yaml.safe_load((folder / "data.yaml").read_text())["flip_idx"]
    if target == "mmpose":  # as parse_pose_metainfo makes it of the swaps
        points = runpy.run_path(str(folder / "dataset_info.py"))["dataset_info"]["keypoint_info"]
        ids = {point["name"]: i for i, point in points.items()}
        return [ids[point["swap"] or point["name"]] for point in points.values()]
    if target == "webdataset":
        return json.loads((folder / "dataset.json").read_text())["flip_index"]
    return json.loads((folder / "metadata.json").read_text())["info"]["flip_index"]


@pytest.mark.parametrize("target", ["coco-split", "mmpose"])
def test_coco_split_comes_back(target: str, dataset: Path, schema: KeypointSchema):
    out = exported(dataset, target)
    image_ids: list[int] = []
    object_ids: list[int] = []
    for split, part in truth(dataset).items():
        path = out / "annotations" / f"{split}.json"
        again = load_coco(path)
        assert [i.file_name for i in again.images] == [i.file_name for i in part.images]
        for old, new in zip(part.images, again.images, strict=True):
            assert new.path == out / "images" / old.file_name
            assert new.path.is_file()
            assert_same(old, [i.bbox for i in new.instances], [i.keypoints for i in new.instances])
            assert [i.area for i in new.instances] == [i.area for i in old.instances]
        coco = COCO(path)
        assert coco.loadCats([1])[0]["skeleton"] == [[a + 1, b + 1] for a, b in schema.skeleton_index]
        image_ids += coco.getImgIds()
        object_ids += coco.getAnnIds()
        labelled = [int((i.keypoints[:, 2] > 0).sum()) for image in part.images for i in image.instances]
        assert [a["num_keypoints"] for a in coco.loadAnns(coco.getAnnIds())] == labelled
    assert len(set(image_ids)) == len(image_ids) == sum(PER_SPLIT.values())
    assert len(set(object_ids)) == len(object_ids) == 4


def test_ids_that_repeat_across_splits_are_counted_anew(tmp_path: Path, schema: KeypointSchema):
    for split, count in (("train", 3), ("val", 2)):
        value = content(schema, 7, count)
        for image in value["images"]:
            image["file_name"] = f"{split}/{image['file_name']}"
        write(tmp_path / "cars", f"{split}.json", value)
    job = plan_export(tmp_path / "cars")
    rows = [image for part in job.splits.values() for image in part]
    assert [image.id for image in rows] == [1, 2, 3, 4, 5]
    assert [(i.id, i.image_id) for image in rows for i in image.objects] == [(1, 2), (2, 3), (3, 3), (4, 5)]
    assert [image.name for image in rows] == [
        "train_007.png",
        "train_008.png",
        "train_009.png",
        "val_007.png",
        "val_008.png",
    ]


def test_mmpose_says_what_its_reader_asks(dataset: Path, schema: KeypointSchema):
    info = runpy.run_path(str(exported(dataset, "mmpose") / "dataset_info.py"))["dataset_info"]
    assert info["dataset_name"] == "cars"
    assert [point["name"] for point in info["keypoint_info"].values()] == list(schema.names)
    assert [bone["link"] for bone in info["skeleton_info"].values()] == list(schema.skeleton)
    assert info["joint_weights"] == [1.0] * len(schema)
    assert info["sigmas"] == [0.01 * (i + 1) for i in range(len(schema))]
    colors = {point["name"]: point["color"] for point in info["keypoint_info"].values()}
    left, right = schema.flip[0]
    assert len({tuple(colors[name]) for name in (left, right, "roof")}) == 3


def test_webdataset_comes_back(dataset: Path, schema: KeypointSchema):
    out = exported(dataset, "webdataset")
    for split, part in truth(dataset).items():
        with tarfile.open(out / f"{split}-000000.tar") as tar:
            names = tar.getnames()
            assert names == sorted(names, key=lambda name: name.split(".")[0])
            assert all(member.mtime == 0 for member in tar.getmembers())
            files = {name: tar.extractfile(name).read() for name in names}  # type: ignore[union-attr]
        assert len(files) == 2 * len(part.images)
        for image in part.images:
            assert files[image.file_name] == image.path.read_bytes()
            sample = json.loads(files[f"{image.path.stem}.json"])
            assert (sample["width"], sample["height"], sample["split"]) == (WIDTH, HEIGHT, split)
            points = [np.reshape(o["keypoints"], (-1, 3)) for o in sample["objects"]]
            assert_same(image, [o["bbox"] for o in sample["objects"]], points)


@pytest.mark.parametrize(("limit", "counts"), [(1, [1, 1, 1]), (20_479, [1, 1, 1]), (20_480, [2, 1]), (30_720, [3])])
def test_shards_keep_their_limit_and_their_bytes(limit: int, counts: list[int], dataset: Path, tmp_path: Path):
    job = replace(plan_export(dataset), shard_bytes=limit)
    for folder in ("once", "again"):
        export_dataset(job, "webdataset", tmp_path / folder)
    said = json.loads((tmp_path / "once" / "dataset.json").read_text())["shards"]["train"]
    assert said == {f"train-{number:06d}.tar": count for number, count in enumerate(counts)}
    for name, count in said.items():
        shard = tmp_path / "once" / name
        assert shard.stat().st_size <= limit or count == 1
        assert shard.read_bytes() == (tmp_path / "again" / name).read_bytes()
        with tarfile.open(shard) as tar:
            assert len(tar.getnames()) == 2 * count


def test_voxel51_comes_back(dataset: Path, schema: KeypointSchema):
    out = exported(dataset, "voxel51")
    samples = {s["filepath"]: s for s in json.loads((out / "samples.json").read_text())["samples"]}
    assert len(samples) == sum(PER_SPLIT.values())
    for split, part in truth(dataset).items():
        for image in part.images:
            sample = samples[f"data/{image.file_name}"]
            assert sample["tags"] == [split]
            assert (out / sample["filepath"]).stat().st_size == sample["metadata"]["size_bytes"]
            boxes = [np.multiply(d["bounding_box"], [WIDTH, HEIGHT] * 2) for d in sample["ground_truth"]["detections"]]
            points = [voxel_points(k) for k in sample["keypoints"]["keypoints"]]
            assert_same(image, boxes, points)
    info = json.loads((out / "metadata.json").read_text())["info"]
    assert info["default_skeleton"]["labels"] == list(schema.names)
    assert [tuple(edge) for edge in info["default_skeleton"]["edges"]] == list(schema.skeleton_index)


def voxel_points(keypoint: dict[str, Any]) -> np.ndarray:
    """(K, 3) in pixels; a point is NaN if and only if it is not labelled."""
    points, visibility = np.array(keypoint["points"]), np.array(keypoint["visibility"])
    assert [math.isnan(x) and math.isnan(y) for x, y in points] == (visibility == 0).tolist()
    return np.column_stack([np.nan_to_num(points) * [WIDTH, HEIGHT], visibility])


def test_yolo_labels_lie_in_the_image(tmp_path: Path, schema: KeypointSchema):
    """Ultralytics throws a whole image away for one coordinate beyond its edge."""
    value = content(schema, 1, 2)
    row = value["annotations"][0]
    row["bbox"] = [-10, 30, 30, 20]
    row["keypoints"][:9] = [-1, 5, 2, WIDTH, HEIGHT, 1, 7, HEIGHT + 0.5, 1]
    beyond = {**row, "id": 98, "bbox": [WIDTH + 1, 0, 9, 9]}
    crowd = {**row, "id": 99, "iscrowd": 1}
    value["annotations"] += [beyond, crowd]
    source = write(tmp_path / "cars", "cars.json", value)
    done = export_dataset(plan_export(source, split="val"), "yolo-pose", tmp_path / "out")
    boxes, points = read_yolo(tmp_path / "out" / "labels" / "val" / "002.txt", len(schema))
    np.testing.assert_allclose(boxes, [[0, 30, 20, 10]], atol=TOLERANCE_PX)
    assert points[0, :3].tolist() == [[0, 0, 0], [WIDTH, HEIGHT, 1], [0, 0, 0]]
    assert "left out 2 objects" in done.notes[0]
    data = yaml.safe_load((tmp_path / "out" / "data.yaml").read_text())
    assert (data["train"], data["val"]) == ("images/val", "images/val"), "Ultralytics demands both"
    assert "no train split" in done.notes[1]


def test_a_missing_image_is_named_and_nothing_is_left(dataset: Path, tmp_path: Path):
    (dataset / "images" / "002.png").unlink()
    with pytest.raises(DatasetError, match=r"002\.png: the image is missing"):
        plan_export(dataset)
    assert [p.name for p in tmp_path.iterdir()] == ["cars"]


def test_an_export_that_fails_leaves_nothing(dataset: Path, tmp_path: Path):
    job = plan_export(dataset)
    (dataset / "images" / "021.png").unlink()
    for target in WRITERS:
        with pytest.raises(FileNotFoundError):
            export_dataset(job, target, tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["cars"]


def test_an_existing_folder_is_refused(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "out").mkdir()
    assert main(["export", str(dataset), "--to", "yolo-pose", "-o", str(tmp_path / "out")]) == 1
    assert "exists already" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


def test_linked_images_are_the_datasets_own(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for name, options in (("linked", ["--link"]), ("copied", [])):
        assert main(["export", str(dataset), "--to", "coco-split", "-o", str(tmp_path / name), *options]) == 0
    assert "6 images (3 train, 1 val, 2 test), 4 objects" in capsys.readouterr().out
    source = dataset / "images" / "001.png"
    assert (tmp_path / "linked" / "images" / "001.png").samefile(source)
    assert not (tmp_path / "copied" / "images" / "001.png").samefile(source)
