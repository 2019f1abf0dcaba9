"""A small dataset with maps, without a renderer."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.images import write_image
from pipeline.map_files import encode_depth, encode_normals, write_exr, write_png16

WIDTH, HEIGHT = 60, 40
BOXES = ((4, 5, 20, 30), (30, 2, 12, 9))
"""x, y, width, height of the two vehicles that fill theirs."""


def depth_of(index: int) -> np.ndarray:
    depth = np.full((HEIGHT, WIDTH), np.inf, np.float32)
    depth[10:] = np.linspace(2 + index, 90, WIDTH, dtype=np.float32)
    return depth


def instances() -> np.ndarray:
    values = np.zeros((HEIGHT, WIDTH), np.uint16)
    for number, (x, y, width, height) in enumerate(BOXES, 1):
        values[y : y + height, x : x + width] = number
    return values


def write_maps_dataset(folder: Path, images: int = 3, depth: str = "png") -> dict[str, Any]:
    """Write it; returns its COCO content."""
    normals = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    normals[10:] = [0.6, 0.0, -0.8]
    rows, annotations = [], []
    for i in range(images):
        maps = {kind: f"maps/{kind}/{i:06d}.{depth if kind == 'depth' else 'png'}" for kind in
                ("depth", "normals", "instances")}  # fmt: skip
        ids = [10 * i + 1, 10 * i + 2]
        write_image(folder / "images" / f"{i:06d}.png", np.full((HEIGHT, WIDTH, 3), 60 + i, np.uint8))
        if depth == "exr":
            write_exr(folder / maps["depth"], depth_of(i))
        else:
            write_png16(folder / maps["depth"], encode_depth(depth_of(i)))
        write_png16(folder / maps["normals"], encode_normals(normals))
        write_png16(folder / maps["instances"], instances())
        rows.append({"id": i + 1, "file_name": f"{i:06d}.png", "width": WIDTH, "height": HEIGHT, "split": "train",
                     "maps": maps, "instance_ids": ids})  # fmt: skip
        annotations += [
            {"id": number, "image_id": i + 1, "category_id": 1, "bbox": list(box), "area": box[2] * box[3],
             "iscrowd": 0, "keypoints": [box[0] + 1, box[1] + 1, 2], "num_keypoints": 1}
            for number, box in zip(ids, BOXES, strict=True)
        ]  # fmt: skip
    content = {"images": rows, "annotations": annotations,
               "categories": [{"id": 1, "name": "vehicle", "keypoints": ["roof"], "skeleton": []}]}  # fmt: skip
    rewrite(folder, content)
    return content


def rewrite(folder: Path, content: dict[str, Any]) -> None:
    (folder / "annotations.json").write_text(json.dumps(content))
