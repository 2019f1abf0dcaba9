"""A render worker without Blender: draws a picture of one colour for each shot, and misbehaves as AKD_MISCHIEF says.

AKD_MISCHIEF is a JSON file, {"INDEX": KIND, ...} with the kinds of MISCHIEF; one followed by "once" is done only
the first time. The index "start" is for before the worker is ready, "all" for the rest.
"""

import errno
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.camera import Camera
from pipeline.dataset_folder import read_spec
from pipeline.images import write_image
from pipeline.plan import plan_shot
from pipeline.record import image_path, write_record
from pipeline.worker_loop import Render, WorkerOptions, parse_options, run_worker

HOARD: list[bytes] = []


def fill_the_disk(_: Path) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", "images/000001.png")


def be_refused(out: Path) -> None:
    raise PermissionError(errno.EACCES, "Permission denied", str(out / "images" / "000001.png"))


def fail(_: Path) -> None:
    raise ValueError("the bonnet is inside out")


MISCHIEF: dict[str, Callable[[Path], object]] = {
    "crash": lambda _: os.kill(os.getpid(), signal.SIGSEGV),
    "kill": lambda _: os.kill(os.getpid(), signal.SIGKILL),
    "stop": lambda _: os.kill(os.getpid(), signal.SIGSTOP),
    "exit": lambda _: os._exit(7),
    "hang": lambda _: time.sleep(3600),
    "very slow": lambda _: time.sleep(6),
    "slow": lambda _: time.sleep(0.2),
    "grow": lambda _: HOARD.append(b"x" * (300 * 2**20)),
    "raise": fail,
    "full disk": fill_the_disk,
    "not allowed": be_refused,
    "": lambda _: None,
}


def mischief(key: str) -> str:
    """What to do at a shot; "once" is noted beside the file."""
    file = os.environ.get("AKD_MISCHIEF")
    wanted = json.loads(Path(file).read_text()) if file else {}
    kind = wanted.get(key, "" if key == "start" else wanted.get("all", ""))
    if not kind.endswith(" once"):
        return kind
    mark = Path(f"{file}.{key}.done")
    if mark.exists():
        return ""
    mark.touch()
    return kind.removesuffix(" once")


def annotation(index: int) -> dict[str, Any]:
    """One vehicle of which one keypoint is seen."""
    points = [4.0 + index % 8, 5.0, 2] + [0] * 57
    box = {"bbox": [2, 2, 12, 10], "area": 100, "iscrowd": 0}
    return {"category_id": 1, **box, "keypoints": points, "num_keypoints": 1}


def start(options: WorkerOptions) -> tuple[str, Render]:
    MISCHIEF[mischief("start")](options.out)
    spec = read_spec(options.out)

    def render(index: int) -> dict[str, float]:
        print("rendering", index, file=sys.stderr)
        MISCHIEF[mischief(str(index))](options.out)
        shot = plan_shot(spec, index)
        width, height = spec.image.width, spec.image.height
        color = np.random.default_rng(shot.seed).integers(0, 256, 3, dtype=np.uint8)
        write_image(image_path(options.out, index, spec.image), np.tile(color, (height, width, 1)), spec.image.quality)
        camera = Camera(width, height, np.array([[50.0, 0, width / 2], [0, 50, height / 2], [0, 0, 1]]), np.eye(4))
        write_record(options.out, shot, spec.image, camera, {}, [annotation(index)])
        return {"render": 0.01, "write": 0.005}

    return "imagination", render


if __name__ == "__main__":
    sys.exit(run_worker(parse_options(), os.fdopen(os.dup(1), "w"), start))
