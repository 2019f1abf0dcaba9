import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.coco import load_coco
from pipeline.errors import DatasetError
from pipeline.keypoints import KeypointSchema


def coco(**changes: Any) -> dict[str, Any]:
    base = {
        "images": [{"id": 7, "file_name": "a.jpg", "width": 64, "height": 48, "view": "FL"}],
        "annotations": [
            {"id": 1, "image_id": 7, "category_id": 1, "bbox": [1, 2, 9, 8], "keypoints": [3, 4, 2, 0, 0, 0]}
        ],
        "categories": [{"id": 1, "name": "car", "keypoints": ["hub_L", "hub_R"], "skeleton": []}],
    }
    return {**base, **changes}


def written(folder: Path, content: Any) -> Path:
    path = folder / "annotations.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_foreign_file_is_read_with_what_else_it_says(tmp_path: Path):
    dataset = load_coco(written(tmp_path, coco()))
    (image,) = dataset.images
    assert (image.id, image.width, image.height, image.extra) == (7, 64, 48, {"view": "FL"})
    assert image.instances[0].keypoints.tolist() == [[3, 4, 2], [0, 0, 0]]
    assert image.instances[0].area == 72, "without an area the box counts"


BAD: dict[str, tuple[Any, str]] = {
    "not JSON": ("{", r"annotations\.json: is not valid JSON"),
    "a list": ([], r"must be an object with images, annotations and categories"),
    "no annotations": ({"images": []}, r"must have a list of objects called 'annotations'"),
    "no keypoints": (coco(categories=[{"id": 1, "name": "car"}]), r"no category has keypoints"),
    "too few numbers": (
        coco(annotations=[{"id": 1, "image_id": 7, "bbox": [1, 2, 9, 8], "keypoints": [3, 4, 2]}]),
        r"annotations\[0\]: keypoints must be 6 numbers",
    ),
    "no box": (coco(annotations=[{"id": 1, "image_id": 7, "keypoints": [0] * 6}]), r"annotations\[0\]: lacks 'bbox'"),
    "no such image": (
        coco(annotations=[{"id": 1, "image_id": 8, "bbox": [1, 2, 9, 8], "keypoints": [0] * 6}]),
        r"annotations refer to image 8, which the file does not list",
    ),
    "a way out": (
        coco(images=[{"id": 7, "file_name": "../../etc/passwd", "width": 4, "height": 4}]),
        r"file_name '\.\./\.\./etc/passwd' leads out of the dataset",
    ),
    "ids twice": (coco(images=coco()["images"] * 2), r"image ids repeat"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, case: str):
    content, message = BAD[case]
    with pytest.raises(DatasetError, match=message):
        load_coco(written(tmp_path, content))


def test_what_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(DatasetError, match="no such dataset"):
        load_coco(tmp_path / "nowhere")
    written(tmp_path, coco())
    with pytest.raises(DatasetError, match=r"has no val\.json; it holds annotations\.json"):
        load_coco(tmp_path, "val")


def test_another_schema_is_named(tmp_path: Path, schema: KeypointSchema):
    with pytest.raises(DatasetError, match="keypoints differ from schema vehicle20 in"):
        load_coco(written(tmp_path, coco())).require_schema(schema)


def test_the_developers_real_photos_load(shared_data: Path, schema: KeypointSchema):
    dataset = load_coco(shared_data / "real_photos")
    dataset.require_schema(schema)
    assert len(dataset.images) == 399
    assert all(image.path.is_file() for image in dataset.images)
