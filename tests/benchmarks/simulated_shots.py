"""The shots of a simulated run: how long each takes, which go wrong, and how they are shared out as work."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipeline.seeds import stream_rng

Policy = Literal["chunks", "groups", "dask"]
Outcome = Literal["done", "crash", "hang", "poison"]
POLICIES: tuple[Policy, ...] = ("chunks", "groups", "dask")
CHUNK_IMAGES = 60
TASK_IMAGES, TASKS_PER_SLOT = 40, 4


@dataclass(frozen=True)
class ShotTimes:
    """Seconds of one core of speed 1, and how often a shot goes wrong.

    Attributes:
        mean_s, sigma: of the log-normal time of an image: its mean, and the standard deviation of its logarithm.
        first_s: what the first image of a vehicle takes besides, in each process that comes to it.
        crash, hang: probability that an attempt at a sound shot ends its process, or never ends.
        poison: share of the shots that end their process every time.
    """

    views_per_vehicle: int = 3
    mean_s: float = 12.5
    sigma: float = 0.22
    first_s: float = 0.3
    crash: float = 1e-3
    hang: float = 1e-4
    poison: float = 2e-5


class Shots:
    """`count` shots as they were drawn from `times`; of each, every attempt is drawn by itself."""

    def __init__(self, count: int, times: ShotTimes, seed: int):
        self.count, self.times = count, times
        drawn = stream_rng(seed, 0, "simulation.shots")
        location = np.log(times.mean_s) - times.sigma**2 / 2
        self._seconds = drawn.lognormal(location, times.sigma, count).tolist()
        self.poison = frozenset(np.flatnonzero(drawn.random(count) < times.poison).tolist())
        self._attempts = stream_rng(seed, 0, "simulation.attempts")
        self._draws: list[float] = []

    def seconds(self, shot: int, built: int) -> float:
        """How long a shot takes a process that has built the vehicle `built` (-1: none)."""
        return self._seconds[shot] + (self.times.first_s if self.vehicle(shot) != built else 0.0)

    def vehicle(self, shot: int) -> int:
        """The number of the vehicle that it shows."""
        return shot // self.times.views_per_vehicle

    def attempt(self, shot: int) -> Outcome:
        """What becomes of one attempt at a shot."""
        if shot in self.poison:
            return "poison"
        if not self._draws:
            self._draws = self._attempts.random(65536).tolist()
        draw = self._draws.pop()
        if draw < self.times.crash:
            return "crash"
        return "hang" if draw < self.times.crash + self.times.hang else "done"

    def total_s(self) -> float:
        """All shots, each rendered once and each vehicle built once."""
        return sum(self._seconds) + self.times.first_s * -(-self.count // self.times.views_per_vehicle)


def share_out(policy: Policy, shards: int, shots: Shots, workers: int, slots: int) -> list[deque[list[int]]]:
    """The queue of each shard, as lists of shots that one worker takes at a time; a single queue for Dask.

    `workers`: of one machine; `slots`: of the whole cluster.
    """
    views = shots.times.views_per_vehicle
    vehicles = [list(range(first, min(first + views, shots.count))) for first in range(0, shots.count, views)]
    if policy == "dask":
        limit = max(1, min(TASK_IMAGES, shots.count // (TASKS_PER_SLOT * slots)))
        return [deque(bundle(cut(vehicles, slots), limit))]
    queues = []
    for number in range(shards):
        part = cut(vehicles[number::shards], workers)
        images = sum(map(len, part))
        limit = max(1, min(CHUNK_IMAGES, -(-images // workers)))
        queues.append(deque(bundle(part, limit) if policy == "chunks" else part))
    return queues


def cut(vehicles: Sequence[list[int]], workers: int) -> list[list[int]]:
    """One group per vehicle; more where workers would idle otherwise, or views are very many."""
    limit = max(1, min(CHUNK_IMAGES, -(-sum(map(len, vehicles)) // workers)))
    return [one[i : i + limit] for one in vehicles for i in range(0, len(one), limit)]


def bundle(groups: Sequence[list[int]], images: int) -> list[list[int]]:
    """Groups put together, in their order, as long as they are of no more than so many images."""
    bundles: list[list[int]] = []
    for group in groups:
        if bundles and len(bundles[-1]) + len(group) <= images:
            bundles[-1] = [*bundles[-1], *group]
        else:
            bundles.append(list(group))
    return bundles
