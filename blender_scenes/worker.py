"""What a render worker does with Blender: a dataset's shots, one at a time, each to an image and a record."""

import bpy

from blender_scenes.render import configure_cycles
from blender_scenes.scene import BuiltVehicle, build_scene
from blender_scenes.shoot import render_shot
from pipeline.dataset_folder import read_spec
from pipeline.keypoints import load_schema
from pipeline.plan import plan_shot
from pipeline.stopwatch import Stopwatch
from pipeline.worker_loop import Render, WorkerOptions


def start(options: WorkerOptions) -> tuple[str, Render]:
    """The device that is used, in words, and what renders the dataset's shots by index.

    Raises:
        DatasetError: the folder holds no dataset.
        RenderError: a GPU is asked for and there is none.
    """
    spec = read_spec(options.out)
    schema = load_schema(spec.keypoints)
    built: BuiltVehicle | None = None

    def render(index: int) -> dict[str, float]:
        nonlocal built
        clock, shot = Stopwatch(), plan_shot(spec, index)
        kept, built = built, None  # of one that fails halfway nothing is kept
        if kept is None or kept.reference != shot.vehicle:
            with clock("build"):
                kept = build_scene(shot.vehicle, spec, options.threads, options.number)
        render_shot(kept, shot, spec, schema, options.out, clock)
        built = kept
        return clock.lap()

    return configure_cycles(bpy.context.scene, spec.render, options.threads, options.number), render
