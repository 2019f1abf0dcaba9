"""A vehicle seen from all around, to look at its labels."""

from collections.abc import Sequence

import bpy

from blender_scenes.camera import set_camera
from blender_scenes.ground import set_ground
from blender_scenes.lighting import set_light
from blender_scenes.render import configure_cycles, render_image
from pipeline.camera import Camera
from pipeline.images import Image
from pipeline.plan import CameraDraw, GroundDraw, LightDraw
from pipeline.render_spec import RenderSpec
from pipeline.vehicle import LabelledMesh
from pipeline.viewpoint import place_camera

View = tuple[float, float]
"""Azimuth (0 looks at the front, 90 at the left side) and elevation, degrees."""

VIEWS: tuple[View, ...] = ((0, 5), (90, 5), (180, 5), (270, 5), (35, 20), (145, 20), (215, 20), (325, 20), (0, 85))
LENS_MM = 100.0
"""Long, so that a view from the side shows little of the front and rear."""
LIGHT = LightDraw(kind="sky", sun_elevation_deg=50.0, azimuth_deg=40.0, haze=1.0, strength=1.0, hdri="bundled")
GROUND = GroundDraw(kind="plain", brightness=1.0, wet=0.0)


def turntable(
    objects: Sequence[bpy.types.Object],
    mesh: LabelledMesh,
    views: Sequence[View] = VIEWS,
    size: tuple[int, int] = (400, 300),
    samples: int = 8,
    fill: float = 0.92,
) -> list[tuple[Image, Camera]]:
    """Pictures of (width, height) pixels of the vehicle, one per view, each with its camera.

    `objects` stand in the current scene in the vehicle frame, with no other vehicle; the scene's light, ground, camera
    and render settings are replaced.
    """
    scene = objects[0].users_scene[0]
    configure_cycles(scene, RenderSpec(samples=samples, device="cpu"), threads=1)
    set_light(scene, LIGHT)
    set_ground(scene, GROUND, seed=0)
    pictures = []
    for azimuth, elevation in views:
        camera = place_camera(_draw(azimuth, elevation, fill), mesh.vertices, *size)
        set_camera(scene, camera)
        pictures.append((render_image(scene, seed=0), camera))
    return pictures


def _draw(azimuth: float, elevation: float, fill: float) -> CameraDraw:
    return CameraDraw(
        azimuth_deg=azimuth, elevation_deg=elevation, roll_deg=0, lens_mm=LENS_MM, fill=fill, shift_x=0, shift_y=0
    )
