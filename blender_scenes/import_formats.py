"""How Blender reads each format of 3D model, and what it did to the axes meanwhile."""

from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray

from pipeline.fbx import read_fbx_frame
from pipeline.find_frame import AXIS_NAMES, Declared
from pipeline.gltf import check_gltf
from pipeline.obj import check_obj
from pipeline.sidecar import Axis

Y_UP_FROM_BLENDER = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
"""Undoes what Blender's glTF importer does to axes: (x, y, z) in the file is (x, -z, y) in Blender."""
Read = tuple[NDArray[np.float64], Declared]
"""(4, 4) file_from_blender, which undoes the importer's change of axes and unit, and what the file declares."""
READ_AS_IT_IS = {"forward_axis": "Y", "up_axis": "Z", "global_scale": 1.0}


def read_model(path: Path) -> Read:
    """Add a file's objects to the current scene.

    Raises:
        ModelError: the file says of itself that it cannot be read.
        RuntimeError, KeyError, ...: whatever Blender's importer stumbles over.
    """
    return READERS[path.suffix.lower()](path)


def _gltf(path: Path) -> Read:
    check_gltf(path)
    bpy.ops.import_scene.gltf(filepath=str(path), merge_vertices=False, disable_bone_shape=True)
    return Y_UP_FROM_BLENDER, Declared(up="+Y", unit=1.0)


def _obj(path: Path) -> Read:
    check_obj(path)
    bpy.ops.wm.obj_import(filepath=str(path), use_split_objects=True, **READ_AS_IT_IS)
    return np.eye(4), Declared()


def _ply(path: Path) -> Read:
    bpy.ops.wm.ply_import(filepath=str(path), use_scene_unit=False, **READ_AS_IT_IS)
    return np.eye(4), Declared()


def _stl(path: Path) -> Read:
    bpy.ops.wm.stl_import(filepath=str(path), use_scene_unit=False, **READ_AS_IT_IS)
    return np.eye(4), Declared()


def _fbx(path: Path) -> Read:
    turn, unit = read_fbx_frame(path)
    bpy.ops.wm.fbx_import(filepath=str(path), use_anim=False)
    file_from_blender = np.eye(4)
    file_from_blender[:3, :3] = turn / unit
    return file_from_blender, Declared(up=_up(file_from_blender), unit=unit)


def _usd(path: Path) -> Read:
    bpy.utils.expose_bundled_modules()
    from pxr import Usd, UsdGeom

    stage = Usd.Stage.Open(str(path))
    y_up, unit = UsdGeom.GetStageUpAxis(stage) == "Y", float(UsdGeom.GetStageMetersPerUnit(stage))
    bpy.ops.wm.usd_import(
        filepath=str(path),
        import_cameras=False,
        import_lights=False,
        create_world_material=False,
        set_frame_range=False,
        apply_unit_conversion_scale=True,
    )
    file_from_blender = Y_UP_FROM_BLENDER if y_up else np.eye(4)
    return file_from_blender @ np.diag([1 / unit, 1 / unit, 1 / unit, 1]), Declared(
        up="+Y" if y_up else "+Z", unit=unit
    )


def _blend(path: Path) -> Read:
    """All objects of the file's first scene that has a mesh. Its texts and drivers are data: nothing of it is run."""
    bpy.context.preferences.filepaths.use_scripts_auto_execute = False
    with bpy.data.libraries.load(str(path), link=False) as (source, target):
        target.scenes = list(source.scenes)
    scenes = [scene for scene in target.scenes if scene is not None]
    scene = next((s for s in scenes if any(item.type == "MESH" for item in s.objects)), None)
    unit = 1.0
    if scene is not None:
        unit = scene.unit_settings.scale_length
        for item in list(scene.objects):
            bpy.context.scene.collection.objects.link(item)
    unwanted = [item for s in scenes if s is not scene for item in s.objects]
    for item in {item.as_pointer(): item for item in unwanted if not _is_in(item, scene)}.values():
        bpy.data.objects.remove(item, do_unlink=True)
    for other in scenes:
        bpy.data.scenes.remove(other)
    for text in [text for text in bpy.data.texts if text.library is None]:
        bpy.data.texts.remove(text)
    return np.eye(4), Declared(up="+Z", unit=unit)


def _is_in(item: bpy.types.Object, scene: bpy.types.Scene | None) -> bool:
    return scene is not None and item.name in scene.objects


def _up(file_from_blender: NDArray) -> Axis:
    """The file's axis that Blender turned into its own +Z."""
    up = file_from_blender[:3, 2]
    return max(AXIS_NAMES, key=lambda name: float(AXIS_NAMES[name] @ up))


READERS: dict[str, Callable[[Path], Read]] = {
    ".glb": _gltf,
    ".gltf": _gltf,
    ".blend": _blend,
    ".obj": _obj,
    ".fbx": _fbx,
    ".ply": _ply,
    ".stl": _stl,
    ".usd": _usd,
    ".usda": _usd,
    ".usdc": _usd,
    ".usdz": _usd,
}
