"""What Cycles can render on: python -m blender_scenes.devices says it as one JSON line."""

import json
import sys
from typing import Any, Literal

GPU_BACKENDS = ("OPTIX", "CUDA", "HIP", "METAL", "ONEAPI")


def find_gpus() -> tuple[str, list[Any]]:
    """The first backend that has devices, and those; ("", []) where none has."""
    import bpy

    preferences = bpy.context.preferences.addons["cycles"].preferences
    for backend in GPU_BACKENDS:
        try:
            preferences.compute_device_type = backend
        except TypeError:  # this build of Blender does not know the backend
            continue
        preferences.refresh_devices()
        devices = [device for device in preferences.devices if device.type == backend]
        if devices:
            return backend, devices
    preferences.compute_device_type = "NONE"
    return "", []


def use_device(scene: Any, wanted: Literal["auto", "cpu", "gpu"], number: int) -> str:
    """Let a scene be rendered on one GPU, chosen by number, or on none; its name, "CPU" for none.

    Raises:
        RenderError: a GPU is asked for and there is none.
    """
    import bpy

    from pipeline.errors import RenderError

    backend, gpus = ("", []) if wanted == "cpu" else find_gpus()
    if wanted == "gpu" and not gpus:
        raise RenderError("render.device: gpu is asked for, but Blender finds none; allowed: auto, cpu")
    scene.cycles.device = "GPU" if gpus else "CPU"
    if not gpus:
        return "CPU"
    chosen = gpus[number % len(gpus)]
    for device in bpy.context.preferences.addons["cycles"].preferences.devices:
        device.use = device == chosen
    return f"{backend} {chosen.name} ({number % len(gpus) + 1} of {len(gpus)})"


def main() -> int:
    """Name the GPUs."""
    from blender_scenes.silence import SilencedOutput

    output = SilencedOutput()
    backend, gpus = find_gpus()
    output.messages.write(json.dumps({"backend": backend, "gpus": [gpu.name for gpu in gpus]}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
