"""How long each stage of something takes."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up seconds by stage, of the clock that it is given: `with clock("render"): ...`."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Count what is done inside towards `stage`."""
        begin = self._now()
        try:
            yield
        finally:
            self.seconds[stage] += self._now() - begin

    def lap(self) -> dict[str, float]:
        """The seconds so far, in milliseconds' precision; counting starts anew."""
        seconds = {stage: round(value, 3) for stage, value in self.seconds.items()}
        self.seconds.clear()
        return seconds
