"""Occluders as Blender objects: one mesh each, gone with the next shot."""

from collections.abc import Sequence

import bpy
import numpy as np

from blender_scenes.occluders.materials import PREFIX, TINT, finish_of, forget_pictures
from blender_scenes.occluders.thing import Thing

type Spot = tuple[tuple[float, float, float], float]
"""Where a thing stands, and its turn about z in radians."""


def set_occluders(scene: bpy.types.Scene, things: Sequence[Thing], spots: Sequence[Spot]) -> None:
    """Replace the occluders of the shot before."""
    for old in [mesh for mesh in bpy.data.meshes if mesh.name.startswith(f"{PREFIX}.")]:
        bpy.data.meshes.remove(old)  # and with it the object that shows it
    forget_pictures()
    for number, (thing, (position, yaw)) in enumerate(zip(things, spots, strict=True)):
        item = bpy.data.objects.new(f"{PREFIX}.{number}", mesh_of(thing, f"{PREFIX}.{number}"))
        item.location, item.rotation_euler = position, (0.0, 0.0, yaw)
        item.color = (*thing.tint, 1.0)
        scene.collection.objects.link(item)


def mesh_of(thing: Thing, name: str) -> bpy.types.Mesh:
    """Its shape, with its colours as an attribute of the faces."""
    shape, mesh = thing.shape, bpy.data.meshes.new(name)
    triangles = shape.triangles.astype(np.int32)
    mesh.vertices.add(len(shape.vertices))
    mesh.vertices.foreach_set("co", shape.vertices.astype(np.float32).ravel())
    mesh.loops.add(triangles.size)
    mesh.loops.foreach_set("vertex_index", triangles.ravel())
    mesh.polygons.add(len(triangles))
    mesh.polygons.foreach_set("loop_start", np.arange(0, triangles.size, 3, dtype=np.int32))
    finishes = {slot: finish_of(slot, thing.picture) for slot in shape.slots}
    unique = list(dict.fromkeys(finishes.values()))
    for material in unique:
        mesh.materials.append(material)
    order = np.array([unique.index(finishes[slot]) for slot in shape.slots], dtype=np.int32)
    mesh.polygons.foreach_set("material_index", order[shape.slot_of])
    colours = np.array([(*thing.colours.get(slot, (1.0, 1.0, 1.0)), 1.0) for slot in shape.slots], dtype=np.float32)
    tint = mesh.attributes.new(TINT, "FLOAT_COLOR", "FACE")
    tint.data.foreach_set("color", colours[shape.slot_of].ravel())
    if thing.uv is not None:
        uv = thing.uv.astype(np.float32)
        mesh.uv_layers.new(name="uv").uv.foreach_set("vector", uv[triangles.ravel()].ravel())
    mesh.update(calc_edges=True)
    return mesh
