import numpy as np
import pytest

from pipeline.camera import Camera, intrinsics_from_lens, look_at
from pipeline.keypoints import KeypointSchema
from pipeline.vehicle import LabelledMesh
from pipeline.visibility import PosedVehicle, label_keypoints, view_scene
from tests.conftest import box


def labels(schema, mesh, position, target=(0.1, 0.0, 0.9), others=(), objects=(), lens=35.0):
    camera = Camera(320, 240, intrinsics_from_lens(320, 240, lens), look_at(position, target))
    view = view_scene(camera, (PosedVehicle(mesh, np.eye(4)), *others), objects)
    found = label_keypoints(view, 0, schema)
    return {
        name: (int(found.keypoints[i, 2]), found.reasons[i], found.keypoints[i, :2])
        for i, name in enumerate(schema.names)
    }


def test_near_side_is_seen_and_far_side_is_hidden_by_the_car_itself(schema: KeypointSchema, box_car: LabelledMesh):
    seen = labels(schema, box_car, [3.0, 6.0, 2.0])
    assert seen["door_FL"][:2] == (2, "seen")
    assert seen["door_FR"][:2] == (1, "self")
    assert seen["roof"][:2] == (2, "seen")


def test_a_wheel_does_not_hide_its_own_hub_but_another_part_does(schema: KeypointSchema, box_car: LabelledMesh):
    assert labels(schema, box_car, [3.0, 6.0, 2.0])["wheel_FL"][:2] == (2, "seen")
    assert labels(schema, box_car, [3.0, -6.0, 2.0])["wheel_FL"][:2] == (1, "self")


def test_of_two_plates_the_one_that_faces_the_camera_counts(schema: KeypointSchema, box_car: LabelledMesh):
    front = labels(schema, box_car, [8.0, 1.0, 1.0])["license_plate"]
    rear = labels(schema, box_car, [-8.0, 1.0, 1.0])["license_plate"]
    assert front[:2] == (2, "seen")
    assert rear[:2] == (2, "seen")
    assert not np.allclose(front[2], rear[2])


def test_absent_and_truncated_are_zero_with_their_reason(schema: KeypointSchema, box_car: LabelledMesh):
    close = labels(schema, box_car, [3.0, 6.0, 2.0], target=(2.3, 0.0, 0.6), lens=120.0)
    assert close["mirror_LEFT"][:2] == (0, "absent")
    assert close["license_plate"][1] == "seen"
    assert close["roof"][:2] == (0, "truncated")
    assert close["roof"][2].tolist() == [0.0, 0.0]


def test_behind_the_camera_counts_as_outside_the_frame(schema: KeypointSchema, box_car: LabelledMesh):
    away = labels(schema, box_car, [3.0, 6.0, 2.0], target=(9.0, 20.0, 2.0))
    assert away["door_FL"][:2] == (0, "truncated")


def test_what_stands_between_is_named(schema: KeypointSchema, box_car: LabelledMesh):
    wall = box((-0.5, 2.0, 0.0), (0.7, 2.1, 3.0))
    blocked = labels(schema, box_car, [0.1, 6.0, 1.0], objects=(wall,))
    assert blocked["door_FL"][:2] == (1, "object")
    pose = np.eye(4)
    pose[:3, 3] = [0.0, 3.0, 0.0]
    parked = labels(schema, box_car, [0.1, 8.0, 1.0], others=(PosedVehicle(box_car, pose),))
    assert parked["door_FL"][:2] == (1, "instance")
    assert parked["door_FR"][:2] == (1, "instance"), "the nearest hider is the one that is named"


@pytest.mark.parametrize(("gap", "expected"), [(0.02, 2), (0.05, 1)])
def test_a_surface_within_the_tolerance_does_not_hide(
    schema: KeypointSchema, box_car: LabelledMesh, gap: float, expected: int
):
    sheet = box((-0.5, 0.9 + gap - 0.001, 0.0), (0.7, 0.9 + gap, 3.0))  # the door's tolerance is 0.03 m
    assert labels(schema, box_car, [0.1, 7.0, 0.9], objects=(sheet,))["door_FL"][0] == expected


def test_a_moved_and_turned_vehicle_has_the_same_labels(schema: KeypointSchema, box_car: LabelledMesh):
    angle = np.radians(130)
    pose = np.eye(4)
    pose[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    pose[:3, 3] = [12.0, -7.0, 0.3]
    camera = Camera(320, 240, intrinsics_from_lens(320, 240, 35), look_at([3, 6, 2], [0.1, 0, 0.9]))
    moved = Camera(320, 240, camera.intrinsics, pose @ camera.world_from_camera)
    here = label_keypoints(view_scene(camera, (PosedVehicle(box_car, np.eye(4)),)), 0, schema)
    there = label_keypoints(view_scene(moved, (PosedVehicle(box_car, pose),)), 0, schema)
    assert there.keypoints == pytest.approx(here.keypoints, abs=1e-8)
    assert there.reasons == here.reasons
