"""Faults of shape are found where they are, and not where they are not."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.check_shape import CONTACT_M, MAX_CLASH_M, check_shape, measure_shape
from pipeline.vehicle import LabelledMesh
from tests.conftest import box
from tests.pipeline.test_check_model import HUBS, car


def with_box(mesh: LabelledMesh, low: tuple[float, float, float], high: tuple[float, float, float]) -> LabelledMesh:
    """The same vehicle with one more box, of its body."""
    vertices, triangles = box(low, high)
    return replace(
        mesh,
        vertices=np.concatenate([mesh.vertices, vertices]),
        triangles=np.concatenate([mesh.triangles, triangles + len(mesh.vertices)]),
        triangle_part=np.concatenate([mesh.triangle_part, np.zeros(len(triangles), dtype=np.int64)]),
    )


def narrow_body(half: float = 0.72) -> LabelledMesh:
    """The box car with its body between the wheels; or further in, where they are steered."""
    mesh = car()
    vertices = mesh.vertices.copy()
    vertices[:8, 1] *= half / 0.9
    return replace(mesh, vertices=vertices)


def test_a_sound_shape_has_no_faults():
    found = measure_shape(narrow_body())
    assert check_shape(found) == []
    assert found.unpaired_share < 0.001
    assert found.floating == {}
    assert found.clash_m == pytest.approx(dict.fromkeys(HUBS, 0.0))


def test_what_floats_is_named_with_its_distance():
    found = measure_shape(with_box(narrow_body(), (-0.2, -0.2, 1.6), (0.2, 0.2, 1.7)))
    assert found.floating == {"body": pytest.approx(0.1, abs=0.02)}
    assert any(line.startswith("body: a piece of it floats 0.1") for line in check_shape(found))


def test_what_nearly_touches_does_not_float():
    gap = 0.5 * CONTACT_M
    assert measure_shape(with_box(narrow_body(), (-0.2, -0.2, 1.5 + gap), (0.2, 0.2, 1.7))).floating == {}


def test_two_pieces_that_float_together_float():
    mesh = with_box(narrow_body(), (-0.2, -0.2, 1.6), (0.2, 0.2, 1.7))
    assert "body" in measure_shape(with_box(mesh, (-0.2, -0.2, 1.71), (0.2, 0.2, 1.8))).floating


def test_what_reaches_into_a_tyre_is_measured():
    x, y, z = HUBS["wheel_FL"]
    found = measure_shape(with_box(narrow_body(), (x - 0.1, 0.2, z - 0.1), (x + 0.1, y - 0.15, z + 0.1)))
    assert found.clash_m["wheel_FL"] > MAX_CLASH_M
    assert found.clash_m["wheel_FR"] == 0.0
    assert [line.split(":")[0] for line in check_shape(found)] == ["wheel_FL"]


def steered(mesh: LabelledMesh, name: str, degrees: float) -> LabelledMesh:
    """The same vehicle with one wheel turned to the left about the vertical through its middle."""
    wheel = np.unique(mesh.triangles[mesh.triangle_part == mesh.parts.index(name)])
    vertices, angle = mesh.vertices.copy(), np.radians(degrees)
    middle = (vertices[wheel].min(axis=0) + vertices[wheel].max(axis=0)) / 2
    turn = np.array([[np.cos(angle), -np.sin(angle), 0.0], [np.sin(angle), np.cos(angle), 0.0], [0.0, 0.0, 1.0]])
    vertices[wheel] = (vertices[wheel] - middle) @ turn.T + middle
    return replace(mesh, vertices=vertices)


@pytest.mark.parametrize(
    ("degrees", "along", "clashes"), [(0, -1, 0), (30, -1, 1), (30, 1, 0), (-30, 1, 1), (-30, -1, 0)]
)
def test_a_steered_tyre_is_measured_where_it_has_been_turned_to(degrees: float, along: int, clashes: int):
    """A wall beside one end of a wheel, in which no corner lies: a wheel turned to the left swings its rear end in."""
    x, y, z = HUBS["wheel_FL"]
    low, high = sorted([x + 0.15 * along, x + 0.6 * along])
    walled = with_box(narrow_body(half=0.45), (low, y - 0.29, z - 0.5), (high, y - 0.26, z + 0.5))
    found = measure_shape(steered(walled, "wheel_FL", degrees)).clash_m
    assert (found["wheel_FL"] > MAX_CLASH_M) == clashes
    assert found["wheel_FR"] == 0.0


def test_a_vehicle_off_the_middle_has_no_mirror_image():
    mesh = narrow_body()
    found = measure_shape(replace(mesh, vertices=mesh.vertices + [0, 0.2, 0]))
    assert found.unpaired_share > 0.5
    assert any("no mirror image" in line for line in check_shape(found))
