import numpy as np
import pytest
from pycocotools import mask as coco_mask

from pipeline.annotate import annotate, mask_box
from pipeline.camera import Camera, intrinsics_from_lens, look_at
from pipeline.keypoints import KeypointSchema
from pipeline.vehicle import LabelledMesh
from pipeline.visibility import PosedVehicle, view_scene

CAMERA = Camera(200, 120, intrinsics_from_lens(200, 120, 30), look_at([6, 4, 2], [0, 0, 0.9], roll_rad=0.1))


def test_box_goes_from_outer_edge_to_outer_edge():
    mask = np.zeros((5, 9), dtype=bool)
    mask[2, 3:6] = True
    assert mask_box(mask) == [3, 2, 3, 1]


def test_mask_box_area_and_points_belong_together(schema: KeypointSchema, box_car: LabelledMesh):
    (found,) = annotate(view_scene(CAMERA, (PosedVehicle(box_car, np.eye(4)),)), schema)
    mask = coco_mask.decode(found["segmentation"]).astype(bool)
    assert mask.shape == (120, 200)
    assert found["area"] == mask.sum()
    assert found["bbox"] == mask_box(mask)
    pixels, _ = CAMERA.project(box_car.vertices[:16])
    x, y, w, h = found["bbox"]
    assert [x, y, x + w, y + h] == pytest.approx([*pixels.min(axis=0), *pixels.max(axis=0)], abs=1.0)
    points = np.array(found["keypoints"]).reshape(-1, 3)
    assert found["num_keypoints"] == (points[:, 2] > 0).sum()
    seen = points[points[:, 2] == 2, :2]
    assert len(seen) >= 3
    assert all(mask[int(py), int(px)] for px, py in seen), "a point that is seen lies on the vehicle"


def test_a_hidden_vehicle_has_no_annotation_and_a_partly_hidden_one_a_smaller_mask(
    schema: KeypointSchema, box_car: LabelledMesh
):
    behind = np.eye(4)
    behind[:3, 3] = [-3.0, -2.0, -0.6]
    aside = np.eye(4)
    aside[:3, 3] = [-4.0, 1.5, 0.0]
    alone = annotate(view_scene(CAMERA, (PosedVehicle(box_car, aside),)), schema)
    both = annotate(view_scene(CAMERA, tuple(PosedVehicle(box_car, p) for p in (np.eye(4), aside, behind))), schema)
    assert len(both) == 2
    assert 0 < both[1]["area"] < alone[0]["area"]


def test_the_whole_vehicle_is_said_however_little_is_seen(schema: KeypointSchema, box_car: LabelledMesh):
    posed = PosedVehicle(box_car, np.eye(4))
    (whole,) = annotate(view_scene(CAMERA, (posed,)), schema)
    assert whole["visible_fraction"] == 1.0
    assert whole["bbox_amodal"] == pytest.approx(whole["bbox"], abs=1.0)
    half = Camera(100, 120, CAMERA.intrinsics, CAMERA.world_from_camera)  # the image's right half is cut off
    (cut,) = annotate(view_scene(half, (posed,)), schema)
    assert cut["bbox_amodal"] == whole["bbox_amodal"]
    assert cut["visible_fraction"] == pytest.approx(cut["area"] / whole["area"], abs=0.01)
    wall = (np.array([[3.0, -9, 0], [3.0, 9, 0], [3.0, 9, 0.9], [3.0, -9, 0.9]]), np.array([[0, 1, 2], [0, 2, 3]]))
    (hidden,) = annotate(view_scene(CAMERA, (posed,), (wall,)), schema)
    assert hidden["visible_fraction"] == pytest.approx(hidden["area"] / whole["area"], abs=0.01)
    assert hidden["visible_fraction"] < 0.95
    assert "object" in hidden["keypoint_reasons"]


def test_the_pose_carries_the_vehicle_to_the_camera(schema: KeypointSchema, box_car: LabelledMesh):
    placed = np.eye(4)
    placed[:3, :3] = [[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]
    placed[:3, 3] = [0.4, -0.3, 0.0]
    (found,) = annotate(view_scene(CAMERA, (PosedVehicle(box_car, placed),)), schema)
    rotation, shift = np.array(found["pose"]["rotation"]), np.array(found["pose"]["translation_m"])
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-5)
    for name, in_camera in zip(schema.names, found["keypoints_camera_m"], strict=True):
        if in_camera is not None and name != "license_plate":
            np.testing.assert_allclose(rotation @ box_car.place_positions(name)[0] + shift, in_camera, atol=1e-3)
