"""What rendering only the vehicles' part of a picture saves: python -m tests.benchmarks.bench_window PICTURES

Where a spec puts vehicles on pictures without a shadow (`background: {kind: picture}`), all else would be thrown away.
Each shot of `demo` is exposed in its window, then whole, in one process with one thread and by that process's own time.
"""

import argparse
import os
import time
from pathlib import Path
from typing import Any

import numpy as np


def main() -> None:
    """Measure, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--sheet", type=Path, help="write the pictures, windowed above whole")
    given = parser.parse_args()
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[library] = "1"
    from blender_scenes.silence import SilencedOutput

    output = SilencedOutput()
    seconds, area, differences, pairs = measure(given.pictures, given.images, given.size)
    (part, whole), ratio = seconds.mean(axis=0), seconds.sum(axis=0)[0] / seconds.sum(axis=0)[1]
    output.messages.write(f"window {part:.2f} s, whole {whole:.2f} s an image: {ratio:.2f} of the time\n")
    output.messages.write(f"windows hold {area:.2f} of the pixels; the pictures differ by {differences:.2f} of 255\n")
    if given.sheet:
        from pipeline.images import write_image

        write_image(given.sheet, np.concatenate([np.concatenate(pair) for pair in pairs], axis=1))


def measure(pictures: Path, images: int, size: int) -> tuple[np.ndarray, float, float, list[Any]]:
    """Seconds (images, 2) of both, the windows' mean share, the mean difference, and the pairs of pictures."""
    from blender_scenes import shoot
    from blender_scenes.scene import build_scene
    from pipeline.background import window_of
    from pipeline.background_spec import BackgroundSpec
    from pipeline.keypoints import load_schema
    from pipeline.plan import plan_shot
    from pipeline.render_spec import RenderSpec
    from pipeline.spec import ImageSpec, load_spec
    from pipeline.stopwatch import Stopwatch

    changes = {
        "image": ImageSpec(width=size, height=size),
        "render": RenderSpec(samples=8, device="cpu"),
        "background": BackgroundSpec(kind="picture", folder=pictures.resolve()),
    }
    spec = load_spec("demo").model_copy(update=changes)
    schema, clock = load_schema(spec.keypoints), Stopwatch()
    seconds, shares, pairs = [], [], []
    for index in range(-1, images):  # the first one loads what is loaded once
        shot = plan_shot(spec, max(0, index))
        built = build_scene(shot.vehicle, spec, threads=1)
        take = shoot.stage(built, shot, spec, schema, clock)
        windows = []

        def noted(cover: Any, windows: list[Any] = windows) -> Any:
            windows.append(window_of(cover))
            return windows[-1]

        both = []
        for how in (noted, lambda _: None):
            shoot.window_of = how  # type: ignore[assignment]
            begin = time.process_time()
            _, picture = shoot.expose(built, take, spec, clock)
            both.append((time.process_time() - begin, picture))
        if index >= 0:
            seconds.append([spent for spent, _ in both])
            pairs.append([picture for _, picture in both])
            shares.extend((w.right - w.left) * (w.bottom - w.top) / size**2 for w in windows if w)
    shoot.window_of = window_of
    differences = [np.abs(a.astype(int) - b).mean() for a, b in pairs]
    return np.array(seconds), float(np.mean(shares)), float(np.mean(differences)), pairs


if __name__ == "__main__":
    main()
