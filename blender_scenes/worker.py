"""Render a list of shots of a plan, one after the other, each to an image and a record."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from blender_scenes.occluders.stand import stand_occluders
from blender_scenes.passes import render_sharp_layers
from blender_scenes.scene import BuiltVehicle, build_scene, dress_scene, posed, stand_traffic, surround
from pipeline.annotate import annotate
from pipeline.config import parse_config
from pipeline.images import write_image
from pipeline.keypoints import KeypointSchema, load_schema
from pipeline.lens_warp import NO_MARGIN
from pipeline.maps import passes_for, write_maps
from pipeline.plan import Shot
from pipeline.record import image_path, write_record
from pipeline.sensor import develop, sensor_margin
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
    """Write one shot's image and maps, then its record."""
    camera = dress_scene(built, shot, spec.image.width, spec.image.height)
    others = stand_traffic(built, shot, camera, spec.traffic.target_visible)
    layout = surround(built, shot, camera, others)
    vehicles = (posed(built), *others)
    occluders = stand_occluders(shot, camera, vehicles, layout, spec.traffic.target_visible)
    layers = render_sharp_layers(built.objects[0].users_scene[0], shot.seed, passes_for(spec.annotations))
    image, margin = layers.image, NO_MARGIN
    if shot.sensor is not None:
        image, margin = develop(image, shot.sensor, camera), sensor_margin(camera, shot.sensor)
    view = view_scene(camera, vehicles, tuple((one.vertices, one.triangles) for one in occluders))
    annotations = annotate(view, schema, spec.traffic.crowd_below, spec.annotations.segmentation)
    write_image(image_path(out, shot, spec.image), image, spec.image.quality)
    maps = write_maps(out, shot.index, spec.annotations, view, layers.depth, layers.normal, margin)
    stood = [one.to_json(shot.occluders[one.number]) for one in occluders]
    write_record(out, shot, spec.image, camera, built.parameters, annotations, maps, stood)
