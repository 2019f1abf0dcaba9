"""A training run's folder: config.yaml, versions.yaml, best.pt, last.pt, and what training/metrics.py writes."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
import yaml

from pipeline.config import read_yaml
from pipeline.errors import WeightsError
from pipeline.files import write_text_atomic
from pipeline.schema import schema_comment
from training.checkpoint import read_header, read_weights
from training.config import ModelConfig
from training.weights_path import LAST

PACKAGES = ("akd", "torch", "torchvision", "numpy", "opencv-python", "pycocotools")
"""Whose versions decide the numbers of a run."""
CONFIG, VERSIONS = "config.yaml", "versions.yaml"
INIT = "init"
"""Key in versions.yaml: the weights that a run began from."""


def open_run(out: Path, config: ModelConfig, *, resume: bool) -> dict[str, Any] | None:
    """Make the folder, or find the one to go on with; returns last.pt's content, None for a run that begins.

    Raises:
        WeightsError: the folder holds something already, has nothing to go on with, or another config's run.
    """
    there = sorted(p.name for p in out.iterdir() if not p.name.startswith(".")) if out.is_dir() else []
    if out.exists() and not out.is_dir():
        raise WeightsError(f"{out}: is a file; a run needs a folder")
    if not resume:
        if there:
            raise WeightsError(f"{out}: is not empty; go on with that run (--resume), or give another folder")
        return None
    if not (out / LAST).is_file():
        if all(name in (CONFIG, VERSIONS) or name.startswith("events.") for name in there):
            return None  # it was stopped before its first epoch ended
        raise WeightsError(f"{out}: has no {LAST} to go on with")
    content = read_weights(out / LAST)
    was, _ = read_header(out / LAST, content)
    if was != config:
        before, now = was.model_dump(), config.model_dump()
        differing = [key for key in now if now[key] != before[key]]
        raise WeightsError(f"{out}: was begun with another config ({', '.join(differing)}); give another folder")
    if "training" not in content:
        raise WeightsError(f"{out / LAST}: holds weights, but not what is needed to go on")
    return content


def write_config(out: Path, config: ModelConfig) -> None:
    """The resolved config, as a file that `akd train` takes."""
    plain = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False)
    write_text_atomic(out / CONFIG, schema_comment("model", out / CONFIG) + plain)


def write_versions(out: Path, from_epoch: int, session: Mapping[str, Any]) -> None:
    """Add to versions.yaml what the epochs from `from_epoch` (the first is 1) are trained with: a run may be resumed
    on another machine. `session`: what is said beside the versions.
    """
    file = out / VERSIONS
    known = read_yaml(file) if file.is_file() else None
    sessions = dict(known) if isinstance(known, dict) else {}
    sessions[f"from epoch {from_epoch}"] = {
        **session,
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }
    write_text_atomic(file, yaml.safe_dump(sessions, sort_keys=False))


def session_of(
    dataset: Path, device: torch.device, precision: torch.dtype, processes: int, init: Path | None
) -> dict[str, Any]:
    """What a run is trained on, by what, from which weights file if from any."""
    return {
        "dataset": str(dataset.resolve()),
        **({INIT: str(init.resolve())} if init else {}),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "precision": str(precision).removeprefix("torch."),
        "processes": processes,
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
