"""A step of training: forward in parts, gradients of all parts and processes added and clipped, the weights moved."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from pipeline.seeds import stream_rng
from training.batches import Batch
from training.config import ModelConfig
from training.model import KeypointModel, Target, Whole
from training.optimizer import build_optimizer, build_scaler, choose_precision, compile_backbone
from training.schedule import AveragedWeights, learning_rate_share
from training.team import Team


class Learner:
    """A model that learns, and everything that changes as it does: all of it is in `state`, so it can go on exactly.

    Attributes:
        step: how many there have been, of `steps` in the whole run.
        skipped: how many of them moved no weight, for a gradient was not finite.
    """

    def __init__(self, model: KeypointModel, config: ModelConfig, device: torch.device, steps: int, team: Team):
        self.config, self.device, self.steps, self.team = config, device, steps, team
        self.model = model.to(device).to(memory_format=torch.channels_last)
        self.optimizer = build_optimizer(self.model, config)
        self.peaks = [float(group["lr"]) for group in self.optimizer.param_groups]
        self.average = AveragedWeights(self.model, config.ema)
        self.precision = choose_precision(config.precision, device)
        self.scaler = build_scaler(self.precision, device)
        self.step = self.skipped = 0
        self._learning = [p for p in self.model.parameters() if p.requires_grad]
        if config.compile:
            compile_backbone(self.model)

    @property
    def rate(self) -> float:
        """The learning rate of the heads."""
        return float(self.optimizer.param_groups[-1]["lr"])

    def learn(self, batch: Batch) -> dict[str, Tensor]:
        """One step on this process's share of a batch; returns its part of the loss terms, detached."""
        self._set_rate()
        self.optimizer.zero_grad(set_to_none=True)
        terms: dict[str, Tensor] = {}
        for images, targets, whole in self._parts(batch):
            for name, term in self._add_gradients_of(images, targets, whole).items():
                terms[name] = terms[name] + term if name in terms else term
        self.team.add_gradients(self._learning)
        self.team.average(_statistics(self.model))
        self._move()
        self.average.update(self.model, self.step)
        self.step += 1
        return terms

    def state(self) -> dict[str, Any]:
        """Plain values and tensors; the averaged weights are apart, in `average.state`."""
        scaler = {"scaler": self.scaler.state_dict()} if self.scaler.is_enabled() else {}
        return {
            "model": {name: value.cpu() for name, value in self.model.state_dict().items()},
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "skipped": self.skipped,
            **scaler,
        }

    def load(self, state: Mapping[str, Any], average: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave, and the averaged weights."""
        self.model.load_state_dict(state["model"])
        self.average.load(average)
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.skipped = state["step"], state.get("skipped", 0)
        if "scaler" in state:
            self.scaler.load_state_dict(state["scaler"])

    def _set_rate(self) -> None:
        share = learning_rate_share(self.step, self.steps, self.config.warmup)
        for group, peak in zip(self.optimizer.param_groups, self.peaks, strict=True):
            group["lr"] = peak * share

    def _parts(self, batch: Batch) -> Iterator[tuple[Tensor, list[Target], Whole | None]]:
        """What goes through the model at once; none where this process has no images."""
        if self.config.accumulate == self.team.size == 1:
            whole = batch.to(self.device)
            yield whole.images, whole.targets, None
            return
        mine = batch.targets
        shares = self.team.gather(mine)
        every = [target.to(self.device) for share in shares for target in share]
        before = sum(len(share) for share in shares[: self.team.rank])
        images = len(mine)
        ends = sorted({images * part // self.config.accumulate for part in range(self.config.accumulate + 1)})
        for start, end in pairwise(ends):
            part = Batch.of(batch.images[start:end], mine[start:end]).to(self.device)
            yield part.images, part.targets, Whole(every, before + start)

    def _add_gradients_of(self, images: Tensor, targets: list[Target], whole: Whole | None) -> dict[str, Tensor]:
        # of each part anew: a model draws for the whole batch, whichever part it sees
        seed = int(stream_rng(self.config.seed, self.step, "step").integers(2**62))
        generator = torch.Generator().manual_seed(seed)
        with torch.autocast(self.device.type, self.precision, enabled=self.precision != torch.float32):
            terms = self.model.losses(images, targets, generator, whole)
        total = torch.stack([term.float() for term in terms.values()]).sum()
        self.scaler.scale(total).backward()
        return {name: term.detach().float() for name, term in terms.items()}

    def _move(self) -> None:
        """Clip and step, unless a gradient is not finite: one bad batch would spoil every weight."""
        self.scaler.unscale_(self.optimizer)
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        if torch.isfinite(norm):
            self.scaler.step(self.optimizer)
        else:
            self.skipped += 1
        self.scaler.update()


def statistics_note(model: nn.Module, config: ModelConfig, team: Team) -> str:
    """How training in parts differs from one process that takes its batches whole, in words; "" where it does not."""
    norms, parts = len(_statistics(model)) // 2, config.accumulate * team.size
    if parts == 1 or not norms:
        return ""
    size = config.batch_size
    return f"{norms} batch norms take their statistics from {size / parts:.3g} images, not {size}"


def _statistics(model: nn.Module) -> list[Tensor]:
    """Running means and variances of the batch norms that learn them."""
    norms = [one for one in model.modules() if isinstance(one, nn.modules.batchnorm._BatchNorm) and one.training]
    return [value for one in norms for value in (one.running_mean, one.running_var) if value is not None]
