"""Blender writes to file descriptors 1 and 2 itself; a worker's own words must stay readable among that."""

import os
import sys
import tempfile
from pathlib import Path
from typing import IO, TextIO


class SilencedOutput:
    """Sends fds 1 and 2 into a log file for good; keeps a copy of the old stdout as `messages`.

    `tail` gives the end of the log, for when something fails. `log`: a file to use; otherwise it is a temporary one.
    """

    def __init__(self, log: Path | None = None) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.messages: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
        # it lives as long as the process
        self._log: IO[bytes] = log.open("a+b") if log else tempfile.TemporaryFile(prefix="akd-blender-")  # noqa: SIM115
        os.dup2(self._log.fileno(), 1)
        os.dup2(self._log.fileno(), 2)

    def tail(self, size: int = 4000) -> str:
        """The last `size` bytes of what was written."""
        sys.stdout.flush()
        sys.stderr.flush()
        end = os.lseek(self._log.fileno(), 0, os.SEEK_END)
        return os.pread(self._log.fileno(), size, max(0, end - size)).decode("utf-8", "replace")
