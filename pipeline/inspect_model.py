"""A user's model looked at by Blender, in a process of its own: Blender is process-global, and writes to stdout."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.farm import ROOT


@dataclass(frozen=True)
class Inspection:
    """What a model is, in words, and what is wrong with it, a line each."""

    facts: tuple[str, ...]
    problems: tuple[str, ...]


def inspect_model(model: Path, sheet: Path | None = None) -> Inspection:
    """Import a model with its sidecar and measure it; `sheet` gets a picture of it from all around, labels drawn.

    Raises:
        ModelError: the model or its sidecar cannot be used.
    """
    command = [sys.executable, "-m", "blender_scenes.inspect_model", str(model.resolve())]
    command += ["--sheet", str(sheet.resolve())] if sheet else []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        message = json.loads(done.stdout)
    except ValueError as error:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise ModelError(f"{model}: Blender ended with exit code {done.returncode}: {last}") from error
    if "error" in message:
        raise ModelError(message["error"])
    return Inspection(tuple(message["facts"]), tuple(message["problems"]))
