"""Viewpoints read from keypoints: of views that the atlas has and has not, whole, cut off, and with points lost."""

import numpy as np
import pytest

from pipeline.camera import Camera, intrinsics_from_lens
from pipeline.plan import CameraDraw
from pipeline.viewpoint import place_camera
from retrieval.view_atlas import AZIMUTHS_DEG, DISTANCES, ELEVATIONS_DEG, ViewAtlas, build_atlas
from retrieval.view_match import Seen, cut_off, estimate_views
from retrieval.viewpoint import geodesic_deg, view_rotation
from tests.retrieval.lettered_box import SCHEMA, lettered_box

SIZE = (200, 150)


@pytest.fixture(scope="module")
def atlas() -> ViewAtlas:
    return build_atlas([lettered_box()], SCHEMA)


def seen_from(azimuth, elevation=8.0, fill=0.7, shift_x=0.0, lens_mm=40.0):
    """The box as a camera sees it: keypoints in the frame, those that look away hidden; and its box, cut."""
    mesh = lettered_box()
    draw = CameraDraw(azimuth_deg=azimuth, elevation_deg=elevation, roll_deg=0, lens_mm=lens_mm, fill=fill,
                      shift_x=shift_x, shift_y=0)  # fmt: skip
    camera = place_camera(draw, mesh.vertices, *SIZE)
    assert isinstance(camera, Camera)
    assert camera.intrinsics[0, 0] == intrinsics_from_lens(*SIZE, lens_mm)[0, 0]
    keypoints = np.zeros((len(SCHEMA), 3))
    for k, name in enumerate(SCHEMA.names):
        place = mesh.place_positions(name)[0]
        pixel, _ = camera.project(place[None])
        if (pixel[0] > 0).all() and (pixel[0] < SIZE).all():
            away = np.argmax(np.abs((place - mesh.centre) / (mesh.extent_m / 2)))
            normal = np.eye(3)[away] * np.sign((place - mesh.centre)[away])
            keypoints[k] = [*pixel[0], 2 if normal @ (camera.position - place) > 0 else 1]
    corners, _ = camera.project(mesh.vertices)
    low, high = corners.min(axis=0).clip(0, SIZE), corners.max(axis=0).clip(0, SIZE)
    return Seen(keypoints, np.concatenate([low, high - low]), SIZE)


def error_deg(found, azimuth, elevation=8.0):
    rotations = view_rotation([azimuth, found.azimuth_deg], [elevation, found.elevation_deg])
    return float(geodesic_deg(rotations[0], rotations[1]))


def test_the_atlas_sees_everything_from_everywhere(atlas):
    assert len(atlas) == len(AZIMUTHS_DEG) * len(ELEVATIONS_DEG) * len(DISTANCES)
    front, rear = SCHEMA.index("nose"), SCHEMA.index("tail")
    low = atlas.elevation_deg < 30  # from above and near, the nose itself is hidden
    ahead, behind = low & (atlas.azimuth_deg == 0), low & (atlas.azimuth_deg == 180)
    assert (atlas.keypoints[ahead, front, 2] == 2).all()
    assert (atlas.keypoints[ahead, rear, 2] == 1).all()
    assert (atlas.keypoints[behind, rear, 2] == 2).all()
    left = atlas.keypoints[(atlas.azimuth_deg == 90) & (atlas.elevation_deg == 4.0)]
    assert (left[:, front, 0] < left[:, rear, 0]).all(), "from its left, a vehicle's nose is on the left"


@pytest.mark.parametrize("azimuth", [3.0, 57.0, 122.0, 184.0, 251.0, 333.0])
def test_views_between_the_atlas_own_are_read(atlas, azimuth):
    [found] = estimate_views(atlas, [seen_from(azimuth)], SCHEMA.sigmas)
    assert error_deg(found, azimuth) < 9
    assert (found.box[2:] / SIZE).max() == pytest.approx(0.7, rel=0.08)


def test_a_vehicle_that_is_cut_off_is_read_with_what_lies_beyond(atlas):
    seen = seen_from(60.0, fill=1.3, shift_x=0.3)
    assert cut_off(seen.box, SIZE).any()
    [found] = estimate_views(atlas, [seen], SCHEMA.sigmas)
    assert error_deg(found, 60.0) < 15
    assert (found.box[2:] / SIZE).max() == pytest.approx(1.3, rel=0.12)
    assert (found.box[0] + found.box[2] / 2) / SIZE[0] == pytest.approx(0.8, abs=0.08)


def test_what_is_never_labelled_is_not_missed(atlas):
    seen = seen_from(184.0)
    known = np.array([name not in ("top", "left", "right") for name in SCHEMA.names])
    points = seen.keypoints * known[:, None] * (seen.keypoints[:, 2:] == 2)
    [found] = estimate_views(atlas, [Seen(points, seen.box, SIZE)], SCHEMA.sigmas, known)
    assert error_deg(found, 184.0) < 20


def test_uncertain_keypoints_weigh_less(atlas):
    seen = seen_from(57.0)
    wrong = seen.keypoints.copy()
    wrong[0] = [5, 5, 2]
    doubt = np.where(np.arange(len(SCHEMA)) == 0, 0.05, 1.0)
    [blind] = estimate_views(atlas, [Seen(wrong, seen.box, SIZE)], SCHEMA.sigmas)
    [found] = estimate_views(atlas, [Seen(wrong, seen.box, SIZE, doubt)], SCHEMA.sigmas)
    assert found.similarity > blind.similarity
    assert error_deg(found, 57.0) < 9


def test_two_keypoints_say_nothing(atlas):
    points = seen_from(57.0).keypoints.copy()
    points[2:] = 0
    assert estimate_views(atlas, [Seen(points, np.array([10.0, 10, 90, 60]), SIZE)], SCHEMA.sigmas) == [None]
