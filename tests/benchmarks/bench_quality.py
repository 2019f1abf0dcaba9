"""What a quality of `render:` costs and how near it comes: python -m tests.benchmarks.bench_quality [--images 4]

The first shots of the street spec, without depth of field, in one process with one thread: the time of the render by
that process's own clock, and how far the picture is from one of 1,024 samples that was not denoised (PSNR, SSIM).
"""

import argparse
import os
import time
from collections import defaultdict

import numpy as np

from tests.benchmarks.bench_straightforward import REFERENCE_SAMPLES, psnr, ssim


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=4)
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--spec", default="street")
    given = parser.parse_args()
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[library] = "1"
    from blender_scenes.silence import SilencedOutput

    output = SilencedOutput()
    found = measure(given.spec, given.images, given.size)
    standard = np.array(found["standard"])
    output.messages.write("| quality | samples | time, standard = 1 | PSNR | SSIM |\n|---|---|---|---|---|\n")
    for name, rows in found.items():
        samples, seconds, noise, likeness = np.array(rows).T
        ratio = (seconds / standard[:, 1]).mean()
        output.messages.write(
            f"| {name} | {samples[0]:.0f} | {ratio:.2f} | {noise.mean():.2f} dB | {likeness.mean():.4f} |\n"
        )
    output.messages.write(f"standard: {standard[:, 1].mean():.2f} s of one core at {given.size}x{given.size}\n")


def measure(name: str, images: int, size: int) -> dict[str, list[tuple[float, float, float, float]]]:
    """Quality to the samples, seconds, PSNR and SSIM of each shot."""
    import bpy

    from blender_scenes.render import configure_cycles, render_image
    from blender_scenes.scene import build_scene
    from blender_scenes.shoot import stage
    from pipeline.keypoints import load_schema
    from pipeline.plan import plan_shot
    from pipeline.render_spec import PRESETS, RenderSpec
    from pipeline.spec import ImageSpec, load_spec
    from pipeline.stopwatch import Stopwatch

    spec = load_spec(name).model_copy(update={"image": ImageSpec(width=size, height=size)})
    found: dict[str, list[tuple[float, float, float, float]]] = defaultdict(list)
    for index in range(images):
        shot = plan_shot(spec, index * spec.vehicles.views_per_vehicle)
        built = build_scene(shot.vehicle, spec, threads=1)
        stage(built, shot, spec, load_schema(spec.keypoints), Stopwatch())
        scene = bpy.context.scene
        scene.camera.data.dof.use_dof = False
        configure_cycles(scene, RenderSpec(samples=REFERENCE_SAMPLES, denoise=False, device="cpu"), threads=1)
        many = render_image(scene, seed=1)
        for quality in PRESETS:
            render = RenderSpec(quality=quality, device="cpu")
            configure_cycles(scene, render, threads=1)
            render_image(scene, seed=2)  # what is loaded once is no image's
            begin = time.process_time()
            picture = render_image(scene, seed=3)
            seconds = time.process_time() - begin
            found[quality].append((render.samples, seconds, psnr(picture, many), ssim(picture, many)))
    return found


if __name__ == "__main__":
    main()
