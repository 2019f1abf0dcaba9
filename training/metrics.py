"""A run's numbers as it goes: metrics.csv, speed.csv, curves.svg, what validations show, and all for TensorBoard."""

import csv
import io
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.files import write_text_atomic
from pipeline.images import write_image
from training.curves import curves_svg
from training.validation import Validation

METRICS, SPEED, CURVES = "metrics.csv", "speed.csv", "curves.svg"
VALIDATION = "validation"
Row = dict[str, float]


@dataclass
class History:
    """One row per epoch of what a run came to; what a clock says is apart, for all the rest can be repeated exactly.

    Attributes:
        rows: of metrics.csv.
        speeds: of speed.csv.
        best_epoch: 0 until there is one.
    """

    rows: list[Row] = field(default_factory=list)
    speeds: list[Row] = field(default_factory=list)
    best_epoch: int = 0


class Metrics:
    """What is written of a history, in a run's folder."""

    def __init__(self, out: Path, history: History):
        self.out, self.history = out, history
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tensorboard's protobuf, on import
            from torch.utils.tensorboard.writer import SummaryWriter
        start = int(history.rows[-1]["epoch"]) + 1 if history.rows else None
        self._writer = SummaryWriter(str(out), purge_step=start)

    def add(self, validation: Validation | None) -> None:
        """Write the history's last epoch, which may have been validated."""
        epoch = int(self.history.rows[-1]["epoch"])
        speed = {f"speed/{name}": value for name, value in self.history.speeds[-1].items()}
        for name, value in (self.history.rows[-1] | speed).items():
            if not name.endswith("epoch"):
                self._writer.add_scalar(name, value, epoch)
        if validation is not None:
            part = self.out / VALIDATION / f"epoch_{epoch:03d}"
            write_image(part.with_suffix(".jpg"), validation.picture)
            write_text_atomic(part.with_name(f"{part.name}_confusion.csv"), validation.confusion)
            self._writer.add_image("validation", validation.picture, epoch, dataformats="HWC")
        self._writer.flush()
        self.tables()

    def tables(self) -> None:
        """Write the files that show all epochs at once."""
        if self.history.rows:
            write_text_atomic(self.out / METRICS, as_csv(self.history.rows))
            write_text_atomic(self.out / SPEED, as_csv(self.history.speeds))
            write_text_atomic(self.out / CURVES, curves_svg(self.history.rows, self.history.best_epoch))

    def close(self) -> None:
        """End the events file."""
        self._writer.close()


def as_csv(rows: list[Row]) -> str:
    """A line each; columns that a row lacks (epochs that were not validated) are empty."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: f"{v:.6g}" for k, v in row.items()} for row in rows)
    return text.getvalue()
