"""A run from its first epoch to its last: learn, validate, keep, and go on exactly where last.pt was written."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from pipeline.coco import CocoDataset
from pipeline.keypoints import KeypointSchema
from pipeline.stopwatch import Stopwatch
from training.batches import Batch, batches, epoch_chunks
from training.build import build_model
from training.checkpoint import LoadedModel, load_state, save_weights
from training.config import ModelConfig
from training.dataset import KeypointData
from training.learner import Learner
from training.metrics import History, Metrics, Row
from training.team import Team
from training.validation import Validation, validate
from training.weights_path import BEST, LAST

SCORE = "val/keypoint_ap"


@dataclass(frozen=True)
class RunResult:
    """What a run came to; scores are of the validation split, None where there is none.

    Attributes:
        epochs: that were trained, of `planned`: fewer where validations got no better.
    """

    epochs: int
    planned: int
    best_epoch: int
    seconds: float
    keypoint_ap: float | None
    pck_10: float | None

    def __str__(self) -> str:
        scores = "no validation images"
        if self.keypoint_ap is not None and self.pck_10 is not None:
            scores = f"validation keypoint AP {self.keypoint_ap:.3f}, PCK@0.1 {self.pck_10:.3f}"
        early = f" (of {self.planned}: validations got no better)" if self.epochs < self.planned else ""
        return f"{self.epochs} epochs{early} in {self.seconds:.0f} s, best after epoch {self.best_epoch}: {scores}"


class Run:
    """One run's moving parts; of a team's processes all learn, and the first validates and writes."""

    def __init__(
        self,
        config: ModelConfig,
        schema: KeypointSchema,
        learner: Learner,
        data: KeypointData,
        validation: CocoDataset | None,
        out: Path,
        team: Team,
    ):
        self.config, self.schema, self.learner, self.data = config, schema, learner, data
        self.validation, self.out, self.team = validation, out, team
        self.history = History()
        self.epoch, self.best, self.seconds = 0, -1.0, 0.0

    @property
    def done(self) -> bool:
        """Whether all epochs are trained, or validations have got no better for too long."""
        return self.epoch >= self.config.epochs or self._out_of_patience()

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on where last.pt, of which `saved` is the content, was written."""
        state = saved["training"]
        load_state(self.out / LAST, self.learner.model, state["model"])  # names the file where it does not fit
        self.learner.load(state, saved["state"])
        self.epoch, self.best, self.seconds = state["epoch"], state["best"], state["seconds"]
        self.history = History(state["rows"], state.get("speeds", []), state["best_epoch"])

    def go(self) -> RunResult:
        """Train what is left."""
        metrics = Metrics(self.out, self.history) if self.team.leads else None
        if metrics:
            metrics.tables()  # the run may have been stopped after last.pt and before these
        pin = self.learner.device.type == "cuda"
        stream = batches(self.data, range(self.epoch, self.config.epochs), self.team.share, pin=pin)
        total, begun = self.learner.steps, self.learner.step
        try:
            with (
                closing(stream),
                tqdm(total=total, initial=begun, desc="train", unit="step", mininterval=1, disable=not metrics) as bar,
            ):
                while not self.done:
                    self._one_epoch(stream, metrics, bar)
        finally:
            if metrics:
                metrics.close()
        best_epoch = self.history.best_epoch
        best = next((row for row in self.history.rows if row["epoch"] == best_epoch), {})
        planned = self.config.epochs
        return RunResult(self.epoch, planned, best_epoch, self.seconds, best.get(SCORE), best.get("val/pck_0.1"))

    def _one_epoch(self, stream: Iterator[Batch], metrics: Metrics | None, bar: "tqdm[Any]") -> None:
        watch = Stopwatch()
        with watch("epoch"):
            with watch("train"):
                row = self._learn(stream, watch, bar)
            found = self._validated(row)
        row = self.team.from_leader(row)
        self.epoch += 1
        self.seconds += watch.seconds["epoch"]
        self.history.rows.append(row)
        self.history.speeds.append(self._speed(watch))
        self._choose(row)
        if metrics:
            self._keep(better=self.history.best_epoch == self.epoch)
            metrics.add(found)
            tqdm.write(self._line())
            bar.set_postfix(loss=f"{row['train/loss']:.2f}")

    def _learn(self, stream: Iterator[Batch], watch: Stopwatch, bar: "tqdm[Any]") -> Row:
        """An epoch's steps: the learning rate of the last, and the means of the loss terms."""
        self.learner.model.train()
        sums: dict[str, Tensor] = {}
        steps = len(epoch_chunks(self.data, self.epoch))
        skipped = self.learner.skipped
        for _ in range(steps):
            with watch("wait"):
                batch = next(stream)
            for name, value in self.learner.learn(batch).items():
                sums[name] = sums.get(name, torch.zeros((), device=self.learner.device)) + value
            bar.update()
        shares = self.team.gather({name: float(value) for name, value in sums.items()})
        names = dict.fromkeys(name for share in shares for name in share)
        row: Row = {"epoch": self.epoch + 1, "lr": self.learner.rate}
        row |= {f"train/{name}": sum(share.get(name, 0.0) for share in shares) / steps for name in names}
        row["train/loss"] = sum(value for name, value in row.items() if name.startswith("train/"))
        if self.learner.skipped > skipped:
            row["skipped_steps"] = self.learner.skipped - skipped
        return row

    def _validated(self, row: Row) -> Validation | None:
        """Validate where this epoch is to be and this process is to do it; the scores are added to `row`."""
        now = self.epoch + 1
        due = now == self.config.epochs or now % self.config.validate_every == 0
        if not (due and self.validation and self.team.leads):
            return None
        model = build_model(self.config, self.schema)
        model.load_state_dict(self.learner.average.state)
        model = model.to(self.learner.device).eval().requires_grad_(False)
        found = validate(LoadedModel(model, self.config, self.schema), self.validation)
        row |= found.row
        return found

    def _choose(self, row: Row) -> None:
        """This epoch is the best if no other scored so high, or if it is the last and there is none to tell."""
        score = row.get(SCORE, -1.0) + row.get("val/pck_0.1", 0.0)
        if score > self.best or (self.done and self.history.best_epoch == 0):
            self.best, self.history.best_epoch = score, self.epoch

    def _out_of_patience(self) -> bool:
        if self.config.patience is None:
            return False
        since = [row for row in self.history.rows if row["epoch"] > self.history.best_epoch and SCORE in row]
        return len(since) >= self.config.patience

    def _keep(self, *, better: bool) -> None:
        """Write best.pt, if it is this epoch, and last.pt."""
        average = self.learner.average.state
        if better:
            save_weights(self.out / BEST, average, self.config, self.schema)
        training = {
            **self.learner.state(),
            "epoch": self.epoch,
            "best": self.best,
            "best_epoch": self.history.best_epoch,
            "seconds": self.seconds,
            "rows": self.history.rows,
            "speeds": self.history.speeds,
        }
        save_weights(self.out / LAST, average, self.config, self.schema, training)

    def _speed(self, watch: Stopwatch) -> Row:
        """How fast this epoch was, and which share of the time the device waited for images."""
        spent = watch.seconds
        return {
            "epoch": self.epoch,
            "seconds": spent["epoch"],
            "images_per_second": len(self.data) / spent["train"],
            "loader_wait": spent["wait"] / spent["train"],
        }

    def _line(self) -> str:
        row, speed = self.history.rows[-1], self.history.speeds[-1]
        text = (
            f"epoch {self.epoch}/{self.config.epochs}: loss {row['train/loss']:.3f}, "
            f"{speed['images_per_second']:.3g} images/s, waited for images {speed['loader_wait']:.1%} of the time"
        )
        if SCORE in row:
            text += f"; validation keypoint AP {row[SCORE]:.3f}, PCK@0.1 {row['val/pck_0.1']:.3f}"
        return text
