"""The render farm: worker processes that share out a plan's shots, are watched, replaced, and outlived by the work."""

import shutil
import tempfile
import threading
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from pipeline.cores import usable_cores
from pipeline.errors import AkdError, DatasetError, RenderError
from pipeline.farm_events import Ended, Event, Listener, Quarantined, Ready, Rendered, Retried
from pipeline.plan import plan_shot
from pipeline.quarantine import quarantine, release
from pipeline.spec import DatasetSpec
from pipeline.worker_process import WORKER_COMMAND, Death, WorkerLimits, WorkerProcess

GROUP = 60
"""So many views of one vehicle are one worker's; of more, others take a part."""
ATTEMPTS = 2
KILLS = 5
"""A shot may lose so many workers to somebody else: it need not be its fault."""
BAD_STARTS = 2
"""So many workers in a row that do not come up, and the farm gives up."""
HOPELESS = 8
"""So many shots set aside and not one rendered, and it gives up too."""
MIN_FREE_BYTES = 16 * 2**20


@dataclass
class Farm:
    """Renders shots into a dataset's folder with several worker processes.

    Attributes:
        tell: hears of everything that happens, from any thread, one call at a time.
        command: what starts a worker.
        threads: of each worker; None shares out the machine's cores.
        failures: index to the error of each shot that failed for good.
    """

    dataset: Path
    spec: DatasetSpec
    workers: int
    limits: WorkerLimits
    tell: Listener
    command: Sequence[str] = WORKER_COMMAND
    threads: int | None = None
    failures: dict[int, str] = field(default_factory=dict)
    _queue: deque[list[int]] = field(default_factory=deque)
    _attempts: Counter[int] = field(default_factory=Counter)
    _kills: Counter[int] = field(default_factory=Counter)
    _running: set[WorkerProcess] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _rendered: int = 0
    _bad_starts: int = 0
    _stopped: AkdError | None = None

    def run(self, shots: Sequence[int]) -> None:
        """Render the shots of those indices; returns when each is done or set aside. An interrupt stops the workers.

        Raises:
            DatasetError: the folder takes nothing more: the disk is full, or writing is not allowed.
            RenderError: no worker comes up, or nothing at all can be rendered.
        """
        self._queue.extend(group_shots(shots, self.spec.vehicles.views_per_vehicle, self.workers))
        with ThreadPoolExecutor(self.workers) as pool:
            try:
                threads = [pool.submit(self._serve, number) for number in range(self.workers)]
                for thread in wait(threads, return_when=FIRST_EXCEPTION).done:
                    thread.result()
            except BaseException:
                self._stop(RenderError("rendering was stopped"))
                raise
        if self._stopped:
            raise self._stopped

    def _serve(self, number: int) -> None:
        """Keep one worker at work, one process after the other, until nothing is left to give out."""
        worker: WorkerProcess | None = None
        while group := self._take():
            worker = worker or self._start(number)
            if worker is None:
                return
            worker.give(group)
            if not self._listen(worker, group):
                self._bury(worker, group)
                worker = None
        if worker:
            self._dismiss(worker, "nothing is left to do")

    def _take(self) -> list[int]:
        with self._lock:
            return self._queue.popleft() if self._queue and not self._stopped else []

    def _start(self, number: int) -> WorkerProcess | None:
        threads = self.threads or max(1, usable_cores() // self.workers)
        with self._lock:
            if self._stopped:
                return None
            worker = WorkerProcess(self.dataset, number, threads, self.limits, self.command)
            self._running.add(worker)
            return worker

    def _listen(self, worker: WorkerProcess, group: list[int]) -> bool:
        """Note what becomes of a group, and take out of it what is settled; False if the worker ends before that."""
        for message in worker.messages():
            match message:
                case {"ready": device}:
                    self._bad_starts = 0
                    self._say(Ready(worker.pid, device))
                case {"done": index, "seconds": seconds, "rss_mb": rss_mb}:
                    group.remove(index)
                    self._done(Rendered(index, worker.pid, seconds, rss_mb))
                case {"failed": index, "error": error, "log": log}:
                    group.remove(index)
                    self._failed(index, Death(error, log))
                case {"unwritable": error}:
                    self._stop(DatasetError(f"{self.dataset}: {error}; what is finished is kept: mend that and go on"))
            if not group:
                return True
        return False

    def _bury(self, worker: WorkerProcess, group: list[int]) -> None:
        """A worker is gone: the shot that it was at has failed, and the others of its group are still to be done."""
        death = self._dismiss(worker, worker.full)
        if self._stopped:
            return
        if not worker.full and worker.started:
            self._failed(group.pop(0), death)
        elif not worker.full:
            self._not_up(death)
        with self._lock:
            if group:
                self._queue.appendleft(group)

    def _dismiss(self, worker: WorkerProcess, why: str) -> Death:
        death = worker.wait()
        with self._lock:
            self._running.discard(worker)
        self._say(Ended(worker.pid, why or death.why))
        return death

    def _done(self, event: Rendered) -> None:
        with self._lock:
            self._rendered += 1
            release(self.dataset, event.index)
            self._say(event)

    def _failed(self, index: int, death: Death) -> None:
        """Count an attempt; a shot that has used all of its own is set aside, and the others go on."""
        with self._lock:
            counter, allowed = (self._kills, KILLS) if death.from_outside else (self._attempts, ATTEMPTS)
            counter[index] += 1
            if self._no_room():
                return
            if counter[index] < allowed:
                self._queue.append([index])
                self._say(Retried(index, death.why))
                return
            self.failures[index] = death.why
            quarantine(self.dataset, plan_shot(self.spec, index), death.why, death.log)
            self._say(Quarantined(index, death.why))
            if not self._rendered and len(self.failures) >= HOPELESS:
                self._stop(RenderError(f"{self.dataset}: the first {HOPELESS} images all failed: {death.why}"))

    def _no_room(self) -> bool:
        """Stop if a disk is full: then that is why a shot has failed."""
        for folder in (self.dataset, Path(tempfile.gettempdir())):
            free = shutil.disk_usage(folder).free
            if free < MIN_FREE_BYTES:
                where = f"{folder}: the disk is full ({free / 2**20:.0f} MB are free)"
                self._stop(DatasetError(f"{where}; what is finished is kept: make room and go on"))
                return True
        return False

    def _not_up(self, death: Death) -> None:
        with self._lock:
            self._bad_starts += 1
            if self._bad_starts >= BAD_STARTS:
                last = death.log.strip().splitlines()[-1:] or [""]
                self._stop(RenderError(f"no render worker comes up: {death.why} {last[0]}".strip()))

    def _say(self, event: Event) -> None:
        with self._lock:
            self.tell(event)

    def _stop(self, error: AkdError) -> None:
        """Let no worker go on; the first reason counts."""
        with self._lock:
            self._stopped = self._stopped or error
            for worker in self._running:
                worker.terminate()


def group_shots(indices: Sequence[int], views_per_vehicle: int, workers: int) -> list[list[int]]:
    """Shots that one worker renders in a row: those of one vehicle, which it builds once.

    A vehicle has several groups where it has very many views, or where workers would idle otherwise.
    """
    limit = max(1, min(GROUP, -(-len(indices) // workers)))
    vehicles = [list(views) for _, views in groupby(indices, lambda index: index // views_per_vehicle)]
    return [one[i : i + limit] for one in vehicles for i in range(0, len(one), limit)]
