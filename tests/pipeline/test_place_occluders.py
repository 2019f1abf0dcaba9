"""Occluders before a target: out of everything's way, and hiding no more than they may."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.annotate import annotate
from pipeline.camera import Camera, intrinsics_from_lens, look_at
from pipeline.footprints import apart, entry, ground_hull
from pipeline.keypoints import KeypointSchema
from pipeline.occluders_spec import OccluderDraw
from pipeline.place_occluders import Placed, place_occluders
from pipeline.plan import CameraDraw
from pipeline.vehicle import LabelledMesh
from pipeline.viewpoint import place_camera
from pipeline.visibility import PosedVehicle, label_keypoints, view_scene
from tests.conftest import box

FIGURE = box((-0.15, -0.25, 0.0), (0.15, 0.25, 1.75))
POST = box((-0.06, -0.06, 0.0), (0.06, 0.06, 4.0))


def draws(count: int, seed: int, cover: float = 0.3, near_camera: bool = False) -> list[OccluderDraw]:
    return [
        OccluderDraw(kind="person", cover=cover, near_camera=near_camera, seed=100 * seed + n) for n in range(count)
    ]


def camera_at(mesh: LabelledMesh, azimuth: float, elevation: float, lens: float, fill: float) -> Camera:
    draw = CameraDraw(
        azimuth_deg=azimuth,
        elevation_deg=elevation,
        roll_deg=3,
        lens_mm=lens,
        fill=fill,
        shift_x=0.05,
        shift_y=-0.04,
    )
    return place_camera(draw, mesh.vertices, 200, 150)


def hidden(camera: Camera, target: PosedVehicle, placed: list[Placed]) -> float:
    """Share of the target's pixels that the occluders hide, in the whole image."""
    alone = view_scene(camera, (target,)).seen_triangles >= 0
    view = view_scene(camera, (target,), tuple((one.vertices, one.triangles) for one in placed))
    seen = view.seen_triangles
    return float(((seen < 0) | (view.owner[seen] < 0))[alone].mean())


@settings(max_examples=40)
@given(
    azimuth=st.floats(0, 360),
    elevation=st.sampled_from([-3.0, 2.0, 12.0, 30.0, 50.0]),
    lens=st.sampled_from([20.0, 35.0, 85.0]),
    fill=st.sampled_from([0.3, 0.7, 1.3]),
    cover=st.sampled_from([0.05, 0.15, 0.4]),
    near_camera=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_occluders_keep_their_distance_and_their_share(
    box_car: LabelledMesh,
    azimuth: float,
    elevation: float,
    lens: float,
    fill: float,
    cover: float,
    near_camera: bool,
    seed: int,
):
    camera, target, behind = camera_at(box_car, azimuth, elevation, lens, fill), np.eye(4), np.eye(4)
    behind[:3, 3] = [0.4, 2.9, 0.0]
    vehicles = [PosedVehicle(box_car, target), PosedVehicle(box_car, behind)]
    wanted = [
        (draw, mesh) for draw, mesh in zip(draws(3, seed, cover, near_camera), (FIGURE, POST, FIGURE), strict=True)
    ]
    placed = place_occluders(camera, vehicles[0], vehicles[1:], wanted, least=0.5)
    hulls = [ground_hull(one.vertices) for one in placed]
    for one, hull in zip(placed, hulls, strict=True):
        assert one.vertices[:, 2].min() == pytest.approx(0.0)
        assert all(apart(hull, ground_hull(v.to_world(v.mesh.vertices))) >= 0.1 for v in vehicles)
        nearest = np.clip(camera.position, one.vertices.min(axis=0), one.vertices.max(axis=0))
        assert apart(hull, camera.position[None, :2]) >= 0.3 or camera.position[2] - nearest[2] >= 0.3
        assert hidden(camera, vehicles[0], [one]) <= cover + 0.02, "as far as a small image can tell"
        assert hidden(camera, vehicles[0], [one]) == pytest.approx(one.hides, abs=0.02)
    assert all(apart(a, b) >= 0.1 for a, b in combinations(hulls, 2))


def test_nearly_all_find_a_place_and_hide_something(box_car: LabelledMesh):
    target, found = PosedVehicle(box_car, np.eye(4)), []
    for seed in range(30):
        camera = camera_at(box_car, 12.0 * seed, 8, 50, 0.7)
        found += [one.hides for one in place_occluders(camera, target, [], [(draws(1, seed)[0], FIGURE)], 0.5)]
    assert len(found) >= 28
    assert min(found) > 0
    assert np.mean(found) > 0.08


def test_what_is_close_to_the_camera_stands_there(box_car: LabelledMesh):
    target, distances = PosedVehicle(box_car, np.eye(4)), []
    for seed in range(20):
        camera = camera_at(box_car, 18.0 * seed, 5, 50, 0.6)
        wanted = [(draws(1, seed, near_camera=True)[0], FIGURE)]
        placed = place_occluders(camera, target, [], wanted, 0.5)
        distances += [float(np.linalg.norm((one.position - camera.position)[:2])) for one in placed]
    assert len(distances) >= 12
    assert max(distances) < 3.0


def test_together_they_leave_enough_to_be_seen(box_car: LabelledMesh):
    target, camera = PosedVehicle(box_car, np.eye(4)), camera_at(box_car, 70, 6, 50, 0.7)
    wanted = [(draw, FIGURE) for draw in draws(6, 3, cover=0.4)]
    few = place_occluders(camera, target, [], wanted, least=0.85)
    many = place_occluders(camera, target, [], wanted, least=0.3)
    assert hidden(camera, target, few) <= 0.15 + 0.02
    assert few
    assert hidden(camera, target, few) < hidden(camera, target, many) <= 0.7


def test_obstacles_are_kept_clear_and_kerbs_are_climbed(box_car: LabelledMesh):
    target, camera = PosedVehicle(box_car, np.eye(4)), camera_at(box_car, 90, 8, 50, 0.7)
    wanted = [(draw, FIGURE) for draw in draws(3, 5)]
    left = np.array([[-9.0, 1.0], [0.0, 1.0], [0.0, 40.0], [-9.0, 40.0]])
    placed = place_occluders(camera, target, [], wanted, 0.4, [left], lambda xy: 0.12)
    assert placed
    assert all(apart(ground_hull(one.vertices), left) >= 0.1 for one in placed)
    assert all(one.vertices[:, 2].min() == pytest.approx(0.12) for one in placed)
    all_around = np.array([[-60.0, -60.0], [60.0, -60.0], [60.0, 60.0], [-60.0, 60.0]])
    assert place_occluders(camera, target, [], wanted, 0.4, [all_around]) == []


def test_the_same_draws_stand_in_the_same_places(box_car: LabelledMesh):
    target, camera = PosedVehicle(box_car, np.eye(4)), camera_at(box_car, 40, 8, 50, 0.7)
    wanted = [(draw, FIGURE) for draw in draws(2, 8)]
    first, again = (place_occluders(camera, target, [], wanted, 0.4) for _ in range(2))
    assert [one.position.tolist() for one in first] == [one.position.tolist() for one in again]
    assert first[0].to_json(wanted[0][0])["kind"] == "person"


def test_keypoints_behind_an_occluder_are_hidden_by_an_object(schema: KeypointSchema, box_car: LabelledMesh):
    target = PosedVehicle(box_car, np.eye(4))
    camera = Camera(320, 240, intrinsics_from_lens(320, 240, 35), look_at([0.1, 6.0, 1.2], [0.1, 0, 0.9]))
    post = box((0.0, 2.0, 0.0), (0.2, 2.1, 3.0))
    bare, hidden_view = view_scene(camera, (target,)), view_scene(camera, (target,), (post,))
    before, after = (label_keypoints(view, 0, schema) for view in (bare, hidden_view))
    door, wheel = schema.names.index("door_FL"), schema.names.index("wheel_FL")
    assert (before.keypoints[door, 2], after.keypoints[door, 2]) == (2, 1)
    assert after.reasons[door] == "object"
    assert after.keypoints[door, :2].tolist() == before.keypoints[door, :2].tolist()
    assert after.reasons[wheel] == before.reasons[wheel] == "seen"
    whole, part = annotate(bare, schema)[0], annotate(hidden_view, schema)[0]
    assert part["area"] < whole["area"]
    assert part["visible_fraction"] == pytest.approx(part["area"] / whole["area"], abs=0.01)
    assert part["bbox_amodal"] == whole["bbox_amodal"]


def test_distances_on_the_ground():
    square = ground_hull([(0, 0, 5), (1, 0, 0), (1, 1, 0), (0, 1, 2), (0.5, 0.5, 9)])
    assert len(square) == 4
    assert apart(square, square + [3, 0]) == pytest.approx(2)
    assert apart(square, square + [0.5, 0.5]) < 0
    assert apart(square, np.array([[0.5, 1.25]])) == pytest.approx(0.25)
    assert entry(np.array([-2.0, 0.5]), np.array([1.0, 0.0]), square) == pytest.approx(2)
    assert entry(np.array([-2.0, 0.5]), np.array([-1.0, 0.0]), square) is None
    assert entry(np.array([-2.0, 1.5]), np.array([1.0, 0.0]), square) is None
