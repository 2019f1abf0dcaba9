"""The render farm: worker processes that render a plan's shots, started, watched, recycled and started again.

A worker is `python -m blender_scenes`. It reads the plan, renders the shots that it is given, and says one JSON line
for each: {"done": index} or {"failed": index, "error": text}. What it has finished is on disk; no more is passed back.
"""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import RenderError
from pipeline.plan import Shot

ROOT = Path(__file__).resolve().parent.parent
IMAGES_PER_WORKER = 60
"""Blender leaks a little with each image; a new process costs 3 s."""
ATTEMPTS = 2


@dataclass
class Farm:
    """Renders shots into a dataset folder with several worker processes.

    Attributes:
        on_image: called after each finished image, from any thread, one call at a time.
        failures: index to the error of each shot that failed for good.
    """

    dataset: Path
    plan: Path
    workers: int
    on_image: Callable[[int], object]
    failures: dict[int, str] = field(default_factory=dict)
    _attempts: Counter[int] = field(default_factory=Counter)
    _running: set[subprocess.Popen] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopping: bool = False

    def run(self, shots: list[Shot]) -> None:
        """Render `shots`. Returns when each is done or has failed for good; on an interrupt stops the workers first."""
        with ThreadPoolExecutor(self.workers) as pool:
            try:
                for done in [pool.submit(self._finish, chunk) for chunk in chunk_shots(shots, self.workers)]:
                    done.result()
            except BaseException:
                self._stop()
                pool.shutdown(cancel_futures=True)
                raise

    def _stop(self) -> None:
        with self._lock:
            self._stopping = True
            for process in self._running:
                process.terminate()

    def _finish(self, chunk: list[int]) -> None:
        """Give a chunk to one worker after another until nothing is left of it."""
        left = list(chunk)
        while left and not self._stopping:
            left = self._work(left)

    def _work(self, indices: list[int]) -> list[int]:
        """Let one worker render; returns what is still to do."""
        left, tail = list(indices), ""
        with self._start(left) as process:
            assert process.stdout is not None
            for line in process.stdout:
                message = json.loads(line)
                if "done" in message:
                    left.remove(message["done"])
                    with self._lock:
                        self.on_image(message["done"])
                elif "failed" in message:
                    left = self._failed(message["failed"], message["error"], left)
                else:
                    tail = message["fatal"]
        code = process.returncode
        with self._lock:
            self._running.discard(process)
        if left and (code != 0 or left == indices) and not self._stopping:
            left = self._failed(left[0], tail or f"the worker ended with exit code {code}", left)
        return left

    def _failed(self, index: int, error: str, left: list[int]) -> list[int]:
        """Count an attempt; a shot that has used all of its own is given up, and the others go on."""
        self._attempts[index] += 1
        others = [i for i in left if i != index]
        if self._attempts[index] < ATTEMPTS:
            return [*others, index]
        self.failures[index] = error
        return others

    def _start(self, indices: list[int]) -> subprocess.Popen:
        threads = max(1, (os.cpu_count() or 1) // self.workers)
        command = [sys.executable, "-m", "blender_scenes", "--plan", str(self.plan.absolute())]
        command += ["--out", str(self.dataset.absolute()), "--threads", str(threads)]
        with self._lock:
            if self._stopping:
                raise RenderError("rendering was stopped")
            process = subprocess.Popen(
                [*command, "--shots", ",".join(map(str, indices))],
                stdout=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                text=True,
                cwd=ROOT,
                env={
                    **os.environ,
                    "OMP_NUM_THREADS": str(threads),
                    "OPENBLAS_NUM_THREADS": "1",
                    "AKD_PARENT": str(os.getpid()),
                },
                start_new_session=True,
            )
            self._running.add(process)
            return process


def chunk_shots(shots: list[Shot], workers: int) -> list[list[int]]:
    """Shots as work for one process each: whole vehicles, short enough that no worker idles at the end."""
    limit = max(1, min(IMAGES_PER_WORKER, -(-len(shots) // workers)))
    vehicles: list[list[Shot]] = []
    for shot in shots:
        if vehicles and vehicles[-1][-1].vehicle == shot.vehicle:
            vehicles[-1].append(shot)
        else:
            vehicles.append([shot])
    chunks: list[list[int]] = []
    for vehicle in vehicles:
        indices = [shot.index for shot in vehicle]
        if chunks and len(chunks[-1]) + len(indices) <= limit:
            chunks[-1] += indices
        else:
            chunks += [indices[i : i + limit] for i in range(0, len(indices), limit)]
    return chunks
