"""A layout as Blender objects: few meshes, shared by many objects."""

import bpy
import numpy as np

from blender_scenes.ground_surfaces import MAKERS, fill_ground
from blender_scenes.surroundings.layout import Flat, Item, Layout
from blender_scenes.surroundings.library import shape_of
from blender_scenes.surroundings.materials import PREFIX, material_of
from blender_scenes.surroundings.shape import Shape
from pipeline.plan import GroundDraw

SNOWED = ("grass", "slabs", "concrete", "asphalt", "gravel")


def set_surroundings(scene: bpy.types.Scene, layout: Layout, ground: GroundDraw, seed: int) -> None:
    """Replace what stands around the vehicle; meshes and materials stay for the next shot."""
    collection = bpy.data.collections.get(PREFIX)
    if collection is None:
        if not layout.items and not layout.flats:
            return
        collection = bpy.data.collections.new(PREFIX)
        scene.collection.children.link(collection)
    bpy.data.batch_remove([item for item in collection.objects])
    for old in [mesh for mesh in bpy.data.meshes if mesh.name.startswith(f"{PREFIX}.flat.")]:
        bpy.data.meshes.remove(old)
    for number, item in enumerate(layout.items):
        collection.objects.link(_copy(item, number))
    for surface in sorted({flat.surface for flat in layout.flats}):
        collection.objects.link(_flat(surface, [f for f in layout.flats if f.surface == surface], ground, seed))


def _copy(item: Item, number: int) -> bpy.types.Object:
    name = f"{PREFIX}.{item.name}.{item.variant}"
    mesh = bpy.data.meshes.get(name) or _mesh(name, shape_of(item.name, item.variant))
    copy = bpy.data.objects.new(f"{PREFIX}.{number}.{item.name}", mesh)
    copy.location, copy.scale = item.at, item.scale
    copy.rotation_euler = (0.0, 0.0, item.yaw)
    copy.color = (*item.tint, 1.0)
    return copy


def _flat(surface: str, flats: list[Flat], ground: GroundDraw, seed: int) -> bpy.types.Object:
    corners = np.concatenate([flat.corners for flat in flats])
    first = 4 * np.arange(len(corners))[:, None]
    triangles = np.concatenate([first + [0, 1, 2], first + [0, 2, 3]])
    name = f"{PREFIX}.flat.{surface}"
    shape = Shape(corners.reshape(-1, 3), triangles, (surface,), np.zeros(len(triangles), dtype=np.int64))
    return bpy.data.objects.new(name, _mesh(name, shape, _surface(surface, ground, seed)))


def _surface(name: str, ground: GroundDraw, seed: int) -> bpy.types.Material:
    """Road paint as it is; a kind of ground as wet as the vehicle's, and under snow where that is."""
    if name not in MAKERS:
        return material_of(name)
    kind = "snow" if ground.kind == "snow" and name in SNOWED else name
    material = bpy.data.materials.get(f"{PREFIX}.ground.{name}") or bpy.data.materials.new(f"{PREFIX}.ground.{name}")
    fill_ground(material, ground.model_copy(update={"kind": kind}), seed + 1)
    return material


def _mesh(name: str, shape: Shape, material: bpy.types.Material | None = None) -> bpy.types.Mesh:
    mesh = bpy.data.meshes.new(name)
    triangles = shape.triangles.astype(np.int32)
    mesh.vertices.add(len(shape.vertices))
    mesh.vertices.foreach_set("co", shape.vertices.astype(np.float32).ravel())
    mesh.loops.add(triangles.size)
    mesh.loops.foreach_set("vertex_index", triangles.ravel())
    mesh.polygons.add(len(triangles))
    mesh.polygons.foreach_set("loop_start", np.arange(0, triangles.size, 3, dtype=np.int32))
    for slot in shape.slots:
        mesh.materials.append(material or material_of(slot))
    mesh.polygons.foreach_set("material_index", shape.slot_of.astype(np.int32))
    mesh.update(calc_edges=True)
    return mesh
