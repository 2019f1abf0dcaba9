"""COCO keypoint files and their images, small and of known content, for tests that read them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.images import write_image
from pipeline.keypoints import KeypointSchema

WIDTH, HEIGHT = 60, 40


def content(schema: KeypointSchema, first_id: int, count: int) -> dict[str, Any]:
    """Images of 60 x 40 pixels with 0, 1, 2, ... objects, at places without symmetry; some points not labelled."""
    rng = np.random.default_rng(first_id)
    images, annotations = [], []
    for i in range(count):
        images.append({"id": first_id + i, "file_name": f"{first_id + i:03d}.png", "width": WIDTH, "height": HEIGHT})
        for _ in range(i):
            points = np.column_stack(
                [rng.uniform(0, [WIDTH, HEIGHT], (len(schema), 2)), rng.integers(0, 3, len(schema))]
            )
            points[points[:, 2] == 0] = 0
            low, high = points[points[:, 2] > 0, :2].min(axis=0), points[points[:, 2] > 0, :2].max(axis=0)
            annotations.append(
                {
                    "id": first_id * 10 + len(annotations),
                    "image_id": first_id + i,
                    "category_id": 1,
                    "bbox": [*low.tolist(), *(high - low).tolist()],
                    "area": 300.5,
                    "iscrowd": 0,
                    "keypoints": points.ravel().tolist(),
                }
            )
    category = {
        "id": 1,
        "name": "vehicle",
        "keypoints": list(schema.names),
        "skeleton": [[a + 1, b + 1] for a, b in schema.skeleton_index],
        "sigmas": [0.01 * (i + 1) for i in range(len(schema))],
        "flip_pairs": [list(pair) for pair in schema.flip],
    }
    return {"images": images, "annotations": annotations, "categories": [category]}


def write(folder: Path, name: str, value: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(5)
    for image in value["images"]:
        write_image(folder / "images" / image["file_name"], rng.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8))
    (folder / name).write_text(json.dumps(value))
    return folder / name
