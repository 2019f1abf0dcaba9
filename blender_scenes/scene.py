"""The scene of a shot: a vehicle that is kept while shots of it follow each other, and what changes around it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from blender_scenes.camera import set_camera, set_focus
from blender_scenes.car_frame import frame_of_labels
from blender_scenes.ground import set_ground
from blender_scenes.importers import add_model
from blender_scenes.lighting import set_light
from blender_scenes.materials import MaterialSet, colour_materials
from blender_scenes.render import configure_cycles
from blender_scenes.repaint import repaint
from blender_scenes.surroundings.add import set_surroundings
from blender_scenes.surroundings.layout import Layout
from blender_scenes.surroundings.place import lay_out
from blender_scenes.surroundings.shade import exposure_stops
from blender_scenes.traffic import Traffic
from blender_scenes.vehicle import build_vehicle
from blender_scenes.vehicle_objects import add_vehicle, set_appearance
from pipeline.camera import Camera
from pipeline.keep_in_sight import others_to_keep
from pipeline.keypoints import load_schema
from pipeline.place_traffic import footprint_of
from pipeline.plan import ModelVehicle, ParametricVehicle, Shot
from pipeline.relabel import named_for
from pipeline.sensor import sensor_margin, through_lens
from pipeline.spec import DatasetSpec
from pipeline.vehicle import LabelledMesh
from pipeline.viewpoint import extreme_points, place_camera
from pipeline.visibility import PosedVehicle


@dataclass(frozen=True)
class BuiltVehicle:
    """A vehicle that stands in the scene, at the origin, looking along +x.

    Attributes:
        labelled: `mesh` with the keypoints of the dataset's schema.
        outline: (N, 3) those of its vertices that decide how large it is in an image.
        materials: those of a repainted model, which take the shot's colours; empty for others.
        parameters: what the generator made it from; empty for a user's model.
        traffic: the vehicles around it.
    """

    reference: ParametricVehicle | ModelVehicle
    objects: list[bpy.types.Object]
    mesh: LabelledMesh
    labelled: LabelledMesh
    outline: NDArray[np.float64]
    parameters: dict[str, Any]
    materials: MaterialSet
    traffic: Traffic


def build_scene(
    reference: ParametricVehicle | ModelVehicle, spec: DatasetSpec, threads: int, number: int = 0
) -> BuiltVehicle:
    """Empty Blender and put one vehicle into it. Of several GPUs, the one of that number will render it."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    configure_cycles(bpy.context.scene, spec.render, threads, number)
    bpy.context.scene.view_settings.view_transform = "AgX"
    bpy.context.scene.view_settings.look = "AgX - Medium High Contrast"
    materials: MaterialSet = {}
    if isinstance(reference, ParametricVehicle):
        vehicle = build_vehicle(reference.style, reference.seed, reference.parameters)
        objects, mesh, parameters = add_vehicle(vehicle), vehicle.mesh, dict(vehicle.parameters)
        known = replace(mesh, labels={**vehicle.further, **mesh.labels})
    else:
        (objects, mesh), parameters = add_model(reference.path, reference.keypoints), {}
        known = mesh
        if reference.materials == "repaint":
            materials = repaint(objects, mesh)
    schema = load_schema(spec.keypoints)
    traffic = Traffic(schema, footprint_of(mesh.vertices))
    outline, labelled = extreme_points(mesh.vertices), named_for(known, schema)
    return BuiltVehicle(reference, objects, mesh, labelled, outline, parameters, materials, traffic)


def dress_scene(built: BuiltVehicle, shot: Shot, width: int, height: int) -> Camera:
    """Give the scene the shot's paint, light, ground and camera.

    The camera that is returned has the shot's lens; Blender's is the pinhole from which `develop` makes its picture.
    """
    scene = bpy.context.scene
    if isinstance(built.reference, ParametricVehicle):
        set_appearance(built.objects, shot.appearance)
    elif built.materials:
        colour_materials(built.materials, shot.appearance, frame_of_labels(built.mesh))
    set_light(scene, shot.light)
    set_ground(scene, shot.ground, shot.seed)
    camera = place_camera(shot.camera, built.outline, width, height)
    if shot.sensor is None:
        set_camera(scene, camera)
        return camera
    camera = through_lens(camera, shot.sensor)
    set_camera(scene, sensor_margin(camera, shot.sensor).rendered(camera))
    middle = (built.outline.min(axis=0) + built.outline.max(axis=0)) / 2
    set_focus(scene, shot.sensor.f_number, shot.camera.lens_mm, float(camera.to_camera(middle[None])[0, 2]))
    return camera


def stand_traffic(built: BuiltVehicle, shot: Shot, camera: Camera, target_visible: float) -> tuple[PosedVehicle, ...]:
    """Stand the shot's other vehicles around the target, without those that hide too much of it."""
    others = built.traffic.stand(shot.traffic)
    kept = others_to_keep(camera, posed(built), others, target_visible)
    for number, draw in enumerate(shot.traffic):
        if number not in kept:
            built.traffic.hide(draw)
    return tuple(others[number] for number in kept)


def surround(built: BuiltVehicle, shot: Shot, camera: Camera, others: Sequence[PosedVehicle]) -> Layout:
    """Put the shot's place around all vehicles, out of the camera's view of them."""
    scene = bpy.context.scene
    corners = [built.outline, *(other.to_world(other.mesh.vertices) for other in others)]
    everything = np.concatenate(corners)
    box = np.array([everything.min(axis=0), everything.max(axis=0)])
    layout = lay_out(shot.surroundings, shot.ground.kind, box, replace(camera, distortion=None))
    set_surroundings(scene, layout, shot.ground, shot.seed)
    scene.view_settings.exposure = exposure_stops(layout, shot.light)
    return layout


def posed(built: BuiltVehicle) -> PosedVehicle:
    """The vehicle where it stands."""
    return PosedVehicle(built.labelled, np.eye(4))
