import numpy as np
import pytest

from pipeline.plan import CameraDraw
from pipeline.vehicle import LabelledMesh
from pipeline.viewpoint import place_camera, view_direction


def draw(**changes: float) -> CameraDraw:
    usual = {"azimuth_deg": 35, "elevation_deg": 12, "roll_deg": 4, "lens_mm": 40, "fill": 0.7}
    return CameraDraw(**{**usual, "shift_x": 0.06, "shift_y": -0.04, **changes})


@pytest.mark.parametrize("fill", [0.1, 0.7, 1.3])
@pytest.mark.parametrize("size", [(320, 240), (240, 320)])
def test_target_has_the_size_and_place_that_were_drawn(box_car: LabelledMesh, fill: float, size: tuple[int, int]):
    camera = place_camera(draw(fill=fill), box_car.vertices, *size)
    pixels, _ = camera.project(box_car.vertices)
    share = np.ptp(pixels, axis=0) / size
    assert share.max() == pytest.approx(fill, rel=0.03)
    middle = (pixels.min(axis=0) + pixels.max(axis=0)) / 2 / size
    assert middle == pytest.approx([0.56, 0.46], abs=0.005)


@pytest.mark.parametrize(("azimuth", "nearest"), [(0, [2.3, 0, 0]), (90, [0, 0.9, 0]), (180, [-2.1, 0, 0])])
def test_azimuth_goes_from_the_front_over_the_left_side(box_car: LabelledMesh, azimuth: float, nearest: list[float]):
    camera = place_camera(draw(azimuth_deg=azimuth, elevation_deg=5), box_car.vertices, 320, 240)
    sides = np.array([[2.3, 0, 0], [-2.1, 0, 0], [0, 0.9, 0], [0, -0.9, 0]])
    closest = sides[np.argmin(np.linalg.norm(sides - camera.position, axis=1))]
    assert closest.tolist() == nearest


def test_camera_stays_above_the_ground(box_car: LabelledMesh):
    camera = place_camera(draw(elevation_deg=-5, fill=0.3), box_car.vertices, 320, 240)
    assert camera.position[2] >= 0.15


def test_pose_is_a_rotation(box_car: LabelledMesh):
    rotation = place_camera(draw(), box_car.vertices, 320, 240).world_from_camera[:3, :3]
    assert rotation @ rotation.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1.0)


def test_view_direction_is_a_unit_vector():
    assert np.linalg.norm(view_direction(123.0, 45.0)) == pytest.approx(1.0)
    assert view_direction(90.0, 0.0) == pytest.approx([0.0, 1.0, 0.0])
