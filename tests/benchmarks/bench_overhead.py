"""What an image costs beyond the bare Cycles call: python -m tests.benchmarks.bench_overhead [--images 12]

At 512x512 and 8 samples, in one process with one thread, by that process's own time, so that others on the machine
matter little. Every shot of the spec is made as a worker makes it; then the scene as it stands is rendered again by the
few lines of `bare_loop`, as anybody's loop over saved scenes would do it.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

AIM = 1.10


def main() -> None:
    """Measure, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=12)
    parser.add_argument("--spec", default="demo")
    given = parser.parse_args()
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[library] = "1"
    from blender_scenes.silence import SilencedOutput

    output = SilencedOutput()
    ours, bare, stages = measure(given.spec, given.images)
    for name, seconds in stages.most_common():
        output.messages.write(f"{name:10}{seconds / given.images:8.3f} s/image{100 * seconds / ours:7.1f} %\n")
    output.messages.write(
        f"{'ours':10}{ours / given.images:8.3f} s/image\n{'bare':10}{bare / given.images:8.3f} s/image\n"
    )
    output.messages.write(f"ours over bare: {ours / bare:.3f} (aim: {AIM:.2f})\n")


def measure(name: str, images: int) -> tuple[float, float, Counter[str]]:
    """Seconds of all images as we make them, of bare Cycles calls on the same scenes, and ours by stage."""
    from blender_scenes.scene import BuiltVehicle, build_scene
    from blender_scenes.shoot import render_shot
    from pipeline.keypoints import load_schema
    from pipeline.plan import plan_shot
    from pipeline.render_spec import RenderSpec
    from pipeline.spec import ImageSpec, load_spec
    from pipeline.stopwatch import Stopwatch

    changes = {"image": ImageSpec(width=512, height=512), "render": RenderSpec(samples=8, device="cpu")}
    spec = load_spec(name).model_copy(update=changes)
    schema, clock = load_schema(spec.keypoints), Stopwatch(time.process_time)
    bare, stages = 0.0, Counter[str]()
    built: BuiltVehicle | None = None
    with tempfile.TemporaryDirectory() as folder:
        for index in range(-1, images):  # the first one loads what is loaded once
            shot = plan_shot(spec, max(0, index))
            with clock("build"):
                if built is None or built.reference != shot.vehicle:
                    built = build_scene(shot.vehicle, spec, threads=1)
            render_shot(built, shot, spec, schema, Path(folder), clock)
            again = bare_loop(Path(folder) / "bare.png")
            if index >= 0:
                bare += again
                stages.update(clock.seconds)
            clock.seconds.clear()
    return sum(stages.values()), bare, stages


def bare_loop(path: Path) -> float:
    """Render the scene as it is into a file; the seconds that this process was at it."""
    import bpy

    scene = bpy.context.scene
    scene.render.filepath = str(path)
    begin = time.process_time()
    bpy.ops.render.render(write_still=True)
    return time.process_time() - begin


if __name__ == "__main__":
    main()
