"""How the learning rate moves through a run, and the running average of the weights."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn


def learning_rate_share(step: int, steps: int, warmup: float) -> float:
    """Share of the peak learning rate at a step: a line up through `warmup` of all steps, then half a cosine down."""
    rising = max(1, round(steps * warmup))
    if step < rising:
        return (step + 1) / rising
    return 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising)))


class AveragedWeights:
    """Exponential moving average of a model's parameters and buffers; early steps count less than `decay` says."""

    def __init__(self, model: nn.Module, decay: float):
        self.decay = decay
        self.state = {name: value.detach().clone() for name, value in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Take in the weights after `step` (from 0)."""
        keep = min(self.decay, (1 + step) / (10 + step)) if self.decay else 0.0
        pairs = [(self.state[name], value.detach()) for name, value in model.state_dict().items()]
        floats = [(mean, new) for mean, new in pairs if mean.is_floating_point()]
        torch._foreach_lerp_([mean for mean, _ in floats], [new for _, new in floats], 1 - keep)
        for mean, new in pairs:
            if not mean.is_floating_point():
                mean.copy_(new)

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a saved average."""
        for name, value in self.state.items():
            value.copy_(state[name])
