import socket

import numpy as np
import pytest
import torch

from pipeline.coco import load_coco
from pipeline.images import read_image
from training.build import build_for_training
from training.config import ModelConfig
from training.dataset import image_tensor
from training.evaluate import evaluate
from training.model import Target
from training.predict import Detection
from training.rcnn import RcnnDetector
from training.rcnn_config import RcnnConfig

from .conftest import WIDTH, write_dataset

STEPS = 30
"""Enough for what is asked for, with this head."""


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
    model.net.rpn._post_nms_top_n["testing"] = 20  # random weights propose everything
    model.net.roi_heads.detections_per_img = 3
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


@pytest.mark.slow
def test_it_learns_a_handful_of_images_from_scratch(schema, tmp_path):
    """Trimmed to seconds: fewer proposals, a narrower head, two drawn cars of 96 x 64 pixels."""
    torch.manual_seed(0)
    parts = RcnnConfig(width=128)
    config = ModelConfig(name="r", architecture="keypoint_rcnn", image_size=WIDTH, rcnn=parts)
    model = RcnnDetector(config, 20, pretrained=False)
    model.net.rpn._pre_nms_top_n["training"] = model.net.rpn._post_nms_top_n["training"] = 50
    model.net.roi_heads.fg_bg_sampler.batch_size_per_image = 8
    coco = load_coco(write_dataset(tmp_path / "cars", schema, splits=(("train", 2),)), "train")
    images = torch.stack([image_tensor(read_image(image.path)).float() / 255 for image in coco.images])
    labels = [image.instances[0] for image in coco.images]
    boxes = [torch.tensor([[*one.bbox[:2], *(one.bbox[:2] + one.bbox[2:])]]).float() for one in labels]
    keypoints = [torch.from_numpy(one.keypoints[None].copy()).float() for one in labels]
    targets = [Target(*pair) for pair in zip(boxes, keypoints, strict=True)]
    scratch = keypoint_ap(model, images, boxes, coco, schema)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-4)
    generator = torch.Generator().manual_seed(0)
    history = []
    for _ in range(STEPS):
        model.train()
        total = torch.stack(list(model.losses(images, targets, generator).values())).sum()
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        history.append(float(total.detach()))
    assert np.mean(history[-5:]) < 0.75 * np.mean(history[:2]), history
    assert scratch < 0.1
    assert keypoint_ap(model, images, boxes, coco, schema) > 0.5, "decoded keypoints land where the labels are"


def keypoint_ap(model, images, boxes, coco, schema):
    """In given boxes, with the batch's own statistics: those of a norm from scratch have hardly begun to settle."""
    model.eval()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.train()
    with torch.inference_mode():
        found = [one.cpu() for one in model.detect_in(images, boxes)]
    predictions = {
        image.id: [Detection(image.instances[0].bbox, 1.0, one.keypoints[0].numpy(), one.keypoint_scores[0].numpy())]
        for image, one in zip(coco.images, found, strict=True)
    }
    return evaluate(coco, predictions, schema, box_source="given").keypoints.ap
