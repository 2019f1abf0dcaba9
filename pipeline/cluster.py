"""Shots rendered on a Dask cluster that the user already has: it shares out, repeats and survives lost workers.

The dataset's folder is one that all machines see under the same path; what is finished is on it, and what a lost
machine leaves undone is rendered by another. Needs the extra `cluster` here, and akd on every machine.
"""

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.cores import usable_cores
from pipeline.dataset_folder import read_spec
from pipeline.errors import RenderError
from pipeline.farm import Farm, group_shots
from pipeline.farm_events import Event, Listener, Quarantined, as_json, from_json
from pipeline.plan import plan_shot
from pipeline.quarantine import quarantine
from pipeline.record import record_path
from pipeline.spec import DatasetSpec
from pipeline.worker_process import WORKER_COMMAND, WorkerLimits

CONNECT_S = 20
TASK_IMAGES = 40
"""A task is so many images at most: each starts Blender anew, and is what is lost when somebody interrupts."""
TASKS_PER_SLOT = 4
"""So that those that are done early find more to do."""


@dataclass(frozen=True)
class Task:
    """A part of the plan, for one slot of a cluster."""

    dataset: Path
    shots: tuple[int, ...]
    limits: WorkerLimits
    command: tuple[str, ...]
    topic: str


def render_on_cluster(
    dataset: Path, spec: DatasetSpec, shots: Sequence[int], address: str, limits: WorkerLimits, tell: Listener
) -> dict[int, str]:
    """Render `shots` into the dataset's folder; the error of each that failed for good.

    Raises:
        RenderError: there is no scheduler, it has no workers, or a worker does not see the folder or lacks akd.
    """
    client = _connect(address)
    try:
        slots = _slots(client, address, dataset)
        topic, lock = f"akd-{uuid.uuid4()}", threading.Lock()

        def hear(event: tuple[float, dict[str, Any]]) -> None:
            with lock:
                tell(from_json(event[1]))

        client.subscribe_topic(topic, hear)
        groups = group_shots(shots, spec.vehicles.views_per_vehicle, slots)
        bundles = bundle(groups, max(1, min(TASK_IMAGES, len(shots) // (TASKS_PER_SLOT * slots))))
        tasks = [Task(dataset.absolute(), tuple(one), limits, WORKER_COMMAND, topic) for one in bundles]
        return _gather(client, spec, tasks, tell)
    finally:
        client.close()


def bundle(groups: Sequence[list[int]], images: int) -> list[list[int]]:
    """Groups put together, in their order, as long as they are of no more than so many images."""
    bundles: list[list[int]] = []
    for group in groups:
        if bundles and len(bundles[-1]) + len(group) <= images:
            bundles[-1] = [*bundles[-1], *group]
        else:
            bundles.append(list(group))
    return bundles


def render_task(task: Task) -> dict[int, str]:
    """On a machine of the cluster: render what is not there yet of a task, one worker process at a time."""
    from distributed import get_worker

    worker = get_worker()
    spec = read_spec(task.dataset)

    def tell(event: Event) -> None:
        worker.log_event(task.topic, as_json(event))

    threads = max(1, usable_cores() // worker.state.nthreads)
    farm = Farm(task.dataset, spec, 1, task.limits, tell, task.command, threads)
    farm.run(_unfinished(task))
    return farm.failures


def _unfinished(task: Task) -> list[int]:
    return [index for index in task.shots if not record_path(task.dataset, index).is_file()]


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise RenderError("--cluster needs Dask: pip install 'akd[cluster]'") from error
    by_file = address.endswith(".json")
    if by_file and not Path(address).is_file():  # Dask would wait for it for ever
        raise RenderError(f"--cluster {address}: there is no such scheduler file")
    where = {"scheduler_file": address} if by_file else {"address": address}
    try:
        return Client(**where, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise RenderError(f"--cluster {address}: no Dask scheduler answers there: {error}") from error


def _slots(client: Any, address: str, dataset: Path) -> int:
    """How many tasks run at a time; every worker must have akd and see the dataset's folder."""
    threads = client.nthreads()
    if not threads:
        raise RenderError(f"--cluster {address}: has no workers yet; start some with: dask worker {address}")
    try:
        seen = client.run(_sees, str(dataset.absolute() / "dataset.yaml"))
    except Exception as error:
        raise RenderError(f"--cluster {address}: a worker cannot run akd: {error}; install it there") from error
    blind = sorted(worker for worker, sees in seen.items() if not sees)
    if blind:
        raise RenderError(
            f"--cluster {address}: {blind[0]} does not see {dataset.absolute()}; it must be on a disk that all share"
        )
    return sum(threads.values())


def _sees(path: str) -> bool:
    return Path(path).is_file()


def _gather(client: Any, spec: DatasetSpec, tasks: Sequence[Task], tell: Listener) -> dict[int, str]:
    """Wait for all tasks. One that keeps losing its machines fails for good, with the shots that it left undone."""
    from distributed import KilledWorker, as_completed

    futures = {client.submit(render_task, task, pure=False): task for task in tasks}
    failures: dict[int, str] = {}
    try:
        for future in as_completed(futures):
            task = futures[future]
            try:
                failures |= future.result()
            except KilledWorker as error:
                why = f"it lost its machine too often: {error}"
                for index in _unfinished(task):
                    failures[index] = why
                    quarantine(task.dataset, plan_shot(spec, index), why, "")
                    tell(Quarantined(index, why))
    except BaseException:
        client.cancel(list(futures))
        raise
    return failures
