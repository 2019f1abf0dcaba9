"""The lens: points both ways, pictures and labels that follow each other."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from pipeline.annotate import annotate
from pipeline.camera import Camera, border_points, camera_from_json, look_at
from pipeline.keypoints import KeypointSchema
from pipeline.lens import Distortion, distortion_of_image
from pipeline.lens_warp import NO_MARGIN, Margin, margin_for, warp_image
from pipeline.raster import project_triangles, rasterize
from pipeline.raster_lens import pixel_centres, rasterize_at
from pipeline.vehicle import LabelledMesh
from pipeline.visibility import PosedVehicle, label_keypoints, view_scene

LENSES = [(-0.28, 0.0), (-0.3, 0.1), (0.1, 0.0), (0.4, 0.4), (-0.1, 0.2), (0.2, -0.05), (0.0, -0.2)]
WIDTH, HEIGHT, FOCAL = 200, 120, 190.0
INTRINSICS = np.array([[FOCAL, 0, 96.3], [0, FOCAL, 63.9], [0, 0, 1]])


def camera(k1: float = 0.0, k2: float = 0.0) -> Camera:
    pose = look_at([4.4, 3.0, 2.0], [0.2, 0.3, 0.9], roll_rad=0.2)
    return Camera(WIDTH, HEIGHT, INTRINSICS, pose, distortion_of_image(k1, k2, FOCAL, WIDTH))


@pytest.mark.parametrize("lens", LENSES)
def test_there_and_back_is_the_same_point(lens: tuple[float, float]):
    pixels = np.concatenate([pixel_centres(WIDTH, HEIGHT), border_points(WIDTH, HEIGHT), INTRINSICS[None, :2, 2]])
    ideal = camera(*lens).undistort(pixels)
    assert np.abs(ideal - pixels).max() > 1.0, "the lens does something"
    assert np.abs(camera(*lens).distort(ideal) - pixels).max() < 1e-6
    again = camera(*lens).undistort(camera(*lens).distort(ideal))
    assert np.abs(again - ideal).max() < 1e-6


@pytest.mark.parametrize("lens", LENSES)
def test_opencv_reads_the_recorded_camera_as_we_do(lens: tuple[float, float]):
    written = camera(*lens).to_json()
    pose = np.linalg.inv(np.array(written["world_from_camera"]))
    points = np.random.default_rng(0).uniform([-1, -1, 0], [1, 1, 1.5], (200, 3))
    theirs, _ = cv2.projectPoints(
        points, cv2.Rodrigues(pose[:3, :3])[0], pose[:3, 3], INTRINSICS, np.array(written["distortion"])
    )
    ours, _ = camera(*lens).project(points)
    assert np.abs(ours - theirs[:, 0]).max() < 1e-6
    assert camera_from_json(written).distortion == camera(*lens).distortion


def test_a_camera_without_lens_says_nothing_of_one_and_one_with_more_than_ours_is_refused():
    assert "distortion" not in camera().to_json()
    with pytest.raises(ValueError, match=r"must be \[k1, k2, 0, 0, 0\]; got \[0.1, 0, 0.2, 0, 0\]"):
        camera_from_json(camera().to_json() | {"distortion": [0.1, 0, 0.2, 0, 0]})


def test_what_lies_beyond_the_fold_is_not_pictured():
    lens = Distortion(-0.3, 0.0)
    beyond = np.array([[1.7, 0.3]])
    assert np.abs(beyond * (1 - 0.3 * (beyond**2).sum())).max() < 0.3, "the polynomial would put it into the image"
    assert np.isnan(lens.distort(beyond)).all()
    assert np.isnan(lens.undistort(np.array([[0.8, 0.0]]))).all(), "nothing is pictured as far out as that"


def test_the_lens_must_reach_the_corners():
    assert Distortion(-0.28, 0.0).reaches(0.7071)
    assert not Distortion(-0.3, 0.0).reaches(0.7071)
    with pytest.raises(ValueError, match="does not reach the corners"):
        _ = camera(-0.8).ideal_bounds


def test_the_picture_bends_alike_whatever_the_focal_length():
    corner = np.array([[WIDTH / 2, HEIGHT / 2]])
    ratios = [distortion_of_image(-0.2, 0.05, f, WIDTH).undistort(corner / f) * f / corner for f in (80.0, 900.0)]
    assert ratios[0] == pytest.approx(ratios[1], abs=1e-9)


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("fringes", [0.0, 3.0])
def test_the_ideal_picture_reaches_over_every_border(lens: tuple[float, float], fringes: float):
    view = camera(*lens)
    margin = margin_for(view, fringes)
    wide = margin.rendered(view)
    asked = view.undistort(border_points(WIDTH, HEIGHT)) + [margin.left, margin.top]
    assert (asked >= 2 + fringes / 2).all()
    assert (asked <= np.array([wide.width, wide.height]) - 2 - fringes / 2).all()
    assert wide.distortion is None
    assert margin_for(camera()) == NO_MARGIN


def spotted(view: Camera, margin: Margin, goals: NDArray) -> NDArray[np.uint8]:
    """The ideal picture of spots that the lens of `view` makes round, their middles at `goals` (N, 2).

    Spots that are round before the lens are drawn out by it on one side more than on the other: their centroids would
    tell of that, not of where their middles go.
    """
    wide = margin.rendered(view)
    pictured = view.distort(pixel_centres(wide.width, wide.height) - [margin.left, margin.top])
    light = np.exp(-((pictured[:, None] - goals) ** 2).sum(axis=2) / (2 * 1.5**2)).sum(axis=1)
    values = np.nan_to_num(250 * light).round().astype(np.uint8)
    return np.repeat(values.reshape(wide.height, wide.width, 1), 3, axis=2)


def centroid(channel: NDArray, near: NDArray, reach: int = 7) -> NDArray:
    x, y = np.floor(near).astype(int)
    patch = channel[y - reach : y + reach + 1, x - reach : x + reach + 1].astype(float)
    rows, columns = np.indices(patch.shape)
    middle = np.array([(columns * patch).sum(), (rows * patch).sum()]) / patch.sum()
    return middle + [x - reach + 0.5, y - reach + 0.5]


@pytest.mark.parametrize("lens", LENSES)
def test_a_spot_is_where_the_label_is_to_a_twentieth_of_a_pixel(lens: tuple[float, float]):
    view = camera(*lens)
    margin = margin_for(view)
    goals = np.array([[x + 0.3 * y / 70, y + 0.41] for x in (11, 55, 96, 140, 187) for y in (11, 60, 106)])
    picture = warp_image(spotted(view, margin, goals), view, margin)
    errors = [np.linalg.norm(centroid(picture[..., 1], goal) - goal) for goal in goals]
    assert max(errors) < 0.05
    assert np.linalg.norm(view.undistort(goals) - goals, axis=1).max() > 1.0


def test_red_and_blue_part_in_the_corners_and_green_stays():
    view, fringes = camera(), 4.0
    margin = margin_for(view, fringes)
    goal = np.array([20.5, 20.5])
    picture = warp_image(spotted(view, margin, goal[None]), view, margin, fringes)
    red, green, blue = (centroid(picture[..., channel], goal) for channel in range(3))
    outward = goal - INTRINSICS[:2, 2]
    expected = fringes * np.linalg.norm(outward) / (np.hypot(WIDTH, HEIGHT) / 2)
    assert (red - blue) @ outward / np.linalg.norm(outward) == pytest.approx(expected, abs=0.05)
    assert np.linalg.norm(green - goal) < 0.05


def test_points_on_the_grid_see_what_the_grid_sees(box_car: LabelledMesh):
    screen = project_triangles(camera(), box_car.vertices, box_car.triangles)
    depth, winner = rasterize(screen, WIDTH, HEIGHT)
    depth_at, winner_at = rasterize_at(screen, pixel_centres(WIDTH, HEIGHT))
    assert np.array_equal(depth.ravel(), depth_at)
    assert np.array_equal(winner.ravel(), winner_at)
    assert (winner >= 0).any()


@pytest.mark.parametrize("lens", LENSES)
def test_the_mask_is_the_ideal_one_seen_through_the_lens(
    lens: tuple[float, float], schema: KeypointSchema, box_car: LabelledMesh
):
    """Against a mask of a pinhole with pixels an eighth as large, looked up where each pixel's centre comes from."""
    view, fine = camera(*lens), 8
    (found,) = annotate(view_scene(view, (PosedVehicle(box_car, np.eye(4)),)), schema)
    mask = coco_mask.decode(found["segmentation"]).astype(bool)
    margin = margin_for(view)
    wide = margin.rendered(view)
    scale = np.diag([fine, fine, 1.0])
    sharp = Camera(wide.width * fine, wide.height * fine, scale @ wide.intrinsics, wide.world_from_camera)
    screen = project_triangles(sharp, box_car.vertices, box_car.triangles)
    expected = rasterize(screen, sharp.width, sharp.height)[1] >= 0
    at = np.floor((view.undistort(pixel_centres(WIDTH, HEIGHT)) + [margin.left, margin.top]) * fine).astype(int)
    through = expected[at[:, 1], at[:, 0]].reshape(HEIGHT, WIDTH)
    assert 0.1 < mask.mean() < 0.95
    edge = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(bool)
    assert not ((mask != through) & ~edge).any()
    assert (mask != through).sum() <= 0.1 * edge.sum(), "only where an edge passes a centre within an eighth of a pixel"


@pytest.mark.parametrize("lens", LENSES)
def test_keypoints_move_and_their_visibility_does_not(
    lens: tuple[float, float], schema: KeypointSchema, box_car: LabelledMesh
):
    bent, plain = camera(*lens), camera()
    vehicle = PosedVehicle(box_car, np.eye(4))
    through = label_keypoints(view_scene(bent, (vehicle,)), 0, schema)
    without = label_keypoints(view_scene(plain, (vehicle,)), 0, schema)
    both = (through.keypoints[:, 2] > 0) & (without.keypoints[:, 2] > 0)
    assert both.sum() >= 4
    assert {1, 2} <= set(through.keypoints[both, 2])
    assert np.array_equal(through.keypoints[both, 2], without.keypoints[both, 2])
    assert through.keypoints[both, :2] == pytest.approx(bent.distort(without.keypoints[both, :2]), abs=1e-9)
