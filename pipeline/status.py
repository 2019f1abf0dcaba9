"""How far the runs are that render a dataset, told from outside: `akd status`."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.coco import SPLITS
from pipeline.dataset_folder import is_locked, read_spec
from pipeline.errors import DatasetError
from pipeline.json_file import read_json
from pipeline.plan_summary import format_seconds
from pipeline.quarantine import quarantined_shots
from pipeline.record import finished_shots


@dataclass(frozen=True)
class Run:
    """One `akd generate` as its own file tells of it; `alive`: it is at work now."""

    name: str
    alive: bool
    told: dict[str, Any]

    @property
    def state(self) -> str:
        """running, finished, stopped, or dead: it ended without a word."""
        told = str(self.told.get("state"))
        return "dead" if told == "running" and not self.alive else told


@dataclass(frozen=True)
class Status:
    """A dataset and the runs that have been at work in it."""

    folder: Path
    total: int
    done: int
    quarantined: tuple[int, ...]
    collected: bool
    runs: tuple[Run, ...]

    @property
    def state(self) -> str:
        """rendering, finished, or stopped."""
        if any(run.state == "running" for run in self.runs):
            return "rendering"
        return "finished" if self.collected and self.done == self.total else "stopped"

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "dataset": str(self.folder),
            "state": self.state,
            "total": self.total,
            "done": self.done,
            "quarantined": list(self.quarantined),
            "runs": [{"name": run.name, **run.told, "state": run.state} for run in self.runs],
        }

    def as_text(self) -> str:
        """A line on the dataset, and one on each run."""
        line = f"{self.folder}: {self.state}, {self.done} of {self.total} images"
        if self.quarantined:
            names = ", ".join(map(str, self.quarantined[:10])) + (", ..." if len(self.quarantined) > 10 else "")
            line += f", {len(self.quarantined)} set aside in quarantine/ ({names})"
        if self.state == "stopped":
            line += "; the same akd generate goes on"
        return "\n".join([line, *(_line(run) for run in self.runs)])


def dataset_status(folder: Path) -> Status:
    """Look at a dataset's folder; nothing in it is touched.

    Raises:
        DatasetError: it is no dataset that akd generate has begun.
    """
    spec = read_spec(folder)
    notes = folder / ".akd"
    runs = tuple(_run(file) for file in sorted(notes.glob("progress*.json")))
    collected = all((folder / f"{name}.json").is_file() for name in ("annotations", *SPLITS))
    done = len(finished_shots(folder))
    return Status(folder, spec.images, done, tuple(sorted(quarantined_shots(folder))), collected, runs)


def _run(file: Path) -> Run:
    shard = file.stem.removeprefix("progress").removeprefix("-")
    lock = file.with_name(f"lock-{shard}" if shard else "lock")
    told = read_json(file, DatasetError, "delete it")
    return Run(f"shard {shard.replace('-of-', '/')}" if shard else "generate", is_locked(lock), told)


def _line(run: Run) -> str:
    told = run.told
    words = [f"  {run.name}: {run.state}, {told['done']} of {told['total']}"]
    if run.state == "running":
        left = told["left_s"]
        words.append(f"{60 * told['images_per_s']:.1f} images/min")
        words.append("time left not known yet" if left is None else f"{format_seconds(left)} left")
        largest = max((one["rss_mb"] for one in told["workers"].values()), default=0.0)
        words.append(f"{len(told['workers'])} workers of up to {largest / 1024:.1f} GB")
        words.append(f"heard of {format_seconds(max(0.0, time.time() - told['updated']))} ago")
    stages = ", ".join(f"{name} {100 * share:.0f} %" for name, share in told["stages"].items() if share >= 0.005)
    words += [f"time: {stages}"] if stages else []
    words += [f"{told['retried']} tried again"] if told["retried"] else []
    words += [f"{len(told['failures'])} failed"] if told["failures"] else []
    return ", ".join(words)
