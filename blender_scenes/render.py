"""Cycles: set up once per scene, then one call per picture."""

import tempfile
from pathlib import Path

import bpy

from pipeline.errors import RenderError
from pipeline.images import Image, read_image
from pipeline.spec import RenderSpec

GPU_BACKENDS = ("OPTIX", "CUDA", "HIP", "METAL", "ONEAPI")


def configure_cycles(scene: bpy.types.Scene, render: RenderSpec, threads: int) -> str:
    """Set the engine up; returns the device it will use, in words.

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
        cycles.denoising_prefilter = "FAST"
        cycles.denoising_quality = "FAST"
    cycles.max_bounces, cycles.transparent_max_bounces = 6, 8
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0
    scene.render.use_persistent_data = True
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    scene.render.image_settings.compression = 0
    device = "CPU" if render.device == "cpu" else _use_gpu()
    if render.device == "gpu" and device == "CPU":
        raise RenderError("render.device: gpu is asked for, but Blender finds none; allowed: auto, cpu")
    cycles.device = "CPU" if device == "CPU" else "GPU"
    return device


def _use_gpu() -> str:
    """Enable the first backend that has a device; "CPU" where none has."""
    preferences = bpy.context.preferences.addons["cycles"].preferences
    for backend in GPU_BACKENDS:
        try:
            preferences.compute_device_type = backend
        except TypeError:  # this build of Blender does not know the backend
            continue
        preferences.refresh_devices()
        devices = [device for device in preferences.devices if device.type == backend]
        if devices:
            for device in preferences.devices:
                device.use = device in devices
            return backend
    preferences.compute_device_type = "NONE"
    return "CPU"


def render_image(scene: bpy.types.Scene, seed: int) -> Image:
    """Render the scene as it is; RGB uint8 (H, W, 3)."""
    scene.cycles.seed = seed % 2**31
    # a background render's result holds no pixels that Python can read: it must go through a file
    with tempfile.TemporaryDirectory(prefix="akd-render-") as folder:
        scene.render.filepath = str(Path(folder) / "image.png")
        bpy.ops.render.render(write_still=True)
        return read_image(Path(folder) / "image.png")
