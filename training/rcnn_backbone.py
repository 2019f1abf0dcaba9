"""ResNets for a Keypoint R-CNN: built without weights, and the ImageNet weights that torchvision has for them.

Nothing is downloaded unless it is asked for.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import torch
from torch import nn
from torchvision.models import ResNet50_Weights, ResNeXt50_32X4D_Weights
from torchvision.models.detection.backbone_utils import BackboneWithFPN, resnet_fpn_backbone
from torchvision.ops.misc import FrozenBatchNorm2d

from training.rcnn_config import RcnnConfig

STAGES = 5
"""Of a ResNet with its stem: all are trained from scratch; how many of a pretrained one, `frozen_blocks` says."""
KINDS = {"resnet50": ResNet50_Weights, "resnext50_32x4d": ResNeXt50_32X4D_Weights}
PATIENCE_S = 20.0
"""A network that lets nothing through often does not say so."""


def pyramid(config: RcnnConfig, *, frozen: int, fixed_statistics: bool) -> BackboneWithFPN:
    """The backbone under its feature pyramid; its first `frozen` stages are not trained."""
    # weights=None: torchvision would download the backbone's unless told not to
    return resnet_fpn_backbone(
        backbone_name=config.backbone,
        weights=None,
        norm_layer=FrozenBatchNorm2d if fixed_statistics else nn.BatchNorm2d,
        trainable_layers=STAGES - min(frozen, STAGES),
    )


def cached_weights(backbone: str) -> Path | None:
    """ImageNet weights that an earlier use of torchvision left in torch's cache; the newest kind first."""
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    for kind in (KINDS[backbone].IMAGENET1K_V2, KINDS[backbone].IMAGENET1K_V1):
        file = folder / Path(kind.url).name
        if file.is_file():
            return file
    return None


def fetched_weights(backbone: str) -> tuple[Path | None, str]:
    """ImageNet weights brought by torchvision into torch's cache, and, where that failed, why in a few words."""
    newest = KINDS[backbone].IMAGENET1K_V2
    try:
        with _patience(PATIENCE_S):
            newest.get_state_dict(progress=False, check_hash=True, weights_only=True)
    except URLError as error:
        return None, f"{newest.url} cannot be reached: {error.reason}"
    except (OSError, RuntimeError) as error:  # the disk; what came is not what was promised
        return None, f"{newest.url} cannot be fetched: {str(error).splitlines()[0]}"
    return cached_weights(backbone), "torch's cache keeps no files"


@contextmanager
def _patience(seconds: float) -> Iterator[None]:
    """Connections give up after this long; torch.hub sets no limit of its own."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
