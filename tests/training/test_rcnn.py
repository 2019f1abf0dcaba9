import socket

import numpy as np
import pytest
import torch

from pipeline.coco import load_coco
from pipeline.images import read_image
from training.build import build_for_training
from training.config import ModelConfig
from training.evaluate import evaluate
from training.model import Target
from training.predict import Detection
from training.rcnn import RcnnDetector

from .conftest import write_dataset

STEPS = 30


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
def test_it_learns_a_handful_of_images_from_scratch(config, schema, tmp_path):
    """Trimmed to seconds: fewer proposals, drawn cars of 96 x 64 pixels, a few dozen steps."""
    torch.manual_seed(0)
    model = RcnnDetector(config, 20, pretrained=False)
    model.net.rpn._pre_nms_top_n["training"] = model.net.rpn._post_nms_top_n["training"] = 100
    model.net.roi_heads.fg_bg_sampler.batch_size_per_image = 32
    coco = load_coco(write_dataset(tmp_path / "cars", schema, splits=(("train", 2),)), "train")
    pixels = [torch.from_numpy(read_image(image.path)).permute(2, 0, 1).float() / 255 for image in coco.images]
    labels = [image.instances[0] for image in coco.images]
    boxes = [torch.tensor([[*one.bbox[:2], *(one.bbox[:2] + one.bbox[2:])]]).float() for one in labels]
    targets = [
        Target(given, torch.tensor(one.keypoints[None]).float()) for given, one in zip(boxes, labels, strict=True)
    ]
    scratch_ap, scratch_error = score(model, torch.stack(pixels), boxes, coco, schema)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-4)
    generator = torch.Generator().manual_seed(0)
    history = []
    for _ in range(STEPS):
        model.train()
        losses = model.losses(torch.stack(pixels), targets, generator)
        total = torch.stack(list(losses.values())).sum()
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        history.append((float(total.detach()), float(losses["loss_keypoint"].detach())))
    first, last = np.mean(history[:2], axis=0), np.mean(history[-2:], axis=0)
    assert last[0] < 0.75 * first[0], history
    assert last[1] < 0.85 * first[1], "the keypoint head itself learns"
    ap, error = score(model, torch.stack(pixels), boxes, coco, schema)
    print(history[-1], scratch_ap, scratch_error, ap, error)
    assert scratch_ap < 0.1
    assert ap > scratch_ap + 0.2, "decoded keypoints land where the labels are"


def score(model, images, boxes, coco, schema):
    """Keypoint AP in given boxes, and the mean distance of labelled keypoints in pixels."""
    for module in model.modules():  # statistics of two images: a batch norm from scratch has seen no more
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    model.eval()
    with torch.inference_mode():
        found = model.detect_in(images, boxes)
    predictions, errors = {}, []
    for image, one in zip(coco.images, found, strict=True):
        truth, points = image.instances[0], one.keypoints[0].numpy()
        labelled = truth.keypoints[:, 2] > 0
        errors.append(np.linalg.norm(points[labelled, :2] - truth.keypoints[labelled, :2], axis=1).mean())
        predictions[image.id] = [Detection(truth.bbox, 1.0, points, one.keypoint_scores[0].numpy())]
    return evaluate(coco, predictions, schema, box_source="given").keypoints.ap, float(np.mean(errors))
