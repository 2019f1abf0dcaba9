"""A generated vehicle as Blender objects: one mesh per material, under one empty."""

from collections.abc import Sequence

import bpy
import numpy as np
from numpy.typing import NDArray

from blender_scenes.car_frame import CarFrame, frame_of, keep_frame, measure_car
from blender_scenes.materials import MaterialSet, build_materials, colour_materials
from blender_scenes.vehicle import Part, Vehicle
from pipeline.appearance import Appearance

PREFIX = "akd_vehicle"
FRAME_SLOTS = ("paint", "glass_side", "tyre", "plate")


def add_vehicle(vehicle: Vehicle) -> list[bpy.types.Object]:
    """Put a vehicle into the current scene, at the origin, in the vehicle frame; the first object is its parent."""
    scene = bpy.context.scene
    parent = bpy.data.objects.new(PREFIX, None)
    scene.collection.objects.link(parent)
    objects = [parent]
    materials = build_materials(sorted({part.material for part in vehicle.parts}))
    for slot, material in materials.items():
        mesh = new_mesh(f"{PREFIX}.{slot}", [part for part in vehicle.parts if part.material == slot])
        mesh.materials.append(material)
        item = bpy.data.objects.new(f"{PREFIX}.{slot}", mesh)
        item.parent = parent
        scene.collection.objects.link(item)
        objects.append(item)
    keep_frame(parent, measure_vehicle(vehicle))
    return objects


def measure_vehicle(vehicle: Vehicle) -> CarFrame:
    """Where its parts are, for its materials."""
    return measure_car({slot: _joined([p for p in vehicle.parts if p.material == slot]) for slot in FRAME_SLOTS})


def set_appearance(objects: Sequence[bpy.types.Object], appearance: Appearance) -> None:
    """Repaint a vehicle that `add_vehicle` made; its meshes stay, so it is cheap."""
    colour_materials(_materials_of(objects), appearance, frame_of(objects))


def _materials_of(objects: Sequence[bpy.types.Object]) -> MaterialSet:
    return {o.name.split(".")[1]: o.data.materials[0] for o in objects if o.type == "MESH"}


def _joined(parts: Sequence[Part]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices and triangles of several parts."""
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    triangles = np.concatenate([p.triangles + start for p, start in zip(parts, starts, strict=False)])
    return np.concatenate([part.vertices for part in parts]), triangles


def new_mesh(name: str, parts: Sequence[Part]) -> bpy.types.Mesh:
    """Several parts as one mesh of Blender's, smooth where they have normals."""
    vertices, triangles = _joined(parts)
    vertices, triangles = vertices.astype(np.float32), triangles.astype(np.int32)
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.ravel())
    mesh.loops.add(triangles.size)
    mesh.loops.foreach_set("vertex_index", triangles.ravel())
    mesh.polygons.add(len(triangles))
    mesh.polygons.foreach_set("loop_start", np.arange(0, triangles.size, 3, dtype=np.int32))
    mesh.update(calc_edges=True)
    if all(part.normals is not None for part in parts):
        mesh.normals_split_custom_set_from_vertices(np.concatenate([p.normals for p in parts]).tolist())
    if all(part.uv is not None for part in parts):
        uv = np.concatenate([part.uv for part in parts if part.uv is not None]).astype(np.float32)
        mesh.uv_layers.new(name="uv").uv.foreach_set("vector", uv[triangles.ravel()].ravel())
    return mesh
