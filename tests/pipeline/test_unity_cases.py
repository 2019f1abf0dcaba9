"""The situations that Unity Perception tests its keypoint labeler in (KeypointGroundTruthTests.cs), as tests of ours.

Where rules differ, ours is tested, and the test says so; what tests the engine has no counterpart."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.annotate import annotate
from pipeline.camera import Camera
from pipeline.visibility import PosedVehicle, view_scene
from tests.pipeline.labelled_cube import (
    BACK,
    CORNERS,
    FRONT,
    NAMES,
    at,
    block,
    camera,
    cube,
    cube_schema,
    labels_of,
    states,
)

LEFT = [name for name in CORNERS if name.endswith("Left")]
RIGHT = [name for name in CORNERS if name.endswith("Right")]
SCHEMA = cube_schema()


def pixel(labels, name: str) -> NDArray[np.float64]:
    return labels.keypoints[NAMES.index(name), :2]


def in_camera(labels, name: str) -> NDArray[np.float64]:
    return labels.camera_m[NAMES.index(name)]


def test_template():
    assert len(SCHEMA) == 9
    assert len(SCHEMA.skeleton_index) == 12
    assert SCHEMA.index("FrontUpperLeft") == 0
    assert SCHEMA.skeleton_index[0] == (0, 1)


def test_all_on_screen_front_is_seen_and_back_is_hidden_by_itself():
    found = labels_of(camera(), cube(6), at(0, 0, 8), SCHEMA)
    assert states(found, FRONT) == [2] * 4
    assert states(found, BACK) == [1] * 4
    assert [found.reasons[NAMES.index(name)] for name in BACK] == ["self"] * 4
    assert states(found, ["Center"]) == [0], "it has no such label"
    assert pixel(found, "Center").tolist() == [0, 0]
    for depth in ("Front", "Back"):
        for side in ("Left", "Right"):
            assert pixel(found, f"{depth}Upper{side}")[0] == pixel(found, f"{depth}Lower{side}")[0]
        for height in ("Upper", "Lower"):
            assert pixel(found, f"{depth}{height}Left")[1] == pixel(found, f"{depth}{height}Right")[1]
    assert pixel(found, "FrontUpperLeft")[1] < pixel(found, "BackUpperLeft")[1] < pixel(found, "BackLowerLeft")[1]
    np.testing.assert_allclose(in_camera(found, "FrontUpperLeft"), [-3, -3, 15])
    np.testing.assert_allclose(in_camera(found, "BackLowerRight"), [3, 3, 21])


def test_a_camera_far_off_and_turned_sees_the_same_in_its_own_frame():
    turned = camera(pose=at(2500, 17, -52, about_y_deg=90))  # looks along x
    found = labels_of(turned, cube(6), at(2510, 17, -52), SCHEMA)
    # what was the front is now on its left, and what was left is near
    np.testing.assert_allclose(in_camera(found, "FrontLowerLeft"), [3, 3, 7], atol=1e-9)
    np.testing.assert_allclose(in_camera(found, "BackUpperRight"), [-3, -3, 13], atol=1e-9)
    assert states(found, LEFT) == [2] * 4
    assert states(found, RIGHT) == [1] * 4


def test_what_is_not_labelled_has_no_annotation_and_hides_all_the_same():
    vertices, triangles = block(6, 0, 0, 8)
    assert annotate(view_scene(camera(), (), ((vertices, triangles),)), SCHEMA) == []
    (found,) = annotate(view_scene(camera(), (PosedVehicle(cube(6), at(0, 0, 8)),)), SCHEMA)
    assert found["num_keypoints"] == 8
    behind = PosedVehicle(cube(6), at(4, 0, 20))
    (found,) = annotate(view_scene(camera(), (behind,), ((vertices, triangles),)), SCHEMA)
    assert "object" in found["keypoint_reasons"]


@pytest.mark.parametrize("place", [(-1000, -1000, 0), (0, 0, -100), (0, 0, -20), (40, 0, 8)])
def test_all_off_screen_or_behind_the_camera(place: tuple[float, float, float]):
    posed = PosedVehicle(cube(6), at(*place))
    assert annotate(view_scene(camera(), (posed,)), SCHEMA) == []
    found = labels_of(camera(), cube(6), at(*place), SCHEMA)
    assert not found.keypoints.any(), "v, x and y are zero"
    assert set(found.reasons) == {"truncated", "absent"}


def test_corners_behind_the_camera_are_outside_and_those_ahead_are_labelled():
    found = labels_of(camera(), cube(6), at(0, 4.9, -10), SCHEMA)  # above it, its middle below the lens
    assert states(found, FRONT) == [0] * 4
    assert states(found, BACK) == [0, 0, 0, 0], "ahead, but far below the frame"
    wide = camera(field_deg=150)
    assert states(labels_of(wide, cube(6), at(0, 4.9, -10), SCHEMA), FRONT) == [0] * 4
    assert states(labels_of(wide, cube(6), at(0, 4.9, -10), SCHEMA), BACK) == [2, 2, 1, 1], "the far edge is on top"


def test_a_cube_that_moves():
    mesh = cube(6, centre=(0, 0, -0.5))
    still = labels_of(camera(), mesh, at(0, 0, 8), SCHEMA)
    assert pixel(still, "Center").tolist() == [512, 384]
    assert states(still, ["Center"]) == [2]
    moved = labels_of(camera(), mesh, at(-1, 0, 0), SCHEMA)
    assert pixel(moved, "Center") == pytest.approx([417, 384], abs=0.1)  # 512 - 665.1 / 7


@pytest.mark.parametrize("step", range(6))
def test_a_cube_that_turns_and_moves_keeps_its_labels_on_it(step: int):
    pose = at(-1.4 + 0.3 * step, 0.2 * step, 1 + step, about_x_deg=17 * step, about_y_deg=40 * step)
    found = labels_of(camera(), cube(2), pose, SCHEMA)
    world = np.array(list(CORNERS.values())) * 2 @ pose[:3, :3].T + pose[:3, 3]
    focal = 384 / np.tan(np.radians(30))
    expected = world[:, :2] / (world[:, 2:] + 10) * focal + [512, 384]
    np.testing.assert_allclose(found.keypoints[:8, :2], expected)
    towards = [0, 0, -10] - pose[:3, 3]
    faces = [pose[:3, i] * sign for i in range(3) for sign in (-1, 1)]
    facing = [face @ towards > 1 for face in faces]  # of a cube of 2 m, a face is seen from beyond its plane
    for name, corner in CORNERS.items():
        of_corner = [2 * i + (value > 0) for i, value in enumerate(corner)]
        assert states(found, [name]) == [2 if any(facing[i] for i in of_corner) else 1], name


@pytest.mark.parametrize("times", [1, 5])
def test_partly_off_screen(times: int):
    for _ in range(times):  # labels do not depend on what was labelled before
        found = labels_of(camera(), cube(6), at(13.5, 0, 8), SCHEMA)
        assert all(states(found, LEFT))
        assert states(found, RIGHT) == [0] * 4
        assert [found.reasons[NAMES.index(name)] for name in RIGHT] == ["truncated"] * 4
    (annotation,) = annotate(view_scene(camera(), (PosedVehicle(cube(6), at(13.5, 0, 8)),)), SCHEMA)
    assert annotation["bbox"][0] + annotation["bbox"][2] == 1024
    assert annotation["num_keypoints"] == 4


def test_fully_blocked():
    wall = block(7, 0, 0, 5)
    assert annotate(view_scene(camera(), (PosedVehicle(cube(6), at(0, 0, 8)),), (wall,)), SCHEMA) == []
    found = labels_of(camera(), cube(6), at(0, 0, 8), SCHEMA, (wall,))
    assert states(found, list(CORNERS)) == [1] * 8
    assert set(found.reasons[:8]) == {"object"}


def test_partly_blocked_by_an_object_and_by_another_cube():
    found = labels_of(camera(), cube(6), at(0, 0, 8), SCHEMA, (block(7, 3, 0, 5),))
    assert [states(found, [f"Front{h}Left", f"Back{h}Left"]) for h in ("Upper", "Lower")] == [[2, 1], [2, 1]]
    assert states(found, RIGHT) == [1] * 4
    assert found.reasons[NAMES.index("BackUpperLeft")] == "self"
    assert found.reasons[NAMES.index("FrontUpperRight")] == "object"
    pair = (PosedVehicle(cube(6), at(0, 0, 8)), PosedVehicle(cube(7), at(3, 0, 5)))
    first, second = annotate(view_scene(camera(), pair), SCHEMA)
    assert first["keypoint_reasons"][NAMES.index("FrontUpperRight")] == "instance"
    assert second["keypoint_reasons"][NAMES.index("FrontUpperRight")] == "seen"


@pytest.mark.parametrize(
    ("scale", "front", "back", "upper_left"),
    [
        (1.0, [2, 0, 0, 0], 1, (0, 0)),  # the frame holds its left and top edge, and neither right nor bottom
        (1.001, [0, 0, 0, 0], 1, (0, 0)),
        (1.2, [0, 0, 0, 0], 0, (0, 0)),
        (0.999, [2, 2, 2, 2], 1, (0.512, 0.512)),
    ],
)
def test_corners_on_the_border_of_the_frame(scale: float, front: list[int], back: int, upper_left: tuple[float, float]):
    """Focal length and distance make the front of a cube of 1 m fill the frame to the last bit."""
    distance, focal = 9.5, 512 * 9.5 / 0.5
    view = Camera(1024, 1024, np.array([[focal, 0, 512], [0, focal, 512], [0, 0, 1]]), np.eye(4))
    found = labels_of(view, cube(scale), at(0, 0, distance + scale / 2), SCHEMA)
    assert states(found, FRONT) == front
    assert states(found, BACK) == [back] * 4, "the back is smaller in the picture, and behind the front"
    assert pixel(found, "FrontUpperLeft") == pytest.approx(upper_left, abs=1e-3)


def test_a_cube_of_no_size_has_no_annotation():
    assert annotate(view_scene(camera(), (PosedVehicle(cube(0), at(0, 0, 8)),)), SCHEMA) == []


SLAB = (1.0, 1.0, 0.5)
INSIDE = [  # size, about x, away, field of view, tolerance, how deep below the front, hidden; metres
    ((1, 1, 1), 0, 0, 60, 0.1, 0.2, True),
    ((1, 1, 1), 0, 0, 60, 0.2, 0.005, False),
    ((1, 1, 1), 0, 0, 60, 0.1, 0.05, False),
    ((1, 1, 1), 0, 88, 1, 0.1, 0.05, False),
    ((1, 1, 1), 0, 88, 1, 0.1, 0.101, True),
    ((1, 1, 1), 0, 88, 1, 1.0, 2.0, True),  # on the other side, in the open
    ((0.5, 0.5, 0.5), 0, 0, 60, 0.2, 0.3, True),
    (SLAB, 0, 0, 60, 0.2, 0.3, True),
    (SLAB, 0, 0, 60, 0.2, 0.15, False),  # 0.3 of its size: Unity's tolerance would scale with it
    (SLAB, 45, 0, 60, 0.25, 0.2, True),  # along the line of sight it is deeper, by 1 / cos 45
    (SLAB, 45, 0, 60, 0.3, 0.2, False),
]


@pytest.mark.parametrize("others_m", [0.0, 0.5])
@pytest.mark.parametrize(("size", "turn", "away", "field", "tolerance", "deep", "hidden"), INSIDE)
def test_a_point_inside_is_seen_as_far_as_its_own_tolerance(
    size: tuple[float, float, float],
    turn: float,
    away: float,
    field: float,
    tolerance: float,
    deep: float,
    hidden: bool,
    others_m: float,
):
    mesh = cube(size, centre=(0, 0, deep / size[2] - 0.5))
    pose = at(0, 0, away, about_x_deg=turn)
    # the point on the axis, so that the line of sight is the camera's
    pose[:3, 3] -= pose[:3, :3] @ mesh.place_positions("Center")[0]
    found = labels_of(camera(1024, 1024, field), mesh, pose, cube_schema(others_m, centre_m=tolerance))
    assert pixel(found, "Center") == pytest.approx([512, 512])
    assert states(found, ["Center"]) == [1 if hidden else 2]


CORNER = (-0.4, -0.4, -0.4)
ROTATED = [  # size, about x, where in sizes, tolerance in metres, hidden
    ((90, 90, 10), 0, CORNER, 1.1, False),  # 1 m below the front
    ((90, 90, 10), 0, CORNER, 0.9, True),
    ((90, 90, 1), 0, (-0.4, -0.4, 0.4), 0.5, True),  # 0.9 m
    ((90, 90, 9), -90, CORNER, 9.9, True),  # 81 m: turned so that its lower side is in front
    ((90, 90, 9), 90, CORNER, 9.9, False),  # 9 m: its upper side
    ((90, 90, 9), 90, CORNER, 8.1, True),
    ((90, 60, 90), 45, CORNER, 9.4, False),  # 6 m below the upper side: 8.5 m along the line of sight
    ((90, 60, 90), 45, CORNER, 7.6, True),
]


@pytest.mark.parametrize(("size", "turn", "where", "tolerance", "hidden"), ROTATED)
def test_a_corner_of_a_turned_and_stretched_box_is_seen_as_far_as_its_tolerance(
    size: tuple[float, float, float],
    turn: float,
    where: tuple[float, float, float],
    tolerance: float,
    hidden: bool,
):
    """From so far that lines of sight are nearly parallel."""
    mesh = cube(size, centre=where)
    found = labels_of(
        camera(1024, 1024, 0.15), mesh, at(0, 0, 60_000, about_x_deg=turn), cube_schema(0.01, centre_m=tolerance)
    )
    assert states(found, ["Center"]) == [1 if hidden else 2]


def test_its_own_part_does_not_hide_a_point_in_its_volume_and_all_else_does():
    """What Unity has an override of the distance for, on one model: here the schema says which points lie inside."""
    mesh, inside = cube(6, centre=(0.1, 0.1, 0.2)), cube_schema(0.01, centre_kind="volume")
    assert states(labels_of(camera(), mesh, at(0, 0, 8), SCHEMA), ["Center"]) == [1]
    assert states(labels_of(camera(), mesh, at(0, 0, 8), inside), ["Center"]) == [2]
    assert states(labels_of(camera(), mesh, at(0, 0, 8), inside, (block(2, 0, 0, 2),)), ["Center"]) == [1]


def hidden_by_a_box(point: NDArray, eye: NDArray, middles: NDArray, half: NDArray) -> bool:
    """Whether the way from the eye to the point enters any of many boxes before it ends (Kay and Kajiya's slabs)."""
    way = point - eye
    with np.errstate(divide="ignore"):
        first, second = (middles - half[:, None] - eye) / way, (middles + half[:, None] - eye) / way
    enters, leaves = np.minimum(first, second).max(axis=1), np.maximum(first, second).min(axis=1)
    return bool(((enters < leaves) & (enters < 1 - 1e-9) & (leaves > 0)).any())


@pytest.mark.parametrize("both", [False, True])
def test_hundreds_of_objects(both: bool):
    """10 x 10 cubes, then 25 x 25 more: every one annotated, every corner as a ray through the boxes says."""
    places, sides = [], []
    for low, side, count in ((-2.0, 0.2, 10), (0.0, 0.16, 25))[: 2 if both else 1]:
        for x in range(count):
            for y in range(count):
                places.append((low + side * x, low + side * y, 0.0))
                sides.append(side - 0.001)
    exact = cube_schema(0.0)
    meshes = {side: cube(side) for side in set(sides)}
    vehicles = tuple(PosedVehicle(meshes[side], at(*place)) for side, place in zip(sides, places, strict=True))
    view = camera(1024, 1024)
    annotations = annotate(view_scene(view, vehicles), exact)
    assert len(annotations) == len(places)
    middles, half = np.array(places), np.array(sides) / 2
    counted = {1: 0, 2: 0}
    for number in range(0, len(places), 7):
        states_found = annotations[number]["keypoints"][2:24:3]
        for (name, corner), state in zip(CORNERS.items(), states_found, strict=True):
            point = middles[number] + np.array(corner) * sides[number]
            hidden = hidden_by_a_box(point, np.array([0.0, 0, -10]), middles, half)
            assert state == (1 if hidden else 2), (number, name)
            counted[state] += 1
            assert name not in FRONT or state == 2
    assert min(counted.values()) > 40


def test_crowd():
    """Of a row of cubes behind each other, those that are barely seen are a crowd; the target never is."""
    row = tuple(PosedVehicle(cube(2), at(0.45 * i, 0, 2.5 * i)) for i in range(4))
    annotations = annotate(view_scene(camera(), row), SCHEMA, crowd_below=0.25)
    assert [a["iscrowd"] for a in annotations] == [0, 1, 1, 1]
    assert annotations[0]["visible_fraction"] > 0.99
    assert all(a["visible_fraction"] < 0.25 for a in annotations[1:])
    target_last = annotate(view_scene(camera(), row[::-1]), SCHEMA, crowd_below=0.25)
    assert target_last[0]["iscrowd"] == 0, "the first is the target, however little is seen of it"
