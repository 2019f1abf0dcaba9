"""One fault of a dataset, as one line: how bad, where, what, and what is allowed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from pipeline.one_line import one_line

MOST = 20
"""Of one kind of fault in one file, so many are listed; the rest are counted."""


@dataclass(frozen=True)
class Problem:
    """A fault.

    Attributes:
        severity: "error" breaks a rule of the format, or leaks between splits; "warning" is allowed, but seldom meant.
        where: file, and the place in it.
        what: what is there.
        allowed: what may be there.
    """

    severity: Literal["error", "warning"]
    where: str
    what: str
    allowed: str

    def __str__(self) -> str:
        return one_line(" ".join(f"{self.severity}: {self.where}: {self.what}; allowed: {self.allowed}".split()))


def error(where: str, what: str, allowed: str) -> Problem:
    """A Problem that breaks a rule."""
    return Problem("error", where, what, allowed)


def warning(where: str, what: str, allowed: str) -> Problem:
    """A Problem that breaks none."""
    return Problem("warning", where, what, allowed)


def shortened(problems: Iterable[Problem], source: str) -> Iterator[Problem]:
    """The first `MOST` problems, and how many more there are."""
    rest = iter(problems)
    yield from islice(rest, MOST)
    more = list(rest)
    if more:
        last = more[-1]
        yield Problem(last.severity, source, f"{len(more)} more like these, the last at {last.where}", last.allowed)
