"""One generated vehicle as a file with labels, for other programs: written by Blender in a process of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.blender_process import run_blender
from pipeline.errors import AkdError
from pipeline.paint import PAINTS
from pipeline.sidecar import sidecar_path
from pipeline.vehicle_parameters import require_sensible

SUFFIXES = (".glb", ".gltf", ".obj", ".blend")


@dataclass(frozen=True)
class VehicleOrder:
    """What vehicle to write: (style, seed), parameters that are set by hand, and a paint by name."""

    style: str
    seed: int
    parameters: Mapping[str, float]
    paint: str = "silver"
    finish: str = "metallic"


def export_vehicle(order: VehicleOrder, path: Path, force: bool = False) -> list[str]:
    """Write the vehicle and its label file MODEL.keypoints.yaml; what was written, a line each.

    Raises:
        AkdError: the suffix is not one of `SUFFIXES`, or a file is there already and `force` is not set.
        SpecError: style, parameters or paint make no vehicle.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise AkdError(f"{path}: cannot write a {path.suffix or 'suffixless'} file; allowed: {', '.join(SUFFIXES)}")
    require_sensible(order.parameters)
    for file in (path, sidecar_path(path)):
        if file.exists() and not force:
            raise AkdError(f"{file}: exists already; --force writes over it")
    path.parent.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {
        "style": order.style,
        "seed": order.seed,
        "parameters": dict(order.parameters),
        "appearance": {"paint_rgb": PAINTS[order.paint][0], "paint_finish": order.finish},
    }
    arguments = [json.dumps(options), str(path.absolute())]
    return [str(fact) for fact in run_blender("blender_scenes.export_vehicle", arguments, path)["facts"]]
