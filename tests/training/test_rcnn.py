import socket

import pytest
import torch

from training.build import build_for_training
from training.config import ModelConfig
from training.model import Target
from training.rcnn import RcnnDetector


@pytest.fixture(scope="module")
def config():
    return ModelConfig(name="r", architecture="keypoint_rcnn", image_size=64, frozen_blocks=3, weights="imagenet")


@pytest.fixture(scope="module")
def scratch(config, schema, tmp_path_factory):
    """Built where torch's cache is empty and the network is closed."""
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", lambda *_: pytest.fail("tried to reach the network"))
    patch.setattr(torch.hub, "get_dir", lambda: str(tmp_path_factory.mktemp("hub")))
    yield build_for_training(config, schema)
    patch.undo()


def test_without_weights_it_says_so_and_freezes_nothing(scratch):
    model, origin = scratch
    assert origin.startswith("training from scratch")
    assert all(p.requires_grad for p in model.parameters())


def test_losses_and_detections(scratch):
    model, _ = scratch
    keypoints = torch.rand(1, 20, 3) * 60
    keypoints[:, :, 2] = 2
    targets = [Target(torch.tensor([[6.0, 10, 50, 40]]), keypoints), Target(torch.zeros(0, 4), torch.zeros(0, 20, 3))]
    model.train()
    losses = model.losses(torch.rand(2, 3, 64, 64), targets, torch.Generator().manual_seed(0))
    assert all(torch.isfinite(value) for value in losses.values())
    assert "loss_keypoint" in losses
    model.eval()
    with torch.inference_mode():
        assert len(model.detect(torch.rand(2, 3, 64, 64))) == 2
        boxes = [torch.tensor([[6.0, 10, 50, 40]]), torch.zeros(0, 4)]
        found, nothing = model.detect_in(torch.rand(2, 3, 64, 64), boxes)
    assert torch.equal(found.boxes, boxes[0])
    assert found.keypoints.shape == (1, 20, 3)
    assert (found.keypoints[:, :, 2] == 2).all()
    assert ((found.keypoint_scores > 0) & (found.keypoint_scores < 1)).all()
    assert len(nothing.boxes) == 0


def test_a_pretrained_backbone_freezes_stages_and_loads_into_a_plain_model(config, schema):
    pretrained = RcnnDetector(config, 20, pretrained=True)
    assert not pretrained.net.backbone.body.conv1.weight.requires_grad
    assert pretrained.net.backbone.body.layer4[0].conv1.weight.requires_grad
    RcnnDetector(config, 20, pretrained=False).load_state_dict(dict(pretrained.state_dict()))


def test_the_anchors_are_torchvisions_and_the_count_of_keypoints_ours(scratch):
    model, _ = scratch
    assert model.net.roi_heads.keypoint_predictor.kps_score_lowres.out_channels == 20
    assert len(model.net.rpn.anchor_generator.sizes) == 5
