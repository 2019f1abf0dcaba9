"""What every render worker does beside rendering: takes orders, reports, watches its time and its memory.

The messages are told of in pipeline/worker_process.py, which is the other end of the line.
"""

import argparse
import errno
import faulthandler
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from pipeline.heap import give_back_freed

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
NOT_ALLOWED = (errno.EACCES, errno.EPERM)
LIKELY_VICTIM = "500"
"""Of a thousand: when memory runs out, Linux ends a worker before anything that cannot be begun again."""

Render = Callable[[int], dict[str, float]]
"""Renders the shot of an index onto the disk; says the seconds that each stage took."""


@dataclass(frozen=True)
class WorkerOptions:
    """What a worker is told on its command line.

    Attributes:
        number: which of the farm's workers it is; of several GPUs it takes that one.
        images: it ends after so many,
        memory_mb: and after the image that leaves it larger than this (resident memory, MB).
        timeout_s: a shot that takes longer ends the process, with all threads' stacks in the log.
    """

    out: Path
    log: Path
    number: int
    threads: int
    images: int
    memory_mb: float
    timeout_s: float


def parse_options(argv: list[str] | None = None) -> WorkerOptions:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m blender_scenes", description="Render shots for akd generate.")
    parser.add_argument("--out", type=Path, required=True, help="dataset folder, with its dataset.yaml")
    parser.add_argument("--log", type=Path, required=True, help="file for Blender's own words")
    parser.add_argument("--number", type=int, default=0, help="which worker this is (chooses the GPU)")
    parser.add_argument("--threads", type=int, default=1, help="render threads")
    parser.add_argument("--images", type=int, default=sys.maxsize, help="end after so many")
    parser.add_argument("--memory-mb", type=float, default=float("inf"), help="end when larger than this")
    parser.add_argument("--timeout-s", type=float, default=3600.0, help="end when a shot takes longer")
    return WorkerOptions(**vars(parser.parse_args(argv)))


def run_worker(options: WorkerOptions, messages: IO[str], start: Callable[[WorkerOptions], tuple[str, Render]]) -> int:
    """Serve until stdin ends; the exit code. `start` makes ready, and gives the device in words and what renders."""
    faulthandler.enable()

    def say(message: dict[str, Any]) -> None:
        messages.write(json.dumps(message) + "\n")
        messages.flush()

    try:
        _be_first_to_go()
        with time_limit(options.timeout_s):
            device, render = start(options)
        say({"ready": device})
        _serve(options, render, _orders(sys.stdin), say)
    except Exception as error:  # noqa: BLE001 - the last place to tell the farm why
        traceback.print_exc()
        say({"fatal": f"{type(error).__name__}: {error}"})
        return 1
    return 0


def _serve(
    options: WorkerOptions, render: Render, orders: Iterable[list[int]], say: Callable[[dict[str, Any]], None]
) -> None:
    rendered = 0
    for group in orders:
        for index in group:
            if orphaned():
                return
            with time_limit(options.timeout_s):
                message = _attempt(render, index, options)
            say(message)
            rendered += 1
            full = _full(options, rendered)
            if full:
                say({"full": full})
            if full or "unwritable" in message:
                return


def _attempt(render: Render, index: int, options: WorkerOptions) -> dict[str, Any]:
    """Render a shot, and say what has become of it."""
    try:
        seconds = render(index)
        give_back_freed()
    except Exception as error:  # noqa: BLE001 - whatever fails in Blender concerns this shot; the farm is told
        if isinstance(error, OSError) and _is_the_folders(error, options.out):
            return {"unwritable": f"{error.filename or 'a file'} cannot be written: {error.strerror}"}
        traceback.print_exc()
        return {"failed": index, "error": f"{type(error).__name__}: {error}", "log": log_tail(options.log)}
    return {"done": index, "seconds": seconds, "rss_mb": round(resident_mb())}


def _full(options: WorkerOptions, rendered: int) -> str:
    """Why a worker should end; empty as long as it should not."""
    if rendered >= options.images:
        return f"it has rendered {rendered} images"
    used = resident_mb()
    return f"it uses {used:.0f} MB of {options.memory_mb:.0f}" if used > options.memory_mb else ""


def _orders(lines: Iterable[str]) -> Iterator[list[int]]:
    for line in lines:
        yield [int(word) for word in line.split()]


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """End the process if what is done inside takes longer; a thread of C does it, so that no loop can stop it."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def orphaned() -> bool:
    """Whether the process that started this one is gone: then nobody counts the images any more."""
    parent = os.environ.get("AKD_PARENT")
    return parent is not None and os.getppid() != int(parent)


def resident_mb() -> float:
    """This process's resident memory, MB."""
    return psutil.Process().memory_info().rss / 2**20


def log_tail(path: Path, size: int = 20_000) -> str:
    """The end of a log; `size` in bytes."""
    sys.stdout.flush()
    sys.stderr.flush()
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - size))
        return file.read().decode("utf-8", "replace")


def _is_the_folders(error: OSError, folder: Path) -> bool:
    """Whether nothing more can be written, so that every other shot would fail as well."""
    if error.errno in NO_ROOM:
        return True
    return error.errno in NOT_ALLOWED and Path(str(error.filename)).is_relative_to(folder)


def _be_first_to_go() -> None:
    if Path("/proc/self/oom_score_adj").exists():
        Path("/proc/self/oom_score_adj").write_text(LIKELY_VICTIM)
