"""What do labels cost beside the picture? Run by hand: python -m tests.benchmarks.bench_annotations [--images 6]

Of shots of a spec, at 512x512 and 8 samples, denoised: the render alone, then all annotation (projection, masks, boxes,
run lengths, keypoints, their places in 3D, poses), then what maps add to the render, and their files. In time of one
core, whoever else is at work, and as a share of the render in the same run. Labels with maps should stay within 5 %.
What maps add to the render is the difference of two renders: on a busy machine it says 1 to 4 % of the same thing.
"""

import argparse
import cProfile
import os
import pstats
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.annotations_spec import AnnotationsSpec
from pipeline.render_spec import RenderSpec
from pipeline.spec import DatasetSpec, ImageSpec, load_spec

AIM = 0.05
ROUNDS = 2
MAPS = AnnotationsSpec(maps=("depth", "normals", "instances"))


class Clock:
    """Seconds of this process by stage: of each stage of each shot the faster of its rounds, summed over shots."""

    def __init__(self) -> None:
        self._shot: dict[str, list[float]] = defaultdict(list)
        self.seconds: dict[str, float] = defaultdict(float)

    def time[T](self, stage: str, work: Callable[[], T]) -> T:
        begin = time.process_time()
        result = work()
        self._shot[stage].append(time.process_time() - begin)
        return result

    def end_shot(self) -> None:
        for stage, rounds in self._shot.items():
            self.seconds[stage] += min(rounds)
        self._shot.clear()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=6)
    parser.add_argument("--spec", default="demo")
    parser.add_argument("--profile", action="store_true", help="print where annotation's own time goes")
    arguments = parser.parse_args()
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[library] = "1"
    from blender_scenes.silence import SilencedOutput

    output = SilencedOutput()
    changes = {
        "image": ImageSpec(width=512, height=512),
        "render": RenderSpec(samples=8, denoise=True, device="cpu"),
    }
    profile = cProfile.Profile() if arguments.profile else None
    clock = measure(load_spec(arguments.spec).model_copy(update=changes), arguments.images, profile)
    say = output.messages.write
    for stage, seconds in clock.seconds.items():
        share = seconds / clock.seconds["render"]
        say(f"{stage:24}{seconds / arguments.images * 1000:9.0f} ms/image{100 * share:8.1f} % of the render\n")
    whole = sum(seconds for stage, seconds in clock.seconds.items() if stage != "render") / clock.seconds["render"]
    say(f"annotation with maps: {100 * whole:.1f} % of the render; aim: {100 * AIM:.0f} %\n")
    if profile is not None:
        pstats.Stats(profile, stream=output.messages).sort_stats("tottime").print_stats(25)
    output.messages.flush()


def measure(spec: DatasetSpec, images: int, profile: cProfile.Profile | None) -> Clock:
    """Render and annotate the spec's shots, the first of each vehicle."""
    import cv2

    from blender_scenes import scene
    from blender_scenes.passes import render_sharp_layers
    from blender_scenes.render import render_image
    from pipeline.annotate import annotate
    from pipeline.keypoints import load_schema
    from pipeline.lens_warp import NO_MARGIN
    from pipeline.maps import passes_for, write_maps
    from pipeline.plan import plan_shot
    from pipeline.sensor import sensor_margin
    from pipeline.visibility import PosedVehicle, SceneView, view_scene

    cv2.setNumThreads(1)
    schema, clock = load_schema(spec.keypoints), Clock()

    def label(camera: Any, vehicles: tuple[PosedVehicle, ...]) -> SceneView:
        if profile:
            profile.enable()
        view = view_scene(camera, vehicles)
        annotate(view, schema, spec.traffic.crowd_below)
        if profile:
            profile.disable()
        return view

    with tempfile.TemporaryDirectory() as folder:
        for number in range(images):
            shot = plan_shot(spec, number * spec.vehicles.views_per_vehicle)
            built = scene.build_scene(shot.vehicle, spec, threads=1)
            camera = scene.dress_scene(built, shot, spec.image.width, spec.image.height)
            others = scene.stand_traffic(built, shot, camera, spec.traffic.target_visible)
            scene.surround(built, shot, camera, others)
            world = built.objects[0].users_scene[0]
            render_image(world, shot.seed)  # what is handed to Cycles once is no picture's
            vehicles = (scene.posed(built), *others)
            margin = sensor_margin(camera, shot.sensor) if shot.sensor else NO_MARGIN
            for _ in range(ROUNDS):
                clock.time("render", partial(render_image, world, shot.seed))
                view = clock.time("labels and masks", partial(label, camera, vehicles))
                layers = clock.time("passes", partial(render_sharp_layers, world, shot.seed, passes_for(MAPS)))
                files = partial(write_maps, Path(folder), number, MAPS, view, layers.depth, layers.normal, margin)
                clock.time("maps and their files", files)
            clock.end_shot()
    clock.seconds["passes"] = max(0.0, clock.seconds["passes"] - clock.seconds["render"])
    return clock


if __name__ == "__main__":
    main()
