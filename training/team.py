"""The processes that train one model together, as `torchrun` starts them; one process alone is a team of one.

Each takes its share of every batch; gradients are added, so all make the same step. Not by torch's
DistributedDataParallel: it wraps `forward`, wants every process to see images in every step, and takes plain means,
where here a process may have none (the last batch of an epoch) and shares of unequal size must add up.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from pipeline.errors import AkdError

PATIENCE = timedelta(hours=12)
"""How long a process waits for the others: the first validates alone."""
VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
"""What torchrun tells a process by its environment."""


@dataclass(frozen=True)
class Team:
    """`size` processes, of which this one is number `rank`; the first leads: it alone validates, writes and prints."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the first process."""
        return self.rank == 0

    def share[T](self, items: list[T]) -> list[T]:
        """This process's part of a list: a run of it, and the shares of all in order are the list."""
        ends = [len(items) * rank // self.size for rank in (self.rank, self.rank + 1)]
        return items[slice(*ends)]

    def gather[T](self, value: T) -> list[T]:
        """What every process has, in their order."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        dist.all_gather_object(values, value)
        return values

    def from_leader[T](self, value: T) -> T:
        """What the first process has."""
        if self.size == 1:
            return value
        told: list[Any] = [value]
        dist.broadcast_object_list(told, src=0)
        return told[0]

    def add_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Make each gradient the sum of all processes'; one that none has stays None."""
        if self.size == 1:
            return
        there = torch.tensor([float(p.grad is not None) for p in parameters], device=parameters[0].device)
        flat = [torch.zeros_like(p).ravel() if p.grad is None else p.grad.ravel() for p in parameters]
        total = torch.cat([*flat, there])
        dist.all_reduce(total)
        *sums, there = total.split([*(p.numel() for p in parameters), len(parameters)])
        for parameter, value, count in zip(parameters, sums, there.tolist(), strict=True):
            parameter.grad = torch.empty_like(parameter).copy_(value.view_as(parameter)) if count else None

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Make each tensor the mean of all processes'."""
        if self.size == 1 or not tensors:
            return
        total = torch.cat([one.ravel() for one in tensors])
        dist.all_reduce(total)
        for one, value in zip(tensors, (total / self.size).split([t.numel() for t in tensors]), strict=True):
            one.copy_(value.view_as(one))

    @contextmanager
    def leader_first(self) -> Iterator[None]:
        """What the first process does inside, the others do after it; where it fails they end, and say nothing."""
        if not self.leads and not self.from_leader(False):
            raise SystemExit(1)
        try:
            yield
        except BaseException:
            if self.leads:
                self.from_leader(False)
            raise
        if self.leads:
            self.from_leader(True)


def started_as() -> Team:
    """The team that the environment speaks of.

    Raises:
        AkdError: it speaks of several processes, but not as torchrun does.
    """
    if os.environ.get("WORLD_SIZE", "1") == "1":
        return Team()
    missing = [name for name in VARIABLES if name not in os.environ]
    if missing:
        size = os.environ["WORLD_SIZE"]
        raise AkdError(f"WORLD_SIZE says {size} processes, but {', '.join(missing)} are not set; start with torchrun")
    return Team(int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"]))


@contextmanager
def joined() -> Iterator[Team]:
    """This process's team, connected: gradients of CPUs go by gloo, those of GPUs by NCCL.

    Raises:
        AkdError: there are more processes than GPUs, or they were not started by torchrun.
    """
    team = started_as()
    if team.size == 1:
        yield team
        return
    if torch.cuda.is_available():
        local, there = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if local >= there:
            raise AkdError(f"torchrun --nproc-per-node asks for more processes than there are GPUs: {there}")
        torch.cuda.set_device(local)
        dist.init_process_group("cpu:gloo,cuda:nccl", timeout=PATIENCE)
    else:
        dist.init_process_group("gloo", timeout=PATIENCE)
    try:
        yield team
    finally:
        dist.destroy_process_group()
