"""What a training run leaves on disk: config.yaml, versions.yaml, metrics.csv, TensorBoard events, best.pt, last.pt."""

import csv
import io
import platform
import warnings
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
import yaml

from pipeline.config import read_yaml
from pipeline.errors import WeightsError
from pipeline.files import write_text_atomic
from pipeline.schema import schema_comment
from training.checkpoint import LAST, read_header, read_weights
from training.config import ModelConfig

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


def write_versions(out: Path, dataset: Path, device: torch.device, from_epoch: int, init: Path | None = None) -> None:
    """Add to versions.yaml what the epochs from `from_epoch` (the first is 1) are trained with: a run may be resumed
    on another machine. `init`: the weights file that the run begins from.
    """
    file = out / VERSIONS
    known = read_yaml(file) if file.is_file() else None
    sessions = dict(known) if isinstance(known, dict) else {}
    sessions[f"from epoch {from_epoch}"] = {
        "dataset": str(dataset.resolve()),
        **({INIT: str(init.resolve())} if init else {}),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }
    write_text_atomic(file, yaml.safe_dump(sessions, sort_keys=False))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


@dataclass
class Metrics:
    """One row per epoch, in metrics.csv and as TensorBoard scalars."""

    out: Path
    rows: list[dict[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tensorboard's protobuf, on import
            from torch.utils.tensorboard.writer import SummaryWriter
        start = int(self.rows[-1]["epoch"]) + 1 if self.rows else None
        self._writer = SummaryWriter(str(self.out), purge_step=start)

    def add(self, row: dict[str, float]) -> None:
        """Keep an epoch's numbers."""
        self.rows.append(row)
        for name, value in row.items():
            if name != "epoch":
                self._writer.add_scalar(name, value, int(row["epoch"]))
        self._writer.flush()
        write_text_atomic(self.out / "metrics.csv", self.as_csv())

    def as_csv(self) -> str:
        """All rows; epochs that were not validated leave those columns empty."""
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: f"{v:.6g}" for k, v in row.items()} for row in self.rows)
        return text.getvalue()

    def close(self) -> None:
        """End the events file."""
        self._writer.close()
