"""Render a list of shots of a plan, one after the other, each to an image and a record."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from blender_scenes.render import render_image
from blender_scenes.scene import BuiltVehicle, build_scene, dress_scene, posed, stand_traffic, surround
from pipeline.annotate import annotate
from pipeline.config import parse_config
from pipeline.images import write_image
from pipeline.keypoints import KeypointSchema, load_schema
from pipeline.plan import Shot
from pipeline.record import image_path, write_record
from pipeline.sensor import develop
from pipeline.spec import DatasetSpec
from pipeline.visibility import view_scene

Say = Callable[[dict[str, Any]], None]


def work(plan: Path, indices: list[int], out: Path, threads: int, say: Say) -> None:
    """Render the plan's shots of those indices into `out`; `say` hears of each."""
    content = json.loads(plan.read_text(encoding="utf-8"))
    spec = parse_config(content["spec"], DatasetSpec, plan)
    schema = load_schema(spec.keypoints)
    built: BuiltVehicle | None = None
    for index in indices:
        if orphaned():
            return
        shot = Shot.model_validate(content["shots"][index])
        try:
            if built is None or built.reference != shot.vehicle:
                built = build_scene(shot.vehicle, spec, threads)
            render_shot(built, shot, spec, schema, out)
        except Exception as error:  # noqa: BLE001 - whatever fails in Blender concerns this shot; the farm is told
            built = None
            say({"failed": index, "error": f"{type(error).__name__}: {error}"})
        else:
            say({"done": index})


def orphaned() -> bool:
    """Whether the process that started this one is gone: then nobody counts the images any more."""
    parent = os.environ.get("AKD_PARENT")
    return parent is not None and os.getppid() != int(parent)


def render_shot(built: BuiltVehicle, shot: Shot, spec: DatasetSpec, schema: KeypointSchema, out: Path) -> None:
    """Write one shot's image, then its record."""
    camera = dress_scene(built, shot, spec.image.width, spec.image.height)
    others = stand_traffic(built, shot, camera, spec.traffic.target_visible)
    surround(built, shot, camera, others)
    image = render_image(built.objects[0].users_scene[0], shot.seed)
    if shot.sensor is not None:
        image = develop(image, shot.sensor, camera)
    annotations = annotate(view_scene(camera, (posed(built), *others)), schema, spec.traffic.crowd_below)
    write_image(image_path(out, shot, spec.image), image, spec.image.quality)
    write_record(out, shot, spec.image, camera, built.parameters, annotations)
