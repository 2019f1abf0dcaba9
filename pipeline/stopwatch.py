"""How long each stage of something takes."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up seconds by stage: `with clock("render"): ...`."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Count what is done inside towards `stage`."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - begin

    def lap(self) -> dict[str, float]:
        """The seconds so far, in milliseconds' precision; counting starts anew."""
        seconds = {stage: round(value, 3) for stage, value in self.seconds.items()}
        self.seconds.clear()
        return seconds
