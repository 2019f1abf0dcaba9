"""The scene of a shot: a vehicle that is kept while shots of it follow each other, and what changes around it."""

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from blender_scenes.camera import set_camera
from blender_scenes.car_frame import frame_of_labels
from blender_scenes.ground import set_ground
from blender_scenes.importers import add_model
from blender_scenes.lighting import set_light
from blender_scenes.materials import MaterialSet, colour_materials
from blender_scenes.render import configure_cycles
from blender_scenes.repaint import repaint
from blender_scenes.surroundings.add import set_surroundings
from blender_scenes.surroundings.place import lay_out
from blender_scenes.surroundings.shade import exposure_stops
from blender_scenes.vehicle import build_vehicle
from blender_scenes.vehicle_objects import add_vehicle, set_appearance
from pipeline.camera import Camera
from pipeline.plan import ModelVehicle, ParametricVehicle, Shot
from pipeline.spec import DatasetSpec
from pipeline.vehicle import LabelledMesh
from pipeline.viewpoint import extreme_points, place_camera
from pipeline.visibility import PosedVehicle


@dataclass(frozen=True)
class BuiltVehicle:
    """A vehicle that stands in the scene, at the origin, looking along +x.

    Attributes:
        outline: (N, 3) those of its vertices that decide how large it is in an image.
        materials: those of a repainted model, which take the shot's colours; empty for others.
        parameters: what the generator made it from; empty for a user's model.
    """

    reference: ParametricVehicle | ModelVehicle
    objects: list[bpy.types.Object]
    mesh: LabelledMesh
    outline: NDArray[np.float64]
    parameters: dict[str, Any]
    materials: MaterialSet


def build_scene(reference: ParametricVehicle | ModelVehicle, spec: DatasetSpec, threads: int) -> BuiltVehicle:
    """Empty Blender and put one vehicle into it."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    configure_cycles(bpy.context.scene, spec.render, threads)
    bpy.context.scene.view_settings.view_transform = "AgX"
    bpy.context.scene.view_settings.look = "AgX - Medium High Contrast"
    materials: MaterialSet = {}
    if isinstance(reference, ParametricVehicle):
        vehicle = build_vehicle(reference.style, reference.seed, reference.parameters)
        objects, mesh, parameters = add_vehicle(vehicle), vehicle.mesh, dict(vehicle.parameters)
    else:
        (objects, mesh), parameters = add_model(reference.path, reference.keypoints), {}
        if reference.materials == "repaint":
            materials = repaint(objects, mesh)
    return BuiltVehicle(reference, objects, mesh, extreme_points(mesh.vertices), parameters, materials)


def dress_scene(built: BuiltVehicle, shot: Shot, width: int, height: int) -> Camera:
    """Give the scene the shot's paint, light, ground, camera and surroundings."""
    scene = bpy.context.scene
    if isinstance(built.reference, ParametricVehicle):
        set_appearance(built.objects, shot.appearance)
    elif built.materials:
        colour_materials(built.materials, shot.appearance, frame_of_labels(built.mesh))
    set_light(scene, shot.light)
    set_ground(scene, shot.ground, shot.seed)
    camera = place_camera(shot.camera, built.outline, width, height)
    set_camera(scene, camera)
    box = np.stack([built.outline.min(axis=0), built.outline.max(axis=0)])
    layout = lay_out(shot.surroundings, shot.ground.kind, box, camera)
    set_surroundings(scene, layout, shot.ground, shot.seed)
    scene.view_settings.exposure = exposure_stops(layout, shot.light)
    return camera


def posed(built: BuiltVehicle) -> PosedVehicle:
    """The vehicle where it stands."""
    return PosedVehicle(built.mesh, np.eye(4))
