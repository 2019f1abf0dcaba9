"""A model of one material gets paint, rubber, rims, lamps and windows from its labels, and the paint a colour."""

from collections.abc import Iterator

import bpy
import numpy as np
import pytest

from blender_scenes.materials import colour_materials, linear
from blender_scenes.repaint import repaint, slot_of_name, slots_of_places
from blender_scenes.vehicle import build_vehicle
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
    colour_materials(materials, Appearance(paint_rgb=(0.1, 0.5, 0.2)))
    mixed = materials["paint"].node_tree.nodes["colour"].inputs[6].default_value
    assert tuple(mixed)[:3] == pytest.approx(linear((0.1, 0.5, 0.2))[:3])


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
