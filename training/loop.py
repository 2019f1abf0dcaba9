"""Training: seeded from end to end, averaged weights, a checkpoint after each epoch; resumed equals uninterrupted."""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from pipeline.coco import CocoDataset, annotation_file, load_coco
from pipeline.config import parse_config
from pipeline.errors import DatasetError, WeightsError
from pipeline.keypoints import KeypointSchema, load_schema
from pipeline.seeds import stream_rng
from training.build import build_for_training, build_model
from training.checkpoint import (
    BEST,
    LAST,
    LoadedModel,
    choose_device,
    load_state,
    read_header,
    read_weights,
    save_weights,
    weights_path,
)
from training.config import ModelConfig
from training.dataset import Batch, KeypointData, epoch_batches
from training.evaluate import evaluate_loaded
from training.model import KeypointModel, count_parameters
from training.run_folder import Metrics, open_run, write_config, write_versions
from training.schedule import AveragedWeights, learning_rate_share


@dataclass(frozen=True)
class RunResult:
    """What a run came to; scores are of the validation split, None where there is none."""

    epochs: int
    best_epoch: int
    seconds: float
    keypoint_ap: float | None
    pck_10: float | None

    def __str__(self) -> str:
        scores = "no validation images"
        if self.keypoint_ap is not None and self.pck_10 is not None:
            scores = f"validation keypoint AP {self.keypoint_ap:.3f}, PCK@0.1 {self.pck_10:.3f}"
        return f"{self.epochs} epochs in {self.seconds:.0f} s, best after epoch {self.best_epoch}: {scores}"


def train(
    config: ModelConfig, dataset: Path, out: Path, *, resume: bool = False, init: Path | None = None
) -> RunResult:
    """Train on the dataset's train.json (annotations.json where it has none), choosing the best epoch on val.json.

    Raises:
        SpecError: the config cannot be used.
        DatasetError: the dataset is missing, damaged, empty, or of another keypoint schema.
        WeightsError: `out` is not empty (without `resume`), is another run's, or `init` does not fit.
    """
    config = parse_config(config.model_dump(), ModelConfig, config.name)  # a changed copy is not checked by itself
    schema = load_schema(config.keypoints)
    learn, validation = _load_splits(dataset, schema)
    start = _initial_state(init, config, schema) if init else None
    saved = open_run(out, config, resume=resume)
    model, origin = build_for_training(config, schema)
    if start is not None and init is not None:
        load_state(init, model, start)
        origin = f"weights from {init}"
    tqdm.write(f"{config.name}: {origin}; {count_parameters(model.parameters()) / 1e6:.1f} M parameters")
    out.mkdir(parents=True, exist_ok=True)
    write_config(out, config)
    run = _Run(config, schema, model, KeypointData(learn, schema, config), validation, out)
    if saved is not None:
        run.restore(saved)
    if run.epoch < config.epochs:
        write_versions(out, learn.source, run.device, run.epoch + 1, weights_path(init) if init else None)
    return run.go()


def _load_splits(dataset: Path, schema: KeypointSchema) -> tuple[CocoDataset, CocoDataset | None]:
    has_splits = dataset.is_dir() and (dataset / "train.json").is_file()
    learn = load_coco(dataset, "train" if has_splits else None)
    validation = load_coco(dataset, "val") if has_splits and (dataset / "val.json").is_file() else None
    for part in (learn, validation):
        if part is not None:
            part.require_schema(schema)
    if not learn.images:
        raise DatasetError(f"{annotation_file(dataset, 'train' if has_splits else None)}: lists no images to train on")
    for image in learn.images:
        if not image.path.is_file():
            raise DatasetError(f"{learn.source}: image {image.file_name} is not there")
    return learn, validation if validation is not None and validation.images else None


def _initial_state(init: Path, config: ModelConfig, schema: KeypointSchema) -> dict[str, Tensor]:
    path = weights_path(init)
    content = read_weights(path)
    was, knows = read_header(path, content)
    if was.architecture != config.architecture:
        raise WeightsError(f"{path}: is a {was.architecture}; the config asks for {config.architecture}")
    if knows.names != schema.names:
        raise WeightsError(f"{path}: knows the keypoints of {knows.name}; the config asks for {schema.name}")
    state: dict[str, Tensor] = content["state"]
    return state


class _Run:
    """One run's moving parts."""

    def __init__(
        self,
        config: ModelConfig,
        schema: KeypointSchema,
        model: KeypointModel,
        data: KeypointData,
        validation: CocoDataset | None,
        out: Path,
    ):
        self.config, self.schema, self.data, self.validation, self.out = config, schema, data, validation, out
        self.device = choose_device("auto")
        self.model = model.to(self.device).to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(
            self.model.parameter_groups(config.lr, config.backbone_lr, config.weight_decay)
        )
        self.peaks = [float(group["lr"]) for group in self.optimizer.param_groups]
        self.average = AveragedWeights(self.model, config.ema)
        self.steps = config.epochs * math.ceil(len(data) / config.batch_size)
        self.step, self.epoch, self.best, self.best_epoch = 0, 0, -1.0, 0
        self.seconds = 0.0
        self.rows: list[dict[str, float]] = []

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on where last.pt was written."""
        state = saved["training"]
        load_state(self.out / LAST, self.model, state["model"])
        self.average.load(saved["state"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.epoch, self.best = state["step"], state["epoch"], state["best"]
        self.best_epoch, self.seconds, self.rows = state["best_epoch"], state["seconds"], state["rows"]

    def go(self) -> RunResult:
        """Train what is left."""
        metrics = Metrics(self.out, self.rows)
        left = self.steps - self.step
        try:
            with tqdm(total=self.steps, initial=self.steps - left, desc="train", unit="step", mininterval=1) as bar:
                for epoch in range(self.epoch, self.config.epochs):
                    self._one_epoch(epoch, metrics, bar)
        finally:
            metrics.close()
        best = next((row for row in self.rows if row["epoch"] == self.best_epoch), {})
        return RunResult(
            self.config.epochs, self.best_epoch, self.seconds, best.get("val/keypoint_ap"), best.get("val/pck_0.1")
        )

    def _one_epoch(self, epoch: int, metrics: Metrics, bar: "tqdm[Any]") -> None:
        begin = time.monotonic()
        self.model.train()
        sums: dict[str, Tensor] = {}
        count = 0
        for batch in epoch_batches(self.data, epoch):
            terms = self._learn(batch)
            for name, value in terms.items():
                sums[name] = sums.get(name, torch.zeros((), device=self.device)) + value
            count += 1
            bar.update()
        row: dict[str, float] = {"epoch": epoch + 1, "lr": self.optimizer.param_groups[-1]["lr"]}
        row |= {f"train/{name}": float(value) / count for name, value in sums.items()}
        row["train/loss"] = sum(value for name, value in row.items() if name.startswith("train/"))
        last = epoch + 1 == self.config.epochs
        if self.validation and (last or (epoch + 1) % self.config.validate_every == 0):
            row |= self._validate(self.validation)
        self.seconds += time.monotonic() - begin
        self.epoch = epoch + 1
        metrics.add(row)
        self._keep(row, last=last)
        shown = {"loss": row["train/loss"], "val_ap": row.get("val/keypoint_ap")}
        bar.set_postfix({name: f"{value:.2f}" for name, value in shown.items() if value is not None})

    def _learn(self, batch: Batch) -> dict[str, Tensor]:
        """One optimiser step; returns the loss terms, detached."""
        share = learning_rate_share(self.step, self.steps, self.config.warmup)
        for group, peak in zip(self.optimizer.param_groups, self.peaks, strict=True):
            group["lr"] = peak * share
        seed = int(stream_rng(self.config.seed, self.step, "step").integers(2**62))
        generator = torch.Generator().manual_seed(seed)
        images = batch.images.to(self.device, non_blocking=True)
        targets = [target.to(self.device) for target in batch.targets]
        # half precision where the GPU has bfloat16, whose range needs no loss scaling
        half = self.device.type == "cuda" and torch.cuda.is_bf16_supported()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=half):
            terms = self.model.losses(images, targets, generator)
        total = torch.stack([term.float() for term in terms.values()]).sum()
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        if torch.isfinite(norm):  # else one bad batch would spoil every weight
            self.optimizer.step()
        self.average.update(self.model, self.step)
        self.step += 1
        return {name: term.detach().float() for name, term in terms.items()}

    def _validate(self, validation: CocoDataset) -> dict[str, float]:
        model = build_model(self.config, self.schema)
        model.load_state_dict(self.average.state)
        loaded = LoadedModel(model.to(self.device).eval().requires_grad_(False), self.config, self.schema)
        report = evaluate_loaded(loaded, validation)
        return {
            "val/keypoint_ap": report.keypoints.ap,
            "val/box_ap": report.box.ap,
            "val/pck_0.05": report.pck.overall["0.05"],
            "val/pck_0.1": report.pck.overall["0.1"],
            "val/swaps": report.swaps.rate,
        }

    def _keep(self, row: dict[str, float], *, last: bool) -> None:
        """Write best.pt if this is the best validation so far (or there is none to tell), and last.pt."""
        score = row.get("val/keypoint_ap", -1.0) + row.get("val/pck_0.1", 0.0)
        if score > self.best or (last and self.best_epoch == 0):
            self.best, self.best_epoch = score, self.epoch
            save_weights(self.out / BEST, self.average.state, self.config, self.schema)
        training = {
            "model": {name: value.cpu() for name, value in self.model.state_dict().items()},
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "epoch": self.epoch,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "seconds": self.seconds,
            "rows": self.rows,
        }
        save_weights(self.out / LAST, self.average.state, self.config, self.schema, training)
