"""Small datasets without a renderer: one of ours, with records, and one as another tool may write it."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.images import write_image

WIDTH, HEIGHT = 96, 64
COUNT = 60
NAMES = ["hub_L", "hub_R", "roof"]
LIGHTS = ("sky", "studio", "hdri")


def color_of(i: int) -> tuple[int, int, int]:
    """A colour of its own for each image, far enough from its neighbours' to be told apart after JPEG."""
    return 40 + 50 * (i % 4), 40 + 50 * (i // 4 % 4), 40 + 50 * (i // 16 % 4)


def annotation(i: int) -> dict[str, Any]:
    """A third of the images have one hidden keypoint of two in the frame, the others none; the roof is in none."""
    hidden = i % 3 == 0
    return {
        "category_id": 1,
        "bbox": [20, 10, 40, 30 + i % 10],
        "area": 1200,
        "iscrowd": 0,
        "keypoints": [24.0, 16.0, 2, 72.0, 48.0, 1 if hidden else 2, 0, 0, 0],
        "num_keypoints": 2,
        "keypoint_reasons": ["seen", "self" if hidden else "seen", "absent"],
    }


def image_row(i: int) -> dict[str, Any]:
    return {
        "file_name": f"{i:06d}.png",
        "width": WIDTH,
        "height": HEIGHT,
        "split": ("train", "train", "val", "test")[i % 4],
        "vehicle": f"suv-{i // 2}",
        "style": "suv",
        "azimuth_deg": 6.0 * i,
        "elevation_deg": 10.0 + i % 5,
    }


def category(**changes: Any) -> dict[str, Any]:
    return {"id": 1, "name": "vehicle", "keypoints": NAMES, "skeleton": [[1, 3], [2, 3], [1, 2]], **changes}


def write_dataset(folder: Path) -> Path:
    """A folder as `akd generate` writes it."""
    for i in range(COUNT):
        write_image(folder / "images" / f"{i:06d}.png", np.full((HEIGHT, WIDTH, 3), color_of(i), dtype=np.uint8))
        shot = {"light": {"kind": LIGHTS[i % 3]}, "appearance": {"paint_rgb": [1, 0, 0.5]}}
        record = {"index": i, "image": image_row(i), "shot": shot, "annotations": [annotation(i)]}
        (folder / "shots").mkdir(exist_ok=True)
        (folder / "shots" / f"{i:06d}.json").write_text(json.dumps(record))
    content = {
        "info": {"description": "made by a test"},
        "images": [{"id": i + 1, **image_row(i)} for i in range(COUNT)],
        "annotations": [{"id": i + 1, "image_id": i + 1, **annotation(i)} for i in range(COUNT)],
        "categories": [category(flip_pairs=[["hub_L", "hub_R"]])],
    }
    (folder / "annotations.json").write_text(json.dumps(content))
    (folder / "dataset.yaml").write_text("spec: {name: tiny, seed: 11, images: 60}\nversions: {akd: 9.9.9}\n")
    return folder


def foreign(folder: Path) -> Path:
    """What another tool may write: no records, odd names, an image that is gone, a crowd of instances."""
    write_image(folder / "there.png", np.full((30, 50, 3), 200, dtype=np.uint8))
    evil = "</script><img src=x onerror=alert(1)>"
    row = {"category_id": 1, "bbox": [1, 2, 20, 20], "keypoints": [5, 6, 2, 9, 9, 1]}
    content = {
        "images": [
            {"id": 5, "file_name": "there.png", "width": 50, "height": 30},
            {"id": 9, "file_name": f"{evil}.png", "width": 50, "height": 30},
        ],
        "annotations": [{"id": i, "image_id": 5, **row} for i in range(3)],
        "categories": [category(name="p", keypoints=["left eye", evil], skeleton=[[1, 2], [0, 7], "x"])],
    }
    path = folder / "instances.json"
    path.write_text(json.dumps(content))
    return path
