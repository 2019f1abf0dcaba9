"""The worker process of `akd generate`: python -m blender_scenes --out DATASET --log FILE < SHOTS."""

import sys

from blender_scenes.libraries import keep_no_colour_processors
from blender_scenes.silence import SilencedOutput
from pipeline.worker_loop import Render, WorkerOptions, parse_options, run_worker


def main() -> int:
    """Render; every line on stdout is one JSON message, Blender's own chatter goes to the log."""
    options = parse_options()
    output = SilencedOutput(options.log)

    def start_blender(options: WorkerOptions) -> tuple[str, Render]:
        keep_no_colour_processors()
        from blender_scenes.worker import start  # imports bpy, which writes to stdout

        return start(options)

    return run_worker(options, output.messages, start_blender)


if __name__ == "__main__":
    sys.exit(main())
