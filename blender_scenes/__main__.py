"""The worker process: python -m blender_scenes --plan FILE --shots 0,1,2 --out DATASET."""

import argparse
import json
import sys
import traceback
from pathlib import Path

from blender_scenes.silence import SilencedOutput


def main() -> int:
    """Render; every line on stdout is one JSON message, Blender's own chatter goes to a log."""
    parser = argparse.ArgumentParser(prog="python -m blender_scenes", description=__doc__)
    parser.add_argument("--plan", type=Path, required=True, help="plan.json as `akd plan` writes it")
    parser.add_argument("--shots", required=True, help="indices of the shots to render, separated by commas")
    parser.add_argument("--out", type=Path, required=True, help="dataset folder")
    parser.add_argument("--threads", type=int, default=1, help="render threads (default: 1)")
    arguments = parser.parse_args()
    output = SilencedOutput()

    def say(message: dict) -> None:
        output.messages.write(json.dumps(message) + "\n")
        output.messages.flush()

    try:
        from blender_scenes.worker import work  # imports bpy, which writes to stdout

        work(arguments.plan, [int(i) for i in arguments.shots.split(",")], arguments.out, arguments.threads, say)
    except Exception as error:  # noqa: BLE001 - the last place to tell the farm why
        traceback.print_exc()
        say({"fatal": f"{type(error).__name__}: {error} | {output.tail(600)}"})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
