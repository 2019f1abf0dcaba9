import numpy as np
import pytest

from pipeline.camera import Camera, camera_from_json, intrinsics_from_lens, look_at

INTRINSICS = np.array([[410.0, 0.0, 151.0], [0.0, 410.0, 127.0], [0.0, 0.0, 1.0]])


def tilted() -> Camera:
    return Camera(320, 240, INTRINSICS, look_at([5.0, 2.0, 1.5], [0.3, -0.2, 0.8], roll_rad=0.2))


def test_projection_agrees_with_its_definition_written_out():
    camera = tilted()
    points = np.random.default_rng(3).uniform(-1, 1, (50, 3))
    pixels, depth = camera.project(points)
    camera_from_world = np.linalg.inv(camera.world_from_camera)
    for point, pixel, z in zip(points, pixels, depth, strict=True):
        x, y, w = INTRINSICS @ (camera_from_world @ [*point, 1.0])[:3]
        assert z == pytest.approx(w)
        assert pixel == pytest.approx([x / w, y / w])


def test_target_lands_on_the_principal_point():
    pixels, _ = tilted().project([[0.3, -0.2, 0.8]])
    assert pixels[0] == pytest.approx([151.0, 127.0])


def test_unrolled_camera_keeps_up_up_and_left_left():
    camera = Camera(320, 240, INTRINSICS, look_at([6.0, 0.0, 1.0], [0.0, 0.0, 1.0]))
    pixels, _ = camera.project([[0, 0, 1], [0, 0, 2], [0, 1, 1]])
    assert pixels[1, 1] < pixels[0, 1]
    assert pixels[2, 0] > pixels[0, 0], "a car that faces us has its left side on our right"


def test_clockwise_roll_of_the_camera_turns_the_picture_anticlockwise():
    camera = Camera(320, 240, INTRINSICS, look_at([6.0, 0.0, 1.0], [0.0, 0.0, 1.0], roll_rad=np.radians(30)))
    up, _ = camera.project([[0, 0, 2]])
    assert up[0, 0] < 151.0
    assert up[0, 1] < 127.0


def test_behind_the_camera_is_nowhere():
    pixels, depth = tilted().project([[20.0, 8.0, 3.0]])
    assert depth[0] < 0
    assert np.isnan(pixels).all()
    assert not tilted().contains(pixels)[0]


def test_frame_includes_its_top_left_corner_and_not_its_bottom_right():
    inside = tilted().contains(np.array([[0.0, 0.0], [319.99, 239.99], [320.0, 10.0], [10.0, 240.0], [-0.01, 5.0]]))
    assert inside.tolist() == [True, True, False, False, False]


def test_lens_is_measured_along_the_longer_side():
    assert intrinsics_from_lens(640, 480, 50)[0, 0] == pytest.approx(50 / 36 * 640)
    assert intrinsics_from_lens(480, 640, 50)[0, 0] == pytest.approx(50 / 36 * 640)


def test_json_round_trip():
    again = camera_from_json(tilted().to_json())
    assert np.array_equal(again.intrinsics, tilted().intrinsics)
    assert np.array_equal(again.world_from_camera, tilted().world_from_camera)


def test_looking_straight_down_is_refused():
    with pytest.raises(ValueError, match="straight up or down"):
        look_at([0, 0, 5], [0, 0, 0])


def test_wrong_shape_and_nan_are_refused():
    with pytest.raises(ValueError, match=r"intrinsics must have shape \(3, 3\)"):
        Camera(10, 10, np.eye(4), np.eye(4))
    with pytest.raises(ValueError, match="must be finite"):
        Camera(10, 10, np.full((3, 3), np.nan), np.eye(4))
