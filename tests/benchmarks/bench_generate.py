"""Where an image's time goes: python -m tests.benchmarks.bench_generate [--images 12]

Renders the demo spec's first images in this process with one thread, and prints each stage's share. Compare shares
within one run: the machine is noisy, and seconds of two runs do not compare.
"""

import argparse
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import Any

STAGES: dict[str, float] = defaultdict(float)


@contextmanager
def timed(stage: str) -> Any:
    begin = time.perf_counter()
    yield
    STAGES[stage] += time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=12)
    parser.add_argument("--spec", default="demo")
    arguments = parser.parse_args()
    from blender_scenes.silence import SilencedOutput

    output = SilencedOutput()
    measure(arguments.spec, arguments.images)
    total = sum(STAGES.values())
    for stage, seconds in sorted(STAGES.items(), key=lambda item: -item[1]):
        each = seconds / arguments.images * 1000
        output.messages.write(f"{stage:28}{each:8.0f} ms/image{100 * seconds / total:6.1f} %\n")
    output.messages.write(f"{'all':28}{total / arguments.images * 1000:8.0f} ms/image\n")


def measure(name: str, images: int) -> None:
    import bpy

    from blender_scenes import scene
    from blender_scenes.render import render_image
    from pipeline.annotate import annotate
    from pipeline.images import encode_image
    from pipeline.keypoints import load_schema
    from pipeline.plan import plan_shot
    from pipeline.spec import load_spec
    from pipeline.visibility import view_scene

    spec = load_spec(name)
    schema = load_schema(spec.keypoints)
    shots = [plan_shot(spec, index) for index in range(images)]
    scene.build_scene(shots[0].vehicle, spec, threads=1)  # what is loaded once is no image's
    built = None
    for shot in shots:
        if built is None or built.reference != shot.vehicle:
            with timed("build vehicle"):
                built = scene.build_scene(shot.vehicle, spec, threads=1)
        with timed("dress scene"):
            camera = scene.dress_scene(built, shot, spec.image.width, spec.image.height)
        with timed("render (Cycles)"):
            image = render_image(bpy.context.scene, shot.seed)
        with timed("project and rasterise labels"):
            annotate(view_scene(camera, (scene.posed(built),)), schema)
        with timed("encode"):
            encode_image(image, f".{spec.image.format}", spec.image.quality)


if __name__ == "__main__":
    main()
