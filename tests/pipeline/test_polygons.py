"""Polygons: what pycocotools draws of them is the mask."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools.coco import COCO

from pipeline.annotate import annotate
from pipeline.camera import Camera, intrinsics_from_lens, look_at
from pipeline.keypoints import KeypointSchema
from pipeline.polygons import decode_polygons, encode_polygons
from pipeline.vehicle import LabelledMesh
from pipeline.visibility import PosedVehicle, view_scene
from tests.conftest import box

PROMISED = 0.98
LEAST_PX = 400


def overlap(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float((a & b).sum() / (a | b).sum())


def filled(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask without its holes, by another way: what a flood from outside does not reach, over edges of pixels."""
    padded = np.pad(mask, 1).astype(np.uint8)
    _, regions = cv2.connectedComponents(1 - padded, connectivity=4)
    return (regions != regions[0, 0])[1:-1, 1:-1]


@given(st.integers(0, 2**31), st.integers(2, 12), st.booleans())
def test_polygons_draw_the_mask_of_any_blot(seed: int, blur: int, touching: bool):
    """Blots of noise: many pieces, holes, necks of a pixel, cut off by the image."""
    rng = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(rng.normal(size=(70, 90)).astype(np.float32), (0, 0), float(blur))
    mask = noise > np.quantile(noise, 0.7)
    if not touching:
        mask[[0, -1]], mask[:, [0, -1]] = False, False
    assert mask.sum() > LEAST_PX
    polygons = encode_polygons(mask)
    assert overlap(decode_polygons(polygons, *mask.shape), filled(mask)) >= PROMISED
    assert all(len(polygon) >= 6 and len(polygon) % 2 == 0 for polygon in polygons)
    points = np.concatenate([np.array(polygon).reshape(-1, 2) for polygon in polygons])
    assert points.min() >= 0
    assert (points <= [90, 70]).all()


@pytest.mark.parametrize("mask", ["pixel", "line", "empty"])
def test_small_masks(mask: str):
    pixels = np.zeros((5, 9), dtype=bool)
    if mask == "pixel":
        pixels[4, 8] = True
    if mask == "line":
        pixels[2, 1:7] = True
    polygons = encode_polygons(pixels)
    assert bool(polygons) == pixels.any()
    if polygons:
        np.testing.assert_array_equal(decode_polygons(polygons, 5, 9), pixels)


def test_holes_are_filled_and_pieces_are_polygons_of_their_own():
    mask = np.zeros((40, 60), dtype=bool)
    mask[2:30, 3:30] = True
    mask[10:15, 10:18] = False
    mask[20:38, 40:58] = True
    polygons = encode_polygons(mask)
    assert len(polygons) == 2
    np.testing.assert_array_equal(decode_polygons(polygons, 40, 60), filled(mask))


def test_a_round_thing_takes_few_points():
    rows, columns = np.indices((200, 200))
    disc = np.hypot(rows - 99.5, columns - 99.5) < 80
    (polygon,) = encode_polygons(disc)
    assert len(polygon) / 2 < 100, "of 640 steps of its edge"
    assert overlap(decode_polygons([polygon], 200, 200), disc) > PROMISED


def test_a_dataset_of_polygons_is_read_by_pycocotools(tmp_path: Path, schema: KeypointSchema, box_car: LabelledMesh):
    camera = Camera(200, 120, intrinsics_from_lens(200, 120, 30), look_at([6, 4, 2], [0, 0, 0.9], roll_rad=0.1))
    pole = box((2.6, 0.9, -1.0), (2.7, 1.0, 3.0))
    beside = np.eye(4)
    beside[:3, 3] = [-4.0, 1.5, 0.0]
    view = view_scene(camera, (PosedVehicle(box_car, np.eye(4)), PosedVehicle(box_car, beside)), (pole,))
    exact = annotate(view, schema)
    written = annotate(view, schema, segmentation="polygon")
    assert len(written[0]["segmentation"]) == 2, "a pole cuts it in two"
    for a, b in zip(exact, written, strict=True):
        assert {k: v for k, v in a.items() if k != "segmentation"} == {
            k: v for k, v in b.items() if k != "segmentation"
        }
    rows = [{"id": i + 1, "image_id": 1, **annotation} for i, annotation in enumerate([*exact, *written])]
    content = {"images": [{"id": 1, "width": 200, "height": 120, "file_name": "a"}], "annotations": rows,
               "categories": [{"id": 1, "name": "vehicle"}], "info": {}}  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(content))
    coco = COCO(str(tmp_path / "a.json"))
    masks = [coco.annToMask(row).astype(bool) for row in coco.loadAnns([1, 2, 3, 4])]
    for mask, drawn in zip(masks[:2], masks[2:], strict=True):
        assert mask.sum() > LEAST_PX
        assert overlap(mask, drawn) >= PROMISED


def test_a_crowd_keeps_its_run_lengths(schema: KeypointSchema, box_car: LabelledMesh):
    camera = Camera(200, 120, intrinsics_from_lens(200, 120, 30), look_at([6, 4, 2], [0, 0, 0.9]))
    beside = np.eye(4)
    beside[:3, 3] = [-4.0, 1.5, 0.0]
    view = view_scene(camera, (PosedVehicle(box_car, np.eye(4)), PosedVehicle(box_car, beside)))
    target, crowd = annotate(view, schema, crowd_below=1.0, segmentation="polygon")
    assert isinstance(target["segmentation"], list)
    assert crowd["iscrowd"] == 1
    assert isinstance(crowd["segmentation"], dict)
