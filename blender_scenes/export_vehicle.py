"""Build a generated vehicle and write it to a file: python -m blender_scenes.export_vehicle OPTIONS(JSON) OUTPUT.

One JSON object on stdout: {"facts": [...]} or {"error": "..."}.
"""

import json
import sys
from pathlib import Path
from typing import Any

from blender_scenes.silence import SilencedOutput
from pipeline.errors import AkdError


def main() -> int:
    """Write one vehicle; 1 when it cannot be done."""
    output = SilencedOutput()
    try:
        message: dict[str, Any] = {"facts": export(json.loads(sys.argv[1]), Path(sys.argv[2]))}
    except AkdError as error:
        message = {"error": str(error)}
    output.messages.write(json.dumps(message) + "\n")
    output.messages.flush()
    return int("error" in message)


def export(options: dict[str, Any], path: Path) -> list[str]:
    """Build and write; Blender is loaded here, when its own words are already kept from stdout."""
    from blender_scenes.vehicle import build_vehicle
    from blender_scenes.vehicle_file import write_vehicle
    from pipeline.appearance import Appearance

    vehicle = build_vehicle(options["style"], options["seed"], options["parameters"])
    return write_vehicle(vehicle, path, Appearance(**options["appearance"]))


if __name__ == "__main__":
    sys.exit(main())
