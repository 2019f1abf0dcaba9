import numpy as np
import pytest

from pipeline.camera import Camera, look_at
from pipeline.raster import depths_at, project_triangles, rasterize
from pipeline.vehicle import LabelledMesh

INTRINSICS = np.array([[60.0, 0.0, 21.0], [0.0, 60.0, 14.0], [0.0, 0.0, 1.0]])


def camera(position: tuple[float, float, float] = (5.0, 3.0, 2.0)) -> Camera:
    return Camera(44, 30, INTRINSICS, look_at(position, [0.1, 0.0, 0.9], roll_rad=0.3))


def ray_depths(view: Camera, mesh: LabelledMesh, pixel: np.ndarray) -> dict[int, float]:
    """Moeller and Trumbore's ray test, one triangle at a time, in world space: the slow twin."""
    rotation = view.world_from_camera[:3, :3]
    ray = rotation @ np.linalg.inv(view.intrinsics) @ [*pixel, 1.0]
    hits = {}
    for number, (a, b, c) in enumerate(mesh.vertices[mesh.triangles]):
        normal = np.cross(b - a, c - a)
        if abs(normal @ ray) < 1e-12:
            continue
        distance = normal @ (a - view.position) / (normal @ ray)
        point = view.position + distance * ray
        inside = [normal @ np.cross(q - p, point - p) >= 0 for p, q in ((a, b), (b, c), (c, a))]
        if distance > 0 and all(inside):
            hits[number] = distance  # the ray's z in the camera frame is 1, so this is depth
    return hits


def test_every_pixel_agrees_with_ray_casting(box_car: LabelledMesh):
    view = camera()
    depth, triangle = rasterize(project_triangles(view, box_car.vertices, box_car.triangles), 44, 30)
    for row in range(30):
        for column in range(44):
            hits = ray_depths(view, box_car, np.array([column + 0.5, row + 0.5]))
            if not hits:
                assert triangle[row, column] == -1
                assert depth[row, column] == np.inf
            else:
                assert depth[row, column] == pytest.approx(min(hits.values()), rel=1e-9)
                assert hits[triangle[row, column]] == pytest.approx(min(hits.values()), rel=1e-9)


def test_depths_under_a_point_agree_with_ray_casting(box_car: LabelledMesh):
    view = camera()
    screen = project_triangles(view, box_car.vertices, box_car.triangles)
    for pixel in np.random.default_rng(5).uniform([0, 0], [44, 30], (200, 2)):
        depths, triangles = depths_at(screen, pixel)
        found = dict(zip(triangles.tolist(), depths.tolist(), strict=True))
        assert found == pytest.approx(ray_depths(view, box_car, pixel), rel=1e-9)


def test_a_camera_inside_the_box_sees_only_what_is_ahead(box_car: LabelledMesh):
    """Triangles that cross the near plane are cut, not dropped and not turned inside out."""
    view = camera(position=(0.5, 0.2, 1.0))
    depth, _ = rasterize(project_triangles(view, box_car.vertices, box_car.triangles), 44, 30)
    for row, column in ((0, 0), (15, 20), (29, 43), (3, 40)):
        hits = ray_depths(view, box_car, np.array([column + 0.5, row + 0.5]))
        assert depth[row, column] == pytest.approx(min(hits.values()), rel=1e-6)


def test_two_triangles_that_share_an_edge_leave_no_gap():
    view = Camera(40, 40, np.array([[40.0, 0, 20], [0, 40.0, 20], [0, 0, 1]]), np.eye(4))
    vertices = np.array([[-0.4, -0.3, 1], [0.4, -0.3, 1], [0.4, 0.3, 1], [-0.4, 0.3, 1]], dtype=float)
    _, triangle = rasterize(project_triangles(view, vertices, [[0, 1, 2], [0, 2, 3]]), 40, 40)
    assert (triangle >= 0).sum() == 32 * 24
