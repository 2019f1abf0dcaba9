"""A small dataset on disk, with views that retrieval can tell apart, and what a model would detect on it."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.images import write_image
from tests.retrieval.instances import SCHEMA, random_instances

WIDTH, HEIGHT = 96, 64


@pytest.fixture
def make_dataset(tmp_path):
    """A function that writes a dataset of `count` images, each with one instance, and returns its folder."""

    def make(count=6, name="dataset", seed=5, category_names=SCHEMA.names, picture=True):
        rng = np.random.default_rng(seed)
        folder = tmp_path / name
        keypoints, _ = random_instances(rng, count, len(category_names))
        boxes = np.tile([8.0, 6.0, 72.0, 50.0], (count, 1))
        keypoints[:, :, :2] = (
            boxes[:, None, :2] + rng.uniform(0, 1, (count, len(category_names), 2)) * boxes[:, None, 2:]
        )
        images, annotations = [], []
        for i in range(count):
            file_name = f"{i:06d}.png"
            if picture:
                write_image(folder / "images" / file_name, rng.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8))
            images.append({"id": i + 1, "file_name": file_name, "width": WIDTH, "height": HEIGHT, "vehicle": f"car-{i}",
                           "azimuth_deg": 60.0 * i, "elevation_deg": 10.0})  # fmt: skip
            annotations.append({"id": i + 1, "image_id": i + 1, "category_id": 1, "bbox": boxes[i].tolist(),
                                "area": 2000.0, "iscrowd": 0, "keypoints": keypoints[i].ravel().tolist(),
                                "num_keypoints": int((keypoints[i, :, 2] > 0).sum())})  # fmt: skip
        category = {"id": 1, "name": "vehicle", "keypoints": list(category_names), "skeleton": []}
        folder.mkdir(exist_ok=True)
        content = {"images": images, "annotations": annotations, "categories": [category]}
        (folder / "annotations.json").write_text(json.dumps(content))
        return folder

    return make


@pytest.fixture
def stand_in_model(monkeypatch):
    """Puts a stand-in in the place of `training`: it detects, on an image, what the test lists under its file name."""
    detections = {}

    def open_predictor(weights, device="auto"):
        found = lambda paths: ([SimpleNamespace(**d) for d in detections.get(path.name, [])] for path in paths)  # noqa: E731
        return SimpleNamespace(file=weights, schema=SCHEMA, predict=found)

    for module in ("index", "update", "search", "evaluate", "sigmas"):
        monkeypatch.setattr(f"retrieval.{module}.open_predictor", open_predictor)
    return detections
