"""What the vehicle stands on: a wide plane with a procedural surface."""

import bpy

from blender_scenes.ground_surfaces import fill_ground
from pipeline.plan import GroundDraw

NAME = "akd_ground"
HALF_SIZE_M = 400.0


def set_ground(scene: bpy.types.Scene, ground: GroundDraw, seed: int) -> bpy.types.Object:
    """Give the scene its ground plane and that plane the drawn surface."""
    plane = bpy.data.objects.get(NAME) or _add_plane(scene)
    fill_ground(plane.data.materials[0], ground, seed)
    return plane


def _add_plane(scene: bpy.types.Scene) -> bpy.types.Object:
    h = HALF_SIZE_M
    mesh = bpy.data.meshes.new(NAME)
    mesh.from_pydata([(-h, -h, 0), (h, -h, 0), (h, h, 0), (-h, h, 0)], [], [(0, 1, 2, 3)])
    mesh.materials.append(bpy.data.materials.new(NAME))
    plane = bpy.data.objects.new(NAME, mesh)
    scene.collection.objects.link(plane)
    return plane
