"""Our camera as Blender's."""

import bpy
import numpy as np
from mathutils import Matrix

from pipeline.camera import BLENDER_FROM_OPENCV, Camera

SENSOR_MM = 36.0


def set_camera(scene: bpy.types.Scene, camera: Camera) -> bpy.types.Object:
    """Give the scene `camera`: its pose, lens, principal point and image size.

    Raises:
        ValueError: the pixels are not square, or K is skewed; Blender's camera has neither here.
    """
    K = camera.intrinsics  # noqa: N806 - the field's own symbol
    if not np.isclose(K[0, 0], K[1, 1]) or K[0, 1] != 0:
        raise ValueError(f"intrinsics must have square pixels and no skew; got {K.tolist()}")
    if scene.camera is None:
        scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
        scene.collection.objects.link(scene.camera)
    longer = max(camera.width, camera.height)
    lens = scene.camera.data
    lens.sensor_fit = "AUTO"
    lens.sensor_width = SENSOR_MM
    lens.lens = K[0, 0] / longer * SENSOR_MM
    lens.shift_x = (camera.width / 2 - K[0, 2]) / longer
    lens.shift_y = (K[1, 2] - camera.height / 2) / longer
    lens.clip_start, lens.clip_end = 0.01, 10_000.0
    scene.camera.matrix_world = Matrix((camera.world_from_camera @ BLENDER_FROM_OPENCV).tolist())
    scene.render.resolution_x, scene.render.resolution_y = camera.width, camera.height
    scene.render.resolution_percentage = 100
    scene.render.pixel_aspect_x = scene.render.pixel_aspect_y = 1.0
    return scene.camera


def set_focus(scene: bpy.types.Scene, f_number: float, lens_mm: float, distance_m: float) -> None:
    """Depth of field: the camera's aperture, and how far along its axis it is sharp; f-number 0 is sharp throughout.

    `lens_mm` is the lens that the picture is as if taken with: Blender's own is shorter where its frame is wider than
    the picture, and an aperture is counted in lenses.
    """
    lens = scene.camera.data
    lens.dof.use_dof = f_number > 0
    if f_number > 0:
        lens.dof.focus_distance = distance_m
        lens.dof.aperture_fstop = f_number * lens.lens / lens_mm
