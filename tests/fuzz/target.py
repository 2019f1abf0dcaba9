"""What can be fuzzed: real files to begin with, and what reads them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Target:
    """One parser.

    Attributes:
        seeds: sound inputs.
        feed: reads an input; may write into the folder. Only an AkdError may come out.
    """

    seeds: Callable[[Path], Sequence[bytes]]
    feed: Callable[[bytes, Path], None]
