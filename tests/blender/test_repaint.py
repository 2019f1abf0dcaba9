"""A model of one material gets paint, rubber, rims, lamps and windows from its labels, and the paint a colour."""

from collections.abc import Iterator

import bpy
import numpy as np
import pytest

from blender_scenes.car_frame import frame_of, frame_of_labels
from blender_scenes.color import linear
from blender_scenes.materials import colour_materials
from blender_scenes.repaint import repaint, slot_of_name, slots_of_places
from blender_scenes.vehicle import build_vehicle
from blender_scenes.vehicle_objects import add_vehicle
from pipeline.appearance import Appearance

pytestmark = pytest.mark.blender


@pytest.fixture(autouse=True)
def empty_scene() -> Iterator[None]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    yield
    bpy.ops.wm.read_factory_settings(use_empty=True)


def test_places_agree_with_what_the_generator_made():
    car = build_vehicle("sedan", 7)
    agreed = {}
    for slot, made in {"tyre": {"tyre"}, "rim": {"rim"}, "gloss_black": {"glass_front", "glass_rear"}}.items():
        parts = [part for part in car.parts if part.material in made]
        corners = np.concatenate([part.vertices[part.triangles] for part in parts])
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(normals, axis=1)
        found = slots_of_places(corners.mean(axis=1), normals / area.clip(1e-12)[:, None], car.mesh) == slot
        agreed[slot] = float(area[found].sum() / area.sum())
    assert min(agreed.values()) > 0.6, agreed


def test_one_mesh_without_materials_takes_the_appearance():
    car = build_vehicle("sedan", 7)
    data = bpy.data.meshes.new("scan")
    data.from_pydata(car.mesh.vertices.tolist(), [], car.mesh.triangles.tolist())
    item = bpy.data.objects.new("scan", data)
    bpy.context.scene.collection.objects.link(item)
    materials = repaint([item], car.mesh)
    assert {"paint", "tyre", "rim", "gloss_black", "lamp_front", "lamp_rear", "plate"} <= set(materials)
    used = {data.materials[polygon.material_index].name for polygon in data.polygons}
    assert {"akd_paint", "akd_tyre", "akd_rim", "akd_lamp_front", "akd_lamp_rear"} <= used
    colour_materials(materials, Appearance(paint_rgb=(0.1, 0.5, 0.2), paint_finish="solid"), frame_of_labels(car.mesh))
    inputs = [socket for node in materials["paint"].node_tree.nodes for socket in node.inputs if socket.type == "RGBA"]
    colours = [tuple(socket.default_value)[:3] for socket in inputs]
    assert any(colour == pytest.approx(linear((0.1, 0.5, 0.2))[:3]) for colour in colours)


def test_labels_tell_the_frame_that_the_meshes_do():
    car = build_vehicle("sedan", 7)
    told, built = frame_of_labels(car.mesh), frame_of(add_vehicle(car))
    for name, tolerance in {
        "front": 0.1,
        "rear": 0.1,
        "front_axle": 0.02,
        "rear_axle": 0.02,
        "wheel_radius": 0.01,
    }.items():
        assert getattr(told, name) == pytest.approx(getattr(built, name), abs=tolerance), name
    assert told.belt == pytest.approx(built.belt, abs=0.15)
    assert told.cant == pytest.approx(built.cant, abs=0.1)


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("Tire.001", "tyre"),
        ("window_f04-mesh", "glass_side"),
        ("brakelight-mesh", "lamp_rear"),
        ("Headlight_L", "lamp_front"),
        ("CarBody", "paint"),
        ("Material_7", None),
    ],
)
def test_names_tell(name: str, slot: str | None):
    assert slot_of_name(name) == slot
