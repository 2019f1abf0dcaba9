"""A residual keypoint head: region features in, finer features out, of the same size.

Blocks as in He et al., "Deep Residual Learning", CVPR 2016, figure 2 left, after one convolution that brings the
features to the head's width. Each convolution has a norm of its own: shared between two, it would have to fit the
statistics of both ("shared" is there to show what that costs). Group norms (Wu and He, ECCV 2018) do not ask how many
regions a batch holds.
"""

from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

GROUPS = 32
Norm = Literal["group", "batch", "shared"]


class ResidualHead(nn.Sequential):
    """(N, channels, S, S) to (N, width, S, S) in 1 + 2 * `depth` convolutions of 3x3, each dilated by `dilation`."""

    def __init__(self, channels: int, width: int, depth: int, dilation: int, norm: Norm):
        super().__init__(
            same_size_conv(channels, width, dilation),
            norm_of(norm, width),
            nn.ReLU(inplace=True),
            *(ResidualBlock(width, dilation, norm) for _ in range(depth)),
        )


class ResidualBlock(nn.Module):
    """Two convolutions about which the input is added; it begins as the identity, so that deep heads begin well.

    Norm "shared" is the published head's mistake, one batch norm for both; it cannot begin as the identity.
    """

    def __init__(self, width: int, dilation: int, norm: Norm):
        super().__init__()
        self.conv1 = same_size_conv(width, width, dilation)
        self.norm1 = norm_of(norm, width)
        self.conv2 = same_size_conv(width, width, dilation)
        if norm == "shared":
            self.norm2 = self.norm1
            return
        self.norm2 = norm_of(norm, width)
        # Goyal et al., "Accurate, Large Minibatch SGD", 2017, section 5.1
        nn.init.zeros_(self.norm2.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Features of the size they had."""
        within = F.relu(self.norm1(self.conv1(x)), inplace=True)
        return F.relu(x + self.norm2(self.conv2(within)))


def same_size_conv(channels: int, width: int, dilation: int) -> nn.Conv2d:
    """3x3, padded by as much as it looks beyond the border; its bias is the norm's."""
    conv = nn.Conv2d(channels, width, 3, padding=dilation, dilation=dilation, bias=False)
    nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    return conv


def norm_of(norm: Norm, width: int) -> nn.GroupNorm | nn.BatchNorm2d:
    """A new norm for one convolution."""
    return nn.GroupNorm(GROUPS, width) if norm == "group" else nn.BatchNorm2d(width)
