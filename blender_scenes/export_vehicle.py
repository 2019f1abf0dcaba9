"""Build a generated vehicle and write it to a file: python -m blender_scenes.export_vehicle OPTIONS(JSON) OUTPUT.

One JSON object on stdout: {"facts": [...]} or {"error": "..."}.
"""

import json
import sys
from pathlib import Path
from typing import Any

from blender_scenes.answer import answer


def main() -> int:
    """Write one vehicle; 1 when it cannot be done."""
    return answer(lambda: {"facts": export(json.loads(sys.argv[1]), Path(sys.argv[2]))})


def export(options: dict[str, Any], path: Path) -> list[str]:
    """Build and write; Blender is loaded here, when its own words are already kept from stdout."""
    from blender_scenes.vehicle import build_vehicle
    from blender_scenes.vehicle_file import write_vehicle
    from pipeline.appearance import Appearance

    vehicle = build_vehicle(options["style"], options["seed"], options["parameters"])
    return write_vehicle(vehicle, path, Appearance(**options["appearance"]))


if __name__ == "__main__":
    sys.exit(main())
