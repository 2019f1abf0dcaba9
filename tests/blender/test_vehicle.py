"""The generated vehicles: sound, labelled where a person would point, and the same every time."""

from functools import cache

import numpy as np
import pytest

from blender_scenes.vehicle import STYLES, Vehicle, build_vehicle
from pipeline.check_model import check_labelled_mesh
from pipeline.errors import SpecError
from pipeline.keypoints import KeypointSchema
from pipeline.vehicle import LabelledMesh

SEEDS = range(4)
CARS = [(style, seed) for style in STYLES for seed in SEEDS]
REAR_DOORS = {"door_RL", "door_RR"}
DIRECTIONS = np.array(
    [[1, 0, 0.15], [-1, 0, 0.15], [0, 1, 0.2], [0, -1, 0.2], [0.7, 0.7, 0.5], [-0.7, -0.7, 0.5], [0.1, 0.1, 1]]
)
MAX_OFF_SURFACE_M = 0.005
MAX_ASYMMETRY_M = 0.001
MAX_GROUND_GAP_M = 0.005
MAX_TRIANGLES = 125_000
# length, width with mirrors, height with rails but without antenna and load: what cars of the class measure
EXTENT_M = {
    "sedan": ((4.1, 5.2), (1.90, 2.30), (1.38, 1.62)),
    "hatchback": ((3.4, 4.5), (1.80, 2.20), (1.38, 1.66)),
    "wagon": ((4.2, 5.1), (1.90, 2.30), (1.38, 1.66)),
    "coupe": ((3.9, 4.95), (1.90, 2.32), (1.22, 1.48)),
    "suv": ((3.9, 5.1), (1.90, 2.40), (1.50, 2.02)),
    "pickup": ((4.8, 6.0), (1.95, 2.45), (1.68, 2.06)),
    "van": ((4.1, 5.9), (1.98, 2.45), (1.76, 2.65)),
    "minibus": ((4.7, 6.8), (2.05, 2.48), (2.00, 2.92)),
}


@cache
def car(style: str, seed: int) -> Vehicle:
    return build_vehicle(style, seed)


def is_hidden(mesh: LabelledMesh, point: np.ndarray, direction: np.ndarray, tolerance: float) -> bool:
    """Whether a ray from the point meets a triangle (Moeller and Trumbore): not by the product's own code."""
    a, b, c = mesh.vertices[mesh.triangles].transpose(1, 0, 2)
    along, up = b - a, c - a
    across = np.cross(direction, up)
    determinant = (along * across).sum(axis=1)
    crossed = np.abs(determinant) > 1e-14
    inverse = 1 / np.where(crossed, determinant, 1.0)
    start = point + tolerance * direction - a
    u = inverse * (start * across).sum(axis=1)
    turned = np.cross(start, along)
    v, distance = inverse * (turned @ direction), inverse * (up * turned).sum(axis=1)
    return bool((crossed & (u >= 0) & (v >= 0) & (u + v <= 1) & (distance > 0)).any())


def is_seen(mesh: LabelledMesh, point: np.ndarray, tolerance: float) -> bool:
    units = DIRECTIONS / np.linalg.norm(DIRECTIONS, axis=1, keepdims=True)
    outward = point / (mesh.vertices.max(axis=0)) - [0, 0, 0.5]
    likely_first = np.argsort(-(units @ outward), kind="stable")
    return any(not is_hidden(mesh, point, units[i], tolerance) for i in likely_first)


@pytest.mark.parametrize("style", STYLES)
def test_same_seed_gives_the_same_arrays(style: str):
    for seed in SEEDS[:1]:
        first, second = car(style, seed), build_vehicle(style, seed)
        assert first.parameters == second.parameters
        assert first.mesh.labels == second.mesh.labels
        for one, other in zip(first.parts, second.parts, strict=True):
            assert (one.name, one.material) == (other.name, other.material)
            np.testing.assert_array_equal(one.vertices, other.vertices)
            np.testing.assert_array_equal(one.triangles, other.triangles)


@pytest.mark.parametrize("style", STYLES)
def test_other_seeds_give_other_cars(style: str):
    shapes = {tuple(car(style, seed).mesh.extent_m) for seed in SEEDS}
    assert len(shapes) == len(SEEDS)


def test_model_check_finds_nothing(schema: KeypointSchema):
    assert check_labelled_mesh(car("sedan", 0).mesh, schema) == []  # slow, so one; the others are looked at below


@pytest.mark.parametrize(("style", "seed"), CARS)
def test_labels_are_complete_and_seen(style: str, seed: int, schema: KeypointSchema):
    vehicle = car(style, seed)
    mesh = vehicle.mesh
    assert set(schema.names) - set(mesh.labels) == (REAR_DOORS if vehicle.parameters["doors"] == 2 else set())
    assert len(mesh.labels["license_plate"]) == 2
    used = mesh.vertices[np.unique(mesh.triangles)]
    for k in schema.keypoints:
        if k.kind == "surface" and k.name in mesh.labels:
            for point in mesh.place_positions(k.name):
                assert np.linalg.norm(used - point, axis=1).min() < MAX_OFF_SURFACE_M, k.name
                assert is_seen(mesh, point, k.tolerance_m), k.name


@pytest.mark.parametrize(("style", "seed"), CARS)
def test_left_mirrors_right_and_wheels_stand_on_the_ground(style: str, seed: int, schema: KeypointSchema):
    mesh = car(style, seed).mesh
    for left, right in schema.flip:
        if left in mesh.labels:
            middle, other = (mesh.place_positions(name).mean(axis=0) for name in (left, right))
            assert middle[1] > 0
            np.testing.assert_allclose(middle, other * [1, -1, 1], atol=MAX_ASYMMETRY_M)
    for wheel in ("wheel_FL", "wheel_FR", "wheel_RL", "wheel_RR"):
        own = mesh.triangles[mesh.triangle_part == mesh.parts.index(wheel)]
        assert abs(mesh.vertices[own][..., 2].min()) < MAX_GROUND_GAP_M


@pytest.mark.parametrize(("style", "seed"), CARS)
def test_size_is_that_of_the_class(style: str, seed: int):
    vehicle = build_vehicle(style, seed, {"antenna": 0, "roof_load": 0})
    for side, (low, high) in zip(vehicle.mesh.extent_m, EXTENT_M[style], strict=True):
        assert low <= side <= high
    assert len(vehicle.mesh.triangles) <= MAX_TRIANGLES


@pytest.mark.parametrize(("style", "seed"), CARS)
def test_meshes_are_sound(style: str, seed: int):
    for part in car(style, seed).parts:
        assert np.isfinite(part.vertices).all()
        assert part.triangles.min() >= 0
        assert part.triangles.max() < len(part.vertices)
        assert part.normals is not None
        np.testing.assert_allclose(np.linalg.norm(part.normals, axis=1), 1.0, atol=1e-6)


def test_unknown_style_is_named_with_the_nearest():
    with pytest.raises(SpecError, match=r"vehicle style 'sedann' is not known; .*'sedan'"):
        build_vehicle("sedann", 1)
