"""A user's model looked at by Blender."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.blender_process import run_blender


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
    arguments = [str(model.absolute()), *(["--sheet", str(sheet.absolute())] if sheet else [])]
    message = run_blender("blender_scenes.inspect_model", arguments, model)
    return Inspection(tuple(message["facts"]), tuple(message["problems"]))
