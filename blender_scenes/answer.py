"""How a job of `pipeline.blender_process` answers: one JSON object on stdout, Blender's own words kept from it."""

import json
from collections.abc import Callable
from typing import Any

from blender_scenes.silence import SilencedOutput
from pipeline.errors import AkdError


def answer(work: Callable[[], dict[str, Any]]) -> int:
    """Do the work and write what it returns, or {"error": ...} for what a user can mend; the exit code.

    `work` is what imports bpy: a library that this misses is the user's to mend, too.
    """
    output = SilencedOutput()
    try:
        message = work()
    except (AkdError, ImportError) as error:
        message = {"error": str(error)}
    output.messages.write(json.dumps(message) + "\n")
    output.messages.flush()
    return int("error" in message)
