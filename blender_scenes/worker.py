"""Render a list of shots of a plan, one after the other, each to an image and a record."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from blender_scenes.scene import BuiltVehicle, build_scene
from blender_scenes.shoot import render_shot
from pipeline.config import parse_config
from pipeline.keypoints import load_schema
from pipeline.plan import Shot
from pipeline.spec import DatasetSpec

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
