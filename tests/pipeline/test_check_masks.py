"""Masks that cannot be, and those that disagree with what stands beside them; conventions that are not COCO's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from pipeline.check import check_dataset
from pipeline.segmentation import decode_counts
from tests.pipeline.coco_files import HEIGHT, WIDTH, write

SQUARE = [10, 8, 40, 8, 40, 28, 10, 28]


def content() -> dict[str, Any]:
    """Two images with an object each, sound in every way."""
    keypoints = [12, 10, 2, 30, 12, 2, 20, 20, 1]
    common = {"category_id": 1, "area": 600, "iscrowd": 0, "num_keypoints": 3, "bbox": [10, 8, 30, 20]}
    return {
        "images": [{"id": i, "file_name": f"{i}.png", "width": WIDTH, "height": HEIGHT} for i in (1, 2)],
        "annotations": [
            {"id": i, "image_id": i, **common, "keypoints": keypoints, "segmentation": [SQUARE]} for i in (1, 2)
        ],
        "categories": [{"id": 1, "name": "face", "keypoints": ["left_eye", "right_eye", "nose"]}],
    }


def annotation(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda file: file["annotations"][0].__setitem__(key, value)


def runs(counts: Any) -> Callable[[dict[str, Any]], None]:
    return annotation("segmentation", {"size": [HEIGHT, WIDTH], "counts": counts})


def corners(file: dict[str, Any]) -> None:
    for one in file["annotations"]:
        one.update(bbox=[25, 12, 55, 35], keypoints=[26, 13, 2, 0, 0, 0, 30, 30, 2], num_keypoints=2, area=690)
        del one["segmentation"]


def shares(file: dict[str, Any]) -> None:
    for one in file["annotations"]:
        one.update(bbox=[0.1, 0.2, 0.5, 0.5], keypoints=[0.2, 0.3, 2, 0.5, 0.3, 2, 0.4, 0.5, 1], area=0.2)
        del one["segmentation"]


def twice(file: dict[str, Any]) -> None:
    file["annotations"].append({**file["annotations"][0], "id": 3})


def wrong_pair(file: dict[str, Any]) -> None:
    file["categories"][0]["flip_pairs"] = [["left_eye", "nose"]]


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], None], str, str]] = {
    "runs too short": (runs([0, 10]), "error", "counts are of 10 pixels; allowed: 2400, the image's"),
    "runs negative": (runs([2410, -10]), "error", "counts cannot be decoded"),
    "text that is no mask": (runs("\u0001\u00ff"), "error", "counts cannot be decoded"),
    "text that breaks off": (runs("P"), "error", "counts cannot be decoded"),
    "area of something else": (annotation("area", 350), "warning", "area is 350; allowed: about 600"),
    "box of something else": (annotation("bbox", [10, 8, 40, 28]), "warning", "allowed: about [10.0, 8.0, 30.0, 20.0]"),
    "corners": (corners, "error", "2 of 2 boxes leave their image, and as two corners none would"),
    "shares": (shares, "error", "no box or keypoint reaches beyond 1"),
    "twice": (twice, "error", "has the box and keypoints of"),
    "pair that does not mirror": (wrong_pair, "warning", "flip_pairs join 'left_eye' and 'nose'"),
}


def test_a_sound_file_has_no_fault(tmp_path: Path):
    assert check_dataset(write(tmp_path, "faces.json", content())) == []


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found_and_told(name: str, tmp_path: Path):
    damage, severity, message = FAULTS[name]
    value = content()
    damage(value)
    path = write(tmp_path, "faces.json", value)
    found = [problem for problem in check_dataset(path) if message in str(problem)]
    assert [problem.severity for problem in found] == [severity] * len(found) != []


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**31), st.floats(0, 1))
def test_counts_are_decoded_as_pycocotools_writes_them(height: int, width: int, seed: int, share: float):
    mask = np.random.default_rng(seed).random((height, width)) < share
    encoded = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))["counts"].decode()
    decoded = decode_counts(json.loads(json.dumps(encoded)))
    assert decoded is not None
    values = np.repeat(np.arange(len(decoded)) % 2, decoded).astype(bool)
    np.testing.assert_array_equal(values.reshape(width, height).T, mask)


@given(st.text(max_size=40))
def test_any_text_is_decoded_or_refused(text: str):
    decoded = decode_counts(text)
    assert decoded is None or all(isinstance(run, int) for run in decoded)
