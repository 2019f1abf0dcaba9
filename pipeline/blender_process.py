"""A job for Blender in a process of its own: Blender is process-global, and writes to stdout."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from pipeline.errors import ModelError
from pipeline.worker_process import ROOT


def run_blender(module: str, arguments: Sequence[str], about: object) -> dict[str, Any]:
    """Run `python -m MODULE ARGUMENTS`; the JSON object that it writes to stdout. `about` names the job in errors.

    Raises:
        ModelError: it says what is wrong ({"error": ...}), or it ended without a word.
    """
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        message: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise ModelError(f"{about}: Blender ended with exit code {done.returncode}: {last}") from error
    if "error" in message:
        raise ModelError(message["error"])
    return message
