"""How far a farm has come: counted once, shown as a bar, as JSON lines, and in a file that `akd status` reads."""

import json
import os
import socket
import sys
import time
from collections import Counter, deque
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from tqdm import tqdm

from pipeline.farm_events import Ended, Event, Listener, Quarantined, Ready, Rendered, Retried, as_json
from pipeline.files import write_json_atomic
from pipeline.shards import Shard

RECENT = 50
"""The rate is that of so many last images."""
STATUS_EVERY_S = 2.0


class Progress:
    """What a run has done so far; a listener of its farm."""

    def __init__(self, total: int, found: int):
        self.total, self.found = total, found
        self.rendered = self.retried = 0
        self.failures: dict[int, str] = {}
        self.devices: Counter[str] = Counter()
        self.stages: Counter[str] = Counter()
        self.workers: dict[int, dict[str, Any]] = {}
        self._times = deque([time.monotonic()], maxlen=RECENT + 1)

    def __call__(self, event: Event) -> None:
        """Take note."""
        match event:
            case Ready():
                self.devices[event.device] += 1
                self.workers[event.worker] = {"device": event.device, "images": 0, "rss_mb": 0.0}
            case Rendered():
                self.rendered += 1
                self.stages.update(event.seconds)
                one = self.workers[event.worker]
                one["images"], one["rss_mb"] = one["images"] + 1, event.rss_mb
                self._times.append(time.monotonic())
            case Retried():
                self.retried += 1
            case Quarantined():
                self.failures[event.index] = event.error
            case Ended():
                self.workers.pop(event.worker, None)

    @property
    def done(self) -> int:
        """Images that are on disk, with those from before."""
        return self.found + self.rendered

    @property
    def images_per_s(self) -> float:
        """Over the last images, up to now; 0 before the first."""
        span = time.monotonic() - self._times[0]
        return (len(self._times) - 1) / span if span > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest will take; None before the first image."""
        rate = self.images_per_s
        return (self.total - self.done - len(self.failures)) / rate if rate > 0 else None

    @property
    def shares(self) -> dict[str, float]:
        """Stage to its share of the workers' time, the greatest first."""
        whole = sum(self.stages.values())
        return {name: value / whole for name, value in self.stages.most_common()} if whole > 0 else {}

    def as_json(self) -> dict[str, Any]:
        """Everything, as plain values."""
        left = self.left_s
        return {
            "total": self.total,
            "done": self.done,
            "found": self.found,
            "rendered": self.rendered,
            "retried": self.retried,
            "failures": {str(index): error for index, error in sorted(self.failures.items())},
            "images_per_s": round(self.images_per_s, 4),
            "left_s": None if left is None else round(left, 1),
            "stages": {name: round(share, 4) for name, share in self.shares.items()},
            "workers": {str(pid): one for pid, one in self.workers.items()},
        }

    def stages_as_text(self) -> str:
        """As "render 81 %, scene 7 %": where the time goes."""
        return ", ".join(f"{name} {100 * share:.0f} %" for name, share in self.shares.items() if share >= 0.005)


class Bar:
    """A progress bar on stderr; what goes wrong is told above it, once."""

    def __init__(self, progress: Progress):
        self._progress = progress
        self._bar = tqdm(total=progress.total, initial=progress.found, unit="image", desc="render", smoothing=0.05)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bar.close()

    def __call__(self, event: Event) -> None:
        """Show it; the progress has taken note before."""
        match event:
            case Ready() if sum(self._progress.devices.values()) == 1:
                self._say(f"render: {event.device}")
            case Rendered():
                self._bar.set_postfix_str(self._words(), refresh=False)
                self._bar.update()
            case Retried():
                self._say(f"image {event.index} failed and will be tried again: {event.error}")
            case Quarantined():
                self._say(f"image {event.index} is set aside: {event.error}")

    def _words(self) -> str:
        one = self._progress
        largest = max((worker["rss_mb"] for worker in one.workers.values()), default=0.0)
        count = len(one.workers)
        words = [f"{count} worker{'' if count == 1 else 's'} of up to {largest / 1024:.1f} GB"]
        words += [f"{name} {100 * share:.0f}%" for name, share in list(one.shares.items())[:2]]
        return ", ".join([*words, f"{len(one.failures)} failed"] if one.failures else words)

    def _say(self, line: str) -> None:
        tqdm.write(line, file=sys.stderr)


class JsonLines:
    """Each event as a line of JSON, with how far the run has come."""

    def __init__(self, progress: Progress, out: TextIO):
        self._progress, self._out = progress, out

    def __call__(self, event: Event) -> None:
        """Write it; the progress has taken note before."""
        one = self._progress
        left = one.left_s
        rest = {"done": one.done, "total": one.total, "left_s": None if left is None else round(left, 1)}
        print(json.dumps(as_json(event) | rest), file=self._out, flush=True)


class StatusFile:
    """Keeps .akd/progress.json of a dataset up to date, every two seconds at most."""

    def __init__(self, progress: Progress, dataset: Path, shard: Shard | None):
        self._progress, self._path = progress, status_path(dataset, shard)
        self._begun, self._next = time.time(), 0.0

    def __call__(self, event: Event) -> None:
        """Write it if the last time is long enough ago."""
        if time.monotonic() >= self._next:
            self.write("running")

    def write(self, state: str) -> None:
        """Write it now; `state` is running, finished or stopped."""
        self._next = time.monotonic() + STATUS_EVERY_S
        about = {"state": state, "pid": os.getpid(), "host": socket.gethostname(), "begun": round(self._begun, 1)}
        write_json_atomic(self._path, {**about, "updated": round(time.time(), 1), **self._progress.as_json()})


def status_path(dataset: Path, shard: Shard | None) -> Path:
    """Where a run says how far it is."""
    return dataset / ".akd" / ("progress.json" if shard is None else f"progress-{shard.stem}.json")


def all_of(*listeners: Listener) -> Listener:
    """One listener that tells several, in this order."""

    def tell(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return tell
