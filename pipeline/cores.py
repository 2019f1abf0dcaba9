"""How many cores there are to use."""

import os
from contextlib import suppress


def usable_cores() -> int:
    """Those that this process may run on: fewer than the machine has in a batch job or under `taskset`.

    `PYTHON_CPU_COUNT`, which Python 3.13 knows, says it outright.
    """
    said = os.environ.get("PYTHON_CPU_COUNT", "")
    if said.isdecimal() and int(said) > 0:
        return int(said)
    with suppress(AttributeError):  # only Linux tells
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
