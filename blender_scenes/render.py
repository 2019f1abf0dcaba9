"""Cycles: set up once per scene, then one call per picture."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

from blender_scenes.devices import use_device
from pipeline.background import Window
from pipeline.images import Image, read_image
from pipeline.render_spec import RenderSpec


def configure_cycles(scene: bpy.types.Scene, render: RenderSpec, threads: int, number: int = 0) -> str:
    """Set the engine up; returns the device it will use, in words. Of several GPUs it takes the one of that number.

    Raises:
        RenderError: a GPU is asked for and there is none.
    """
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.samples = render.samples
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = render.denoise
    if render.denoise:
        cycles.denoiser = "OPENIMAGEDENOISE"
        accurate = render.denoiser == "accurate"
        cycles.denoising_prefilter = "ACCURATE" if accurate else "FAST"
        cycles.denoising_quality = "HIGH" if accurate else "BALANCED"  # FAST spares no time, and is 0.2 dB worse
    cycles.max_bounces, cycles.transparent_max_bounces = 6, 8
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0
    scene.render.use_persistent_data = False  # its noise depends on what was rendered before; it saves no 1 %
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    scene.render.image_settings.compression = 0
    device = use_device(scene, render.device, number)
    return f"{device}, {threads} thread{'s' if threads > 1 else ''}"


def render_image(scene: bpy.types.Scene, seed: int) -> Image:
    """Render the scene as it is; RGB uint8 (H, W, 3)."""
    scene.cycles.seed = seed % 2**31
    # a background render's result holds no pixels that Python can read: it must go through a file
    with tempfile.TemporaryDirectory(prefix="akd-render-") as folder:
        scene.render.filepath = str(Path(folder) / "image.png")
        bpy.ops.render.render(write_still=True)
        return read_image(Path(folder) / "image.png")


@contextmanager
def rendering_only(scene: bpy.types.Scene, window: Window | None) -> Iterator[bpy.types.Scene]:
    """The scene, of whose picture only a window is rendered for so long, and the rest is black; all of it for None."""
    render = scene.render
    if window is None:
        yield scene
        return
    width, height = render.resolution_x, render.resolution_y
    render.border_min_x, render.border_max_x = window.left / width, window.right / width
    render.border_min_y, render.border_max_y = 1 - window.bottom / height, 1 - window.top / height
    render.use_border, render.use_crop_to_border = True, False
    try:
        yield scene
    finally:
        render.use_border = False
