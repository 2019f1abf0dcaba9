"""The machines of a simulated run, and what they spend on other things than rendering."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cluster:
    """Machines and what befalls them.

    Attributes:
        workers: of each node, one core each.
        slow_nodes, slow_speed: so large a part of the nodes runs at this speed instead of 1.
        lost_every_s: mean time between two losses of one node; it is back, or replaced, after `back_after_s`.
    """

    nodes: int = 32
    workers: int = 32
    slow_nodes: float = 0.05
    slow_speed: float = 0.5
    lost_every_s: float = 24 * 3600.0
    back_after_s: float = 600.0


@dataclass(frozen=True)
class Overheads:
    """What is no rendering, seconds.

    Attributes:
        worker_s: until a process is up.
        recycle_images: a process ends after so many; of "groups" only, the others' are short.
        shard_s: before a shard's workers start, all of which wait; of Dask once, before all tasks.
        task_s: before the process of a Dask task starts.
        timeout_s: what a shot that hangs costs.
    """

    worker_s: float = 3.0
    recycle_images: int = 200
    shard_s: float = 10.0
    task_s: float = 0.0
    timeout_s: float = 500.0
