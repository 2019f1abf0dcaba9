"""Other keypoint schemas from the same vehicle: every point where its name says, and the left one on the left."""

import numpy as np
import pytest

from blender_scenes.vehicle import STYLES, build_vehicle
from blender_scenes.vehicle.lenders import AT_REST
from pipeline.check_model import check_labelled_mesh
from pipeline.keypoints import load_schema
from pipeline.relabel import named_for
from pipeline.vehicle import LabelledMesh

OTHERS = ("apollocar24", "carfusion14")


def labelled(style: str, name: str) -> LabelledMesh:
    car = build_vehicle(style, 4, {**AT_REST, "exhaust": 1})
    known = LabelledMesh(
        car.mesh.vertices,
        car.mesh.triangles,
        car.mesh.triangle_part,
        car.mesh.parts,
        {**car.further, **car.mesh.labels},
        car.mesh.own_parts,
    )
    return named_for(known, load_schema(name))


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("style", STYLES)
def test_a_generated_vehicle_has_them_all(style: str, name: str):
    schema, mesh = load_schema(name), labelled(style, name)
    assert tuple(mesh.labels) == schema.names
    faults = [line for line in check_labelled_mesh(mesh, schema) if not line.startswith("Center: cannot be seen")]
    assert faults == []


@pytest.mark.parametrize("style", STYLES)
def test_points_are_where_their_names_say(style: str):
    mesh = labelled(style, "apollocar24")
    at = {name: mesh.place_positions(name)[0] for name in mesh.labels}
    assert at["front_up_left"][2] > at["mirror_edge_left"][2] > at["front_light_left"][2] > at["front_low_left"][2]
    assert at["front_light_left"][0] > at["front_up_left"][0] > at["central_up_left"][0] > at["rear_up_left"][0]
    assert at["rear_up_left"][2] > at["rear_corner_left"][2] > at["rear_low_left"][2]
    assert at["rear_plate_left"][1] == pytest.approx(-at["rear_plate_right"][1])
    half = mesh.extent_m[2] * 0.45
    assert min(at[n][2] for n in ("front_up_left", "central_up_left", "rear_up_left")) > half


def test_a_mesh_without_a_schemas_points_lacks_them():
    car = build_vehicle("sedan", 4, AT_REST)
    mesh = named_for(car.mesh, load_schema("apollocar24"))
    assert "front_wheel_left" in mesh.labels
    assert "front_up_left" not in mesh.labels
    assert mesh.own_parts["front_wheel_left"] == ("wheel_FL",)
    np.testing.assert_array_equal(mesh.place_positions("front_light_left"), car.mesh.place_positions("headlight_FL"))
