"""A render with what the renderer knows of each pixel besides its colour."""

import ctypes
import sys
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from blender_scenes.render import render_image, rendering_only
from pipeline.background import Window
from pipeline.errors import RenderError
from pipeline.images import Image
from pipeline.system_packages import import_advice

# socket of the compositor's Render Layers node, type of the file's item, and the view layer's switch
PASSES = {"depth": ("Depth", "FLOAT", "use_pass_z"), "normal": ("Normal", "VECTOR", "use_pass_normal")}
NOTHING_M = 1e9  # Cycles says 1e10 where a ray meets nothing
EGL = "libEGL.so.1"


@dataclass(frozen=True)
class Layers:
    """One render.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        depth: (H, W) float32, metres along the optical axis; inf where a ray meets nothing.
        normal: (H, W, 3) float32, unit normals of the surface in the world's frame; zero where there is none.
    """

    image: Image
    depth: NDArray[np.float32] | None = None
    normal: NDArray[np.float32] | None = None


def render_layers(scene: bpy.types.Scene, seed: int, wanted: Collection[str]) -> Layers:
    """Render the scene as it is, with the wanted of `PASSES`; none of them costs nothing over `render_image`.

    Raises:
        RenderError: a library that passes need is missing.
    """
    if not wanted:
        return Layers(render_image(scene, seed))
    require_egl()
    layer = scene.view_layers[0]
    with tempfile.TemporaryDirectory(prefix="akd-passes-") as folder:
        layer.pass_alpha_threshold = 0.0  # glass is a surface, as it is for keypoints
        for name in wanted:
            setattr(layer, PASSES[name][2], True)
        scene.compositing_node_group = _write_to(folder, wanted)
        try:
            image = render_image(scene, seed)
        finally:
            bpy.data.node_groups.remove(scene.compositing_node_group)
            for name in wanted:
                setattr(layer, PASSES[name][2], False)
        found = {name: _read(Path(folder) / f"{name}.exr") for name in wanted}
    return Layers(image, _depth(found), _normal(found))


def require_egl() -> None:
    """Blender's compositor, which writes the passes, opens this library, and aborts the process where there is none.

    Raises:
        RenderError: it is missing.
    """
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL(EGL)
    except OSError as error:
        raise RenderError(import_advice(str(error)) or str(error)) from error


def render_sharp_layers(
    scene: bpy.types.Scene, seed: int, wanted: Collection[str], window: Window | None = None
) -> Layers:
    """As `render_layers`, but what is out of focus is sharp in the passes: each pixel's middle through the lens's.

    Through an open aperture Cycles takes each pixel's depth along a ray of its own. Then the passes come from a second
    render, of one sample; so they do where the image is wanted in a window only, for they are of the whole picture.
    """
    lens, cycles = scene.camera.data, scene.cycles
    blurred = lens.dof.use_dof
    if wanted and not blurred and window is None:
        return render_layers(scene, seed, wanted)
    with rendering_only(scene, window):
        image = render_image(scene, seed)
    if not wanted:
        return Layers(image)
    before = cycles.samples, cycles.use_denoising
    lens.dof.use_dof, cycles.samples, cycles.use_denoising = False, 1, False
    try:
        return replace(render_layers(scene, seed, wanted), image=image)
    finally:
        lens.dof.use_dof = blurred
        cycles.samples, cycles.use_denoising = before


def _write_to(folder: str, wanted: Collection[str]) -> Any:
    """A compositor that leaves the picture as it is and writes each pass to a file of its name."""
    tree = bpy.data.node_groups.new("akd passes", "CompositorNodeTree")
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    rendered, picture, files = (
        tree.nodes.new(kind) for kind in ("CompositorNodeRLayers", "NodeGroupOutput", "CompositorNodeOutputFile")
    )
    tree.links.new(rendered.outputs["Image"], picture.inputs[0])
    files.directory, files.file_name = folder, ""
    files.format.media_type, files.format.file_format, files.format.color_depth = "IMAGE", "OPEN_EXR", "32"
    files.format.exr_codec = "NONE"  # it is read at once, and gone
    for name in wanted:
        socket, kind, _ = PASSES[name]
        files.file_output_items.new(kind, name)
        tree.links.new(rendered.outputs[socket], files.inputs[name])
    return tree


def _read(path: Path) -> NDArray[np.float32]:
    """(H, W, 4) of an EXR, its first row at the top."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    width, height = image.size
    values = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(values)
    result = values.reshape(height, width, image.channels)[::-1]
    bpy.data.images.remove(image)
    return result


def _depth(found: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32] | None:
    if "depth" not in found:
        return None
    depth = found["depth"][..., 0]
    return np.where(depth > NOTHING_M, np.float32(np.inf), depth)


def _normal(found: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32] | None:
    return found["normal"][..., :3].copy() if "normal" in found else None
