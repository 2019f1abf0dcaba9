"""Memory that a process has freed, given back to the system: glibc keeps what lies below anything still in use."""

import ctypes
import functools
from collections.abc import Callable


def give_back_freed() -> None:
    """Return the free pages of all heaps (malloc_trim(3)); does nothing where the C library has no such call.

    A render frees and takes hundreds of megabytes in pieces of all sizes. Between them a few live ones pin what glibc
    would return by itself, so that a worker grows with every image though it uses no more.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@functools.cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):  # musl, macOS, Windows
        return None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    return trim
