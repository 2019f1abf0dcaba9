"""Small drawn cars with labels, and a detector that was trained on them for a moment."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.images import write_image
from pipeline.keypoints import load_schema

WIDTH, HEIGHT = 96, 64


def draw_car(rng: np.random.Generator, schema, width=WIDTH, height=HEIGHT):
    """A side view, its nose left or right: pixels, (x, y, w, h), keypoints (K, 3)."""
    pixels = rng.integers(90, 160, (height, width, 3), dtype=np.uint8)
    wide, high = rng.integers(width // 2, width * 3 // 4), rng.integers(height // 3, height // 2)
    x, y = rng.integers(2, width - wide - 2), rng.integers(2, height - high - 2)
    color = tuple(int(c) for c in rng.integers(0, 255, 3))
    cv2.rectangle(pixels, (x, y + high // 3), (x + wide - 1, y + high - 1), color, -1)
    cv2.rectangle(pixels, (x + wide // 4, y), (x + wide * 3 // 4, y + high // 3), (30, 40, 60), -1)
    right = rng.random() < 0.5
    nose, tail = (x + wide, x) if right else (x, x + wide)
    cv2.circle(pixels, (int(nose), int(y + high // 2)), 4, (255, 255, 180), -1)
    side = "R" if right else "L"
    at = {
        f"wheel_F{side}": (0.8 * nose + 0.2 * tail, y + high - 3, 2),
        f"wheel_R{side}": (0.2 * nose + 0.8 * tail, y + high - 3, 2),
        f"headlight_F{side}": (nose, y + high / 2, 2),
        "bumper_REAR": (tail, y + high * 0.7, 1),
        "roof": ((nose + tail) / 2, y + 1, 2),
    }
    for name in (f"wheel_F{side}", f"wheel_R{side}"):
        cv2.circle(pixels, (int(at[name][0]), int(at[name][1])), 3, (10, 10, 10), -1)
    keypoints = np.zeros((len(schema), 3))
    for name, place in at.items():
        keypoints[schema.index(name)] = place
    return pixels, [float(x), float(y), float(wide), float(high)], keypoints


def write_dataset(folder: Path, schema, splits=(("train", 6), ("val", 3)), seed=1, names=None) -> Path:
    rng = np.random.default_rng(seed)
    category = {"id": 1, "name": "vehicle", "keypoints": list(names or schema.names), "skeleton": []}
    every = {"images": [], "annotations": [], "categories": [category]}
    for split, count in splits:
        own = {"images": [], "annotations": [], "categories": [category]}
        for _ in range(count):
            number = len(every["images"]) + 1
            pixels, bbox, keypoints = draw_car(rng, schema)
            write_image(folder / "images" / f"{number:03d}.png", pixels)
            image = {"id": number, "file_name": f"{number:03d}.png", "width": WIDTH, "height": HEIGHT}
            annotation = {"id": number, "image_id": number, "category_id": 1, "bbox": bbox, "iscrowd": 0,
                          "area": 0.7 * bbox[2] * bbox[3], "keypoints": keypoints.ravel().tolist()}  # fmt: skip
            for content in (own, every):
                content["images"].append(image)
                content["annotations"].append(annotation)
        (folder / f"{split}.json").write_text(json.dumps(own))
    (folder / "annotations.json").write_text(json.dumps(every))
    return folder


@pytest.fixture(scope="session")
def dataset(tmp_path_factory, schema) -> Path:
    """6 images to train on, 3 to validate; nothing is to be written into it."""
    return write_dataset(tmp_path_factory.mktemp("cars"), schema)


@pytest.fixture(scope="session")
def nano_weights(tiny_weights) -> Path:
    """The weights file that the tests of the command line use too."""
    return tiny_weights


@pytest.fixture
def make_schema_file(tmp_path):
    def make(**changes):
        content = load_schema("vehicle20").model_dump(mode="json") | changes
        path = tmp_path / "schema.yaml"
        path.write_text(json.dumps(content))
        return path

    return make
