"""What happens while a farm renders, as values that a progress bar, a log and a status file listen to."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Ready:
    """A worker has Blender up; `device` in words, as "CPU, 1 thread"."""

    worker: int
    device: str


@dataclass(frozen=True)
class Rendered:
    """A shot is finished and on disk.

    Attributes:
        worker: the process's id.
        seconds: stage to the seconds that it took, of this shot alone.
        rss_mb: the worker's resident memory afterwards, in MB.
    """

    index: int
    worker: int
    seconds: dict[str, float] = field(default_factory=dict)
    rss_mb: float = 0.0


@dataclass(frozen=True)
class Retried:
    """A shot has failed and will be tried again."""

    index: int
    error: str


@dataclass(frozen=True)
class Quarantined:
    """A shot has failed for good."""

    index: int
    error: str


@dataclass(frozen=True)
class Ended:
    """A worker is gone: it was told to, it was full, or it died."""

    worker: int
    why: str


Event = Ready | Rendered | Retried | Quarantined | Ended
Listener = Callable[[Event], None]


def as_json(event: Event) -> dict[str, Any]:
    """An event as plain values, its kind first."""
    return {"event": type(event).__name__.lower(), **asdict(event)}


def from_json(content: dict[str, Any]) -> Event:
    """The event that `as_json` made these values of."""
    kinds = {kind.__name__.lower(): kind for kind in (Ready, Rendered, Retried, Quarantined, Ended)}
    return kinds[content["event"]](**{name: value for name, value in content.items() if name != "event"})
