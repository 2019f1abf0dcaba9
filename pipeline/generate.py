"""From a spec to a finished, checked dataset on disk: plan, render what is missing, collect, check."""

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.check import check_dataset
from pipeline.collect import Collected, collect_annotations
from pipeline.cores import usable_cores
from pipeline.dataset_folder import grow_dataset, only_writer, open_dataset, read_spec
from pipeline.errors import DatasetError, RenderError
from pipeline.farm import Farm
from pipeline.farm_events import Listener
from pipeline.files import remove_partial
from pipeline.keypoints import load_schema
from pipeline.map_files import maps_are_there
from pipeline.plan_summary import SECONDS_PER_SAMPLE
from pipeline.progress import Bar, JsonLines, Progress, StatusFile, all_of
from pipeline.record import finished_shots
from pipeline.shards import Shard
from pipeline.spec import DatasetSpec
from pipeline.worker_process import ROOT, WORKER_COMMAND, WorkerLimits, default_memory_mb

BYTES_PER_PIXEL = 1.0
"""Of a finished image with its record, generously."""
MAP_BYTES_PER_PIXEL = {"depth": 4.0, "normals": 6.0, "instances": 0.2}
"""Of its maps: those of smooth surfaces pack well, those of gravel and leaves do not."""
IMAGES_PER_WORKER = 200
TIMEOUT_S = 120.0
TIMEOUT_TIMES = 30.0
"""A shot may take so many times what its samples take on a core, and TIMEOUT_S besides."""


@dataclass(frozen=True)
class FarmOptions:
    """How a dataset is rendered; nothing of it is seen in the result. None: as the machine and the spec suggest.

    Attributes:
        workers: processes; one per GPU, or per core where there is none.
        images_per_worker, memory_mb: a worker is replaced after so many images, or when it is larger than this.
        timeout_s: a shot that takes longer counts as failed.
        shard: render this part only.
        cluster: the address of a Dask scheduler (or its scheduler file) whose workers render, instead of this machine.
        json_lines: say what happens as JSON lines on stdout instead of a progress bar.
    """

    workers: int | None = None
    images_per_worker: int = IMAGES_PER_WORKER
    memory_mb: float | None = None
    timeout_s: float | None = None
    shard: Shard | None = None
    cluster: str | None = None
    json_lines: bool = False

    def limits(self, spec: DatasetSpec, workers: int) -> WorkerLimits:
        """When a worker is replaced, and a shot given up."""
        return WorkerLimits(
            self.images_per_worker,
            self.memory_mb or default_memory_mb(workers),
            self.timeout_s or usual_timeout_s(spec),
        )


@dataclass(frozen=True)
class GenerateSummary:
    """What `generate_dataset` made.

    Attributes:
        rendered, found: images that were rendered now, and that were there before.
        stages: where the time went, in words.
        holds: what the dataset holds; None of a shard, which is no dataset yet.
    """

    folder: Path
    rendered: int
    found: int
    stages: str
    holds: Collected | None
    shard: Shard | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values, as the last of the JSON lines."""
        return {
            "event": "finished",
            "dataset": str(self.folder),
            "rendered": self.rendered,
            "found": self.found,
            "shard": None if self.shard is None else str(self.shard),
            "holds": None if self.holds is None else asdict(self.holds),
        }

    def as_text(self) -> str:
        """A line, and one more where limits made shots be drawn again."""
        line = f"wrote {self.folder}: {self.rendered} images rendered, {self.found} there before"
        line += f" (time: {self.stages})" if self.stages else ""
        if self.holds is None:
            return f"{line}; shard {self.shard} is done: when all are, akd merge puts them together"
        splits = ", ".join(f"{count} {name}" for name, count in self.holds.per_split.items())
        line += f"; {splits}"
        reasons = {name: count for name, count in self.holds.rejections.items() if name != "kept"}
        kept = self.holds.rejections.get("kept", 0)
        if reasons:
            told = ", ".join(f"{name} {count}" for name, count in sorted(reasons.items()))
            line += f"\n{self.holds.drawn_again} of {sum(self.holds.per_split.values())} shots were drawn again: {told}"
        return line + (f"\n{kept} shots break a limit still: their records say which" if kept else "")


def generate_dataset(
    spec: DatasetSpec, out: Path, workers: int | None = None, *, options: FarmOptions | None = None
) -> GenerateSummary:
    """Render every image of `spec` that is not yet in `out`; a dataset of fewer images of the same spec grows.

    Started again after any interruption it goes on where it was, and ends with the same dataset.

    Raises:
        DatasetError: the folder is another dataset's, in use, full, or the finished dataset fails its check.
        RenderError: some shots could not be rendered; all others have been.
        KeyboardInterrupt: on SIGINT, and on SIGTERM and SIGHUP too.
    """
    options = options or FarmOptions(workers)
    open_dataset(out, spec)
    with only_writer(out, options.shard), interrupted_by_signals():
        if options.shard is None:
            grow_dataset(out, spec)
        elif read_spec(out).images < spec.images:
            raise DatasetError(
                f"{out}: was begun with fewer images; let it grow without --shard, or give another folder"
            )
        shard = options.shard or Shard(1, 1)
        wanted = shard.of(spec.images, spec.vehicles.views_per_vehicle)
        progress, failures = render_missing(spec, out, wanted, options)
        if failures:
            raise RenderError(_named(out, failures, len(wanted)))
        holds = None if options.shard else finish_dataset(spec, out)
    return GenerateSummary(
        out, progress.rendered, progress.found, progress.stages_as_text(), holds, shard=options.shard
    )


def render_missing(
    spec: DatasetSpec, out: Path, wanted: Sequence[int], options: FarmOptions
) -> tuple[Progress, dict[int, str]]:
    """Render what is not there of those shots; how it went, and the error of each that failed for good."""
    missing = missing_shots(spec, out, wanted)
    _require_space(out, len(missing) * spec.image.width * spec.image.height * bytes_per_pixel(spec))
    progress = Progress(len(wanted), len(wanted) - len(missing))
    if not missing:
        return progress, {}
    if options.cluster:
        from pipeline.cluster import render_on_cluster  # Dask is an extra

        with _told(progress, out, options) as tell:
            return progress, render_on_cluster(out, spec, missing, options.cluster, options.limits(spec, 1), tell)
    workers = min(options.workers or usual_workers(spec), len(missing))
    with _told(progress, out, options) as tell:
        farm = Farm(out, spec, workers, options.limits(spec, workers), tell, WORKER_COMMAND)
        farm.run(missing)
    return progress, farm.failures


def missing_shots(spec: DatasetSpec, out: Path, wanted: Iterable[int]) -> list[int]:
    """Those without a record, or without their maps."""
    found = {index for index in finished_shots(out) if maps_are_there(out, spec.annotations, index)}
    return [index for index in wanted if index not in found]


def finish_dataset(spec: DatasetSpec, out: Path) -> Collected:
    """Write the COCO files of a dataset whose shots are all there, and check it.

    Raises:
        DatasetError: a record is missing or damaged, or the check finds a fault.
    """
    remove_partial(out)
    holds = collect_annotations(out, spec, load_schema(spec.keypoints))
    problems = [problem for problem in check_dataset(out) if problem.severity == "error"]
    if problems:
        raise DatasetError(f"{out}: the finished dataset has {len(problems)} faults; the first: {problems[0]}")
    return holds


def usual_workers(spec: DatasetSpec) -> int:
    """One worker per GPU, or per core where Blender finds none or may not use it."""
    cores = usable_cores()
    if spec.render.device == "cpu":
        return cores
    found = subprocess.run(
        [sys.executable, "-m", "blender_scenes.devices"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if found.returncode != 0:  # a worker will say what is wrong with Blender
        return cores
    return len(json.loads(found.stdout)["gpus"]) or cores


def usual_timeout_s(spec: DatasetSpec) -> float:
    """Far longer than any sound shot takes, on a slow core."""
    samples = spec.image.width * spec.image.height * spec.render.most_samples
    return TIMEOUT_S + TIMEOUT_TIMES * samples * SECONDS_PER_SAMPLE


def bytes_per_pixel(spec: DatasetSpec) -> float:
    """How much room a finished image takes, at most."""
    return BYTES_PER_PIXEL + sum(MAP_BYTES_PER_PIXEL[kind] for kind in spec.annotations.maps)


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP interrupt as Ctrl-C does: a cluster that takes a machine back asks in this way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    heeded = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is not signal.SIG_IGN]  # nohup
    before = {number: signal.signal(number, interrupt) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _told(progress: Progress, out: Path, options: FarmOptions) -> Iterator[Listener]:
    """What keeps the user informed while a farm runs."""
    status = StatusFile(progress, out, options.shard)
    with ExitStack() as shown:
        show = JsonLines(progress, sys.stdout) if options.json_lines else shown.enter_context(Bar(progress))
        status.write("running")
        try:
            yield all_of(progress, show, status)
        except BaseException:
            status.write("stopped")
            raise
        status.write("finished")


def _named(out: Path, failures: dict[int, str], count: int) -> str:
    names = ", ".join(str(index) for index in sorted(failures)[:20]) + (", ..." if len(failures) > 20 else "")
    first = failures[min(failures)]
    return (
        f"{out}: {len(failures)} of {count} images failed, all others are done: {names}; the first: {first}; "
        f"their plans and logs are in {out / 'quarantine'}; the same command tries them again"
    )


def _require_space(folder: Path, needed: float) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DatasetError(
            f"{folder}: about {needed / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free on that disk"
        )
