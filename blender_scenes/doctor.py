"""Blender examined: python -m blender_scenes.doctor says as one JSON object what it is, and renders a tiny picture.

The picture is a dataset's own: the same worker, generator and label maths as `akd generate`.
"""

import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from blender_scenes.answer import answer

SIDE = 96


def examine() -> dict[str, Any]:
    """Version, GPUs, fonts, and the time that a small car takes.

    Raises:
        AkdError: something that is needed fails.
    """
    import bpy

    from blender_scenes.devices import find_gpus
    from blender_scenes.lettering import CJK, LATIN
    from blender_scenes.passes import require_egl

    require_egl()
    _, gpus = find_gpus()
    names = [gpu.name for gpu in gpus]
    folder = Path(bpy.utils.system_resource("DATAFILES", path="fonts"))
    there = [font for font in (LATIN, CJK) if (folder / font).is_file()]
    missing = [font for font in (LATIN, CJK) if font not in there]
    about = {"version": bpy.app.version_string, "gpus": names, "fonts": there, "missing_fonts": missing}
    return about | _render()


def _render() -> dict[str, Any]:
    from blender_scenes.worker import start
    from pipeline.cores import usable_cores
    from pipeline.dataset_folder import open_dataset
    from pipeline.images import read_image
    from pipeline.record import image_path
    from pipeline.spec import DatasetSpec
    from pipeline.worker_loop import WorkerOptions

    source = {"parametric": "hatchback"}
    spec = DatasetSpec.model_validate(
        {
            "name": "doctor",
            "images": 1,
            "image": {"width": SIDE, "height": SIDE, "format": "png"},
            "render": {"samples": 1},
            "vehicles": {"sources": [source]},
        }
    )
    with tempfile.TemporaryDirectory(prefix="akd-doctor-") as name:
        folder = Path(name)
        open_dataset(folder / "d", spec)
        device, render = start(
            WorkerOptions(folder / "d", folder / "log", 0, usable_cores(), 1, memory_mb=float("inf"), timeout_s=100.0)
        )
        begun = perf_counter()
        seconds = render(0)
        whole = perf_counter() - begun
        image = read_image(image_path(folder / "d", 0, spec.image))
    built = seconds.get("build", 0.0)
    return {
        "device": device,
        "size": f"{SIDE}x{SIDE}",
        "build_s": built,
        "render_s": whole - built,
        "spread": float(image.std()),
    }


if __name__ == "__main__":
    sys.exit(answer(examine))
