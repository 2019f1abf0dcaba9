"""What a run of many machines does, event by event and without rendering: the farm's rules, with times that are drawn.

Three ways to share out the work:

    chunks   `akd generate --shard I/N` with a farm that gives each process one chunk of up to 60 images
    groups   the same, with a farm that gives one vehicle after the other to processes that live on
    dask     `akd generate --cluster`: tasks of up to 40 images of the whole dataset, each in a process of its own

A machine takes a shard, renders it with all its workers, then takes the next that nobody has. One that is lost gives
back its shard, or its tasks: what is finished stays, and shots that were set aside are tried again, as `akd generate`
does when it is started again. That a batch system starts it again is taken for granted; akd itself does not.
"""

import heapq
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from pipeline.seeds import stream_rng
from tests.benchmarks.simulated_cluster import Cluster, Overheads
from tests.benchmarks.simulated_shots import Policy, Shots, share_out

ATTEMPTS = 2
LOSSES = 4
"""Dask gives up a task that has lost so many machines (allowed-failures: 3)."""


class Span(NamedTuple):
    """What a worker does for a while; `shot` is -1 where that renders none."""

    kind: str
    begin: float
    end: float
    shot: int = -1


@dataclass
class Result:
    """What came of a run. Seconds; `spent` sums over all workers what their time went into."""

    makespan_s: float
    ideal_s: float
    tail_s: float
    capacity_s: float
    spent: defaultdict[str, float]
    counts: Counter[str]
    quarantined: frozenset[int]

    def share(self, kind: str) -> float:
        """Which part of all workers' time went into something."""
        return self.spent[kind] / self.capacity_s


@dataclass
class Work:
    """A shard, or all that a Dask scheduler has: what is still to be given out, and how many workers are at it."""

    groups: deque[list[int]]
    attempts: Counter[int] = field(default_factory=Counter)
    set_aside: list[int] = field(default_factory=list)
    at_work: int = 0


@dataclass
class Worker:
    """One core of a node. What it does until its next event is foreseen: spans, then a failure or what is left over."""

    node: int
    number: int
    speed: float
    idle: bool = True
    images: int = -1  # of its process; -1: it has none
    built: int = -1
    spans: list[Span] = field(default_factory=list)
    failed: int = -1
    left: list[int] = field(default_factory=list)


class Simulation:
    """One run: make it, then `run` it once."""

    def __init__(self, policy: Policy, shards: int, shots: Shots, cluster: Cluster, costs: Overheads, seed: int):
        self.policy, self.shots, self.cluster, self.costs = policy, shots, cluster, costs
        self._rng = stream_rng(seed, 0, "simulation.events")
        slow = round(cluster.nodes * cluster.slow_nodes)
        speeds = [cluster.slow_speed if node < slow else 1.0 for node in range(cluster.nodes)]
        self._workers = [[Worker(n, k, speed) for k in range(cluster.workers)] for n, speed in enumerate(speeds)]
        self._speed = sum(speeds) * cluster.workers
        slots = cluster.nodes * cluster.workers
        works = [Work(queue) for queue in share_out(policy, shards, shots, cluster.workers, slots)]
        self._waiting = deque(works)
        self._shared = works[0] if policy == "dask" else None
        self._here: list[Work | None] = [None] * cluster.nodes
        self._out_of_work: set[int] = set()
        self._runs = [0] * cluster.nodes
        self._down: list[float] = []
        self._heap: list[tuple[float, int, str, int, int, int]] = []
        self._events = 0
        self._finished: dict[int, float] = {}
        self._quarantined: set[int] = set()
        self._losses: Counter[int] = Counter()
        self.spent: defaultdict[str, float] = defaultdict(float)
        self.counts: Counter[str] = Counter()

    def run(self) -> Result:
        """Until each shot is rendered or set aside."""
        for node in range(self.cluster.nodes):
            self._up(0.0, node)
            self._await_loss(0.0, node)
        now = 0.0
        while len(self._finished) + len(self._quarantined) < self.shots.count:
            now, _, event, node, number, run = heapq.heappop(self._heap)
            if event == "lost":
                self._lose(now, node)
            elif event == "up":
                self._up(now, node)
                self._await_loss(now, node)
            elif run == self._runs[node]:
                self._free(now, self._workers[node][number])
        return self._result(now)

    def _at(self, time: float, event: str, node: int, number: int = 0) -> None:
        self._events += 1
        heapq.heappush(self._heap, (time, self._events, event, node, number, self._runs[node]))

    def _await_loss(self, now: float, node: int) -> None:
        if np.isfinite(self.cluster.lost_every_s):
            self._at(now + self._rng.exponential(self.cluster.lost_every_s), "lost", node)

    def _up(self, now: float, node: int) -> None:
        """A node that has nothing to do takes the next shard, or joins the Dask cluster."""
        work = self._shared or (self._waiting.popleft() if self._waiting else None)
        self._here[node] = work
        if work is None:
            self._out_of_work.add(node)
            return
        self.counts["shards begun"] += 1
        planned = self._shared is not None and now > 0  # by Dask's client, once for all
        begin = now if planned else now + self.costs.shard_s
        for worker in self._workers[node]:
            worker.idle, worker.images, worker.failed, worker.left = False, -1, -1, []
            worker.spans = [Span("start", now, begin)]
            self._at(begin, "free", node, worker.number)
        work.at_work += len(self._workers[node])

    def _free(self, now: float, worker: Worker) -> None:
        """A worker has done what it was given, or its process is gone: settle that, and give it more."""
        work = self._here[worker.node]
        assert work is not None
        self._settle(worker, work)
        if work.groups:
            self._give(now, worker, work.groups.popleft())
            return
        worker.idle = True
        work.at_work -= 1
        if work.at_work == 0 and not self._shared:
            self._up(now, worker.node)

    def _settle(self, worker: Worker, work: Work) -> None:
        for kind, begin, end, shot in worker.spans:
            self.spent[kind] += end - begin
            if shot >= 0:
                self._finished[shot] = end
        worker.spans, left, failed = [], worker.left, worker.failed
        worker.left, worker.failed = [], -1
        if failed >= 0:
            work.attempts[failed] += 1
            if work.attempts[failed] >= ATTEMPTS:
                work.set_aside.append(failed)
                self._quarantined.add(failed)
            elif self.policy == "groups":
                work.groups.append([failed])
            else:
                left = [*left, failed]
        if left:
            work.groups.appendleft(left)

    def _give(self, now: float, worker: Worker, group: list[int]) -> None:
        """Foresee how a group goes: until it is done, its process has rendered enough, or a shot ends the process."""
        time, spans = now, worker.spans
        if worker.images < 0 or self.policy != "groups":
            time += self.costs.worker_s + (self.costs.task_s if self._shared else 0.0)
            spans.append(Span("start", now, time))
            self.counts["processes"] += 1
            worker.images, worker.built = 0, -1
        for place, shot in enumerate(group):
            seconds = self.shots.seconds(shot, worker.built) / worker.speed
            outcome = self.shots.attempt(shot)
            if outcome == "done":
                spans.append(Span("render", time, time + seconds, shot))
                time += seconds
                worker.built, worker.images = self.shots.vehicle(shot), worker.images + 1
            else:
                seconds = self.costs.timeout_s if outcome == "hang" else seconds * self._rng.random()
                spans.append(Span("redone", time, time + seconds))
                time += seconds
                self.counts[outcome] += 1
                worker.failed = shot
            if outcome != "done" or worker.images >= self.costs.recycle_images:
                worker.left, worker.images = group[place + 1 :], -1
                break
        self._at(time, "free", worker.node, worker.number)

    def _lose(self, now: float, node: int) -> None:
        """A node is gone: what its workers have on disk stays, all else is to be done by somebody else."""
        self._runs[node] += 1
        self.counts["lost nodes"] += 1
        self._out_of_work.discard(node)
        self._down.append(now)
        self._at(now + self.cluster.back_after_s, "up", node)
        work, self._here[node] = self._here[node], None
        if work is None:
            return
        active = [worker for worker in self._workers[node] if not worker.idle]
        back = [group for worker in active if (group := self._cut(now, worker))]
        if self._shared:
            self._shared.groups.extendleft(group for group in back if not self._given_up(group))
            self._wake_slots(now, len(back))
            return
        self._quarantined -= set(work.set_aside)
        again = [[shot] for shot in work.set_aside]
        self._waiting.appendleft(Work(deque([*back, *work.groups, *again])))
        if self._out_of_work:
            self._up(now, self._out_of_work.pop())

    def _cut(self, now: float, worker: Worker) -> list[int]:
        """The shots that a worker has been given and not finished; forgets what was foreseen of it after now."""
        undone = [span.shot for span in worker.spans if span.end > now and span.shot >= 0]
        for kind, begin, end, shot in worker.spans:
            if end <= now:
                self.spent[kind] += end - begin
                if shot >= 0:
                    self._finished[shot] = end
            elif begin < now:
                self.spent["redone"] += now - begin
        failed = [worker.failed] if worker.failed >= 0 else []
        left = [*undone, *worker.left, *failed]
        worker.idle, worker.spans, worker.left, worker.failed = True, [], [], -1
        return left

    def _given_up(self, task: list[int]) -> bool:
        """Whether a Dask task has now lost its machine too often."""
        self._losses.update(task)
        if self._losses[task[0]] < LOSSES:
            return False
        self._quarantined.update(task)
        return True

    def _wake_slots(self, now: float, count: int) -> None:
        """Slots of a Dask cluster that have nothing to do are given what has come back."""
        assert self._shared is not None
        up = (self._workers[node] for node, work in enumerate(self._here) if work is not None)
        for worker in [worker for workers in up for worker in workers if worker.idle][:count]:
            worker.idle = False
            self._shared.at_work += 1
            self._at(now, "free", worker.node, worker.number)

    def _result(self, now: float) -> Result:
        ends = np.sort(np.fromiter(self._finished.values(), float))
        most = ends[int(0.99 * (len(ends) - 1))] if len(ends) else now
        down = sum(min(self.cluster.back_after_s, now - begin) for begin in self._down)
        self.spent["down"] = down * self.cluster.workers
        capacity = now * self.cluster.nodes * self.cluster.workers
        self.spent["idle"] = capacity - sum(self.spent.values())
        ideal = self.shots.total_s() / self._speed
        return Result(now, ideal, now - most, capacity, self.spent, self.counts, frozenset(self._quarantined))
