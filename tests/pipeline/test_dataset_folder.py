import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.coco import load_coco
from pipeline.collect import collect_annotations
from pipeline.config import CONFIGS, parse_config
from pipeline.dataset_folder import distributions_hash, only_writer, open_dataset
from pipeline.errors import DatasetError
from pipeline.files import write_bytes_atomic
from pipeline.keypoints import KeypointSchema
from pipeline.spec import DatasetSpec, load_spec


def spec(**changes: Any) -> DatasetSpec:
    base = {"name": "a", "images": 3, "vehicles": {"sources": [{"parametric": "sedan"}]}}
    return parse_config({**base, **changes}, DatasetSpec, "test")


def test_a_folder_is_gone_on_with_only_by_the_spec_that_began_it(tmp_path: Path):
    open_dataset(tmp_path / "d", spec())
    open_dataset(tmp_path / "d", spec())
    with pytest.raises(DatasetError, match="was begun with other spec"):
        open_dataset(tmp_path / "d", spec(seed=1))
    content = yaml.safe_load((tmp_path / "d" / "dataset.yaml").read_text())
    assert content["spec"]["seed"] == 0
    assert content["versions"]["numpy"]


def test_a_keypoint_schema_beside_the_spec_is_found_from_anywhere_and_fingerprinted(tmp_path: Path):
    schema = (CONFIGS / "keypoints" / "carfusion14.yaml").read_text()
    (tmp_path / "mine.yaml").write_text(schema)
    (tmp_path / "spec.yaml").write_text(
        "{name: a, images: 1, keypoints: mine.yaml, vehicles: {sources: [{parametric: suv}]}}"
    )
    loaded = load_spec(str(tmp_path / "spec.yaml"))
    assert loaded.keypoints == str(tmp_path / "mine.yaml")
    open_dataset(tmp_path / "d", loaded)
    (tmp_path / "mine.yaml").write_text(schema.replace("sigma: 0.05", "sigma: 0.06"))
    with pytest.raises(DatasetError, match="was begun with other assets"):
        open_dataset(tmp_path / "d", loaded)


def test_a_users_folder_is_not_written_into(tmp_path: Path):
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(DatasetError, match=r"is not empty and holds no dataset of ours \(thesis\.doc"):
        open_dataset(tmp_path, spec())
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.doc"]


def test_a_second_writer_is_turned_away_and_the_lock_is_freed(tmp_path: Path):
    with only_writer(tmp_path), pytest.raises(DatasetError, match="another akd generate"), only_writer(tmp_path):
        pass
    with only_writer(tmp_path):
        pass


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    target = tmp_path / "f"
    write_bytes_atomic(target, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_bytes_atomic(target, b"new and longer")
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def record(index: int, split: str, count: int) -> dict[str, Any]:
    annotation = {
        "category_id": 1,
        "bbox": [1, 2, 30, 20],
        "area": 400,
        "iscrowd": 0,
        "keypoints": [5, 6, 2] + [0] * 57,
        "num_keypoints": 1,
    }
    image = {"file_name": f"{index:06d}.jpg", "width": 64, "height": 48, "split": split, "vehicle": f"v{index}"}
    return {"image": image, "annotations": [annotation] * count}


def test_records_become_one_file_and_its_splits(tmp_path: Path, schema: KeypointSchema):
    (tmp_path / "shots").mkdir()
    for index, (split, count) in enumerate((("train", 1), ("test", 2), ("train", 0))):
        (tmp_path / "shots" / f"{index:06d}.json").write_text(json.dumps(record(index, split, count)))
    assert collect_annotations(tmp_path, spec(), schema).per_split == {"train": 2, "val": 0, "test": 1}
    whole = load_coco(tmp_path)
    assert [len(image.instances) for image in whole.images] == [1, 2, 0]
    assert [i.id for image in whole.images for i in image.instances] == [1, 2, 3]
    whole.require_schema(schema)
    assert [image.id for image in load_coco(tmp_path, "train").images] == [1, 3]
    test = load_coco(tmp_path, "test").images[0]
    assert [i.id for i in test.instances] == [2, 3], "an annotation keeps its id in its split's file"


def test_a_damaged_record_is_named(tmp_path: Path, schema: KeypointSchema):
    (tmp_path / "shots").mkdir()
    (tmp_path / "shots" / "000000.json").write_text("{")
    with pytest.raises(DatasetError, match=r"000000\.json: is not valid JSON"):
        collect_annotations(tmp_path, spec(), schema)


def test_more_images_other_seeds_and_names_are_drawn_from_the_same_distributions():
    assert distributions_hash(spec()) == distributions_hash(spec(images=9, seed=4, name="b"))
    assert distributions_hash(spec()) != distributions_hash(spec(camera={"fill": 0.5}))
