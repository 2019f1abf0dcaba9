"""One render worker: a process that is given shots line by line, says what becomes of them, and cannot hang for ever.

A worker is `python -m blender_scenes`. It reads indices on stdin, one group of shots per line, and writes one JSON
message per line on stdout:

    {"ready": "CPU, 1 thread"}                                   Blender is up
    {"done": 7, "seconds": {"render": 9.8, ...}, "rss_mb": 812}  the shot is on disk
    {"failed": 7, "error": "..."}                                it is not, and the worker goes on
    {"full": "..."}                                              it has rendered enough, and ends
    {"unwritable": "..."}                                        the dataset's folder takes nothing more, and it ends
    {"fatal": "..."}                                             anything else, and it ends
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from pipeline.worker_loop import log_tail

ROOT = Path(__file__).resolve().parent.parent
WORKER_COMMAND = (sys.executable, "-m", "blender_scenes")
GRACE_S = 30.0
"""A worker ends itself when a shot takes too long and tells where it hung; after this much more it is killed."""
TIMEOUT_MARK = "Timeout ("
"""What faulthandler writes when a worker ends itself."""


@dataclass(frozen=True)
class WorkerLimits:
    """When a worker is replaced by a new one, and when a shot is given up.

    Attributes:
        images: a worker ends after so many; Blender leaks a little with each, and a new process costs 3 s.
        memory_mb: a worker ends after the image that leaves it larger than this (resident memory, MB).
        timeout_s: a shot that takes longer counts as failed, and its worker is replaced.
    """

    images: int
    memory_mb: float
    timeout_s: float


@dataclass(frozen=True)
class Death:
    """Why a worker is gone, in words; the end of its log; and whether somebody else killed it."""

    why: str
    log: str
    from_outside: bool = False


def default_memory_mb(workers: int) -> float:
    """A share of the machine's memory for each worker that leaves a quarter of it to everybody else."""
    return 0.75 * psutil.virtual_memory().total / 2**20 / workers


class WorkerProcess:
    """A running worker.

    Attributes:
        started: it has said that Blender is up.
        full: why it has ended by itself although nothing was wrong; empty as long as it has not.
        fatal: what it has said before it gave up; empty if it has not.
    """

    def __init__(self, dataset: Path, number: int, threads: int, limits: WorkerLimits, command: Sequence[str]):
        self.started = self._timed_out = False
        self.full = self.fatal = ""
        self._timeout_s = limits.timeout_s
        self._log = tempfile.NamedTemporaryFile(prefix="akd-worker-", suffix=".log")  # noqa: SIM115 - closed by `wait`
        options = {"out": dataset.absolute(), "log": self._log.name, "threads": threads}
        options |= {"images": limits.images, "memory-mb": limits.memory_mb, "timeout-s": limits.timeout_s}
        options |= {"number": number}
        self._process = subprocess.Popen(
            [*command, *(text for name, value in options.items() for text in (f"--{name}", str(value)))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            cwd=ROOT,
            env={
                **os.environ,
                "OMP_NUM_THREADS": str(threads),
                "OPENBLAS_NUM_THREADS": "1",  # its threads spin while they wait, and take a core from Cycles
                "AKD_PARENT": str(os.getpid()),
            },
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def give(self, indices: Sequence[int]) -> None:
        """Give it shots to render, in this order. One that is dead by now is found out by `messages`."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(" ".join(map(str, indices)) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return

    def messages(self) -> Iterator[dict[str, Any]]:
        """What it says, until it ends; one that is silent for too long is killed."""
        assert self._process.stdout is not None
        while True:
            timer = threading.Timer(self._timeout_s + GRACE_S, self._too_long)
            timer.start()
            line = self._process.stdout.readline()
            timer.cancel()
            if not line.endswith("\n"):
                return
            message = json.loads(line)
            self.started |= "ready" in message
            self.full = message.get("full", self.full)
            self.fatal = message.get("fatal", self.fatal)
            yield message

    def terminate(self) -> None:
        """Make it drop what it does. Safe to call from any thread, more than once."""
        self._process.terminate()

    def wait(self) -> Death:
        """Let it end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it may be gone before it is told
            self._process.stdin.close()
        self._process.stdout.close()
        try:
            code = self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        log = log_tail(Path(self._log.name))
        self._log.close()
        if self._timed_out or TIMEOUT_MARK in log:
            return Death(f"took longer than {self._timeout_s:g} s", log)
        if code in (-signal.SIGKILL, -signal.SIGTERM):
            why = f"the worker was killed by {signal.Signals(-code).name}; was there too little memory?"
            return Death(why, log, from_outside=True)
        if code < 0:
            return Death(f"the worker died of {signal.Signals(-code).name}", log)
        return Death(self.fatal or f"the worker ended with exit code {code}", log)

    def _too_long(self) -> None:
        self._timed_out = True
        self._process.kill()
