"""The published table's rows do what their names say, and each of its defects would be noticed here.

Its other two, test poses that were trained on and scores of two images, are in test_leaks.py and test_evaluate.py.
"""

from urllib.error import URLError

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models._api import WeightsEnum

from pipeline.coco import load_coco
from pipeline.images import read_image
from training import subpixel
from training.build import build_for_training
from training.config import ModelConfig, load_model_config
from training.dataset import image_tensor
from training.model import Target
from training.rcnn import RcnnDetector
from training.rcnn_config import RcnnConfig
from training.rcnn_heads import keypoint_head
from training.residual_head import ResidualHead

from .conftest import WIDTH, write_dataset
from .test_config import TABLE

SMALL = {"image_size": 96, "weights": "none"}


def small(name: str, **changes) -> ModelConfig:
    """A shipped config at a size for a CPU: smaller images and fewer regions, the layers as they are."""
    config = load_model_config(name)
    assert config.rcnn is not None
    return config.model_copy(update={**SMALL, "rcnn": config.rcnn.model_copy(update={"samples": 8, **changes})})


@pytest.mark.parametrize("name", [name for name in TABLE if name != "akd-1.0"] + ["akd-4.0"])
def test_the_head_has_the_depth_and_reaches_as_far_as_its_config_says(name):
    """One warm cell must be felt 1 + 2 * depth convolutions away, dilated: further than without, and no further."""
    parts = load_model_config(name).rcnn
    head = ResidualHead(4, 64, parts.depth, parts.dilation, "group")
    for module in head.modules():
        if isinstance(module, nn.Conv2d):
            assert module.dilation == (parts.dilation, parts.dilation)
            nn.init.constant_(module.weight, 1e-3)
        elif isinstance(module, nn.GroupNorm):  # takes means over the map: it would spread everywhere
            module.forward = lambda x: x
    reach = parts.dilation * (1 + 2 * parts.depth)
    size = 2 * reach + 5
    warm = torch.zeros(1, 4, size, size, dtype=torch.float64)
    warm[0, :, size // 2, size // 2] = 1
    felt = (head.double()(warm) > 0).any(dim=1)[0].any(dim=0).nonzero().ravel()
    assert (int(felt.min()), int(felt.max())) == (size // 2 - reach, size // 2 + reach)
    assert isinstance(keypoint_head(parts, 256), ResidualHead)


@pytest.mark.parametrize(("norm", "norms_per_block"), [("group", 2), ("batch", 2), ("shared", 1)])
def test_each_convolution_has_a_norm_of_its_own_unless_the_config_shares_it(norm, norms_per_block):
    head = ResidualHead(8, 64, 3, 1, norm)
    norms = [m for m in head.modules() if isinstance(m, nn.GroupNorm | nn.BatchNorm2d)]
    assert len(norms) == 1 + 3 * norms_per_block


def test_rows_have_norms_of_their_own_and_only_as_published_does_not():
    norms = {name: load_model_config(name).rcnn.norm for name in (*TABLE, "akd-4.0", "as-published")}
    assert [name for name, norm in norms.items() if norm == "shared"] == ["as-published"]


def test_the_anchors_of_the_config_are_the_ones_used():
    parts = RcnnConfig(anchor_sizes=(20, 40, 80, 160, 320), aspect_ratios=(0.3, 0.9))
    config = ModelConfig(name="r", architecture="keypoint_rcnn", image_size=64, rcnn=parts)
    generator = RcnnDetector(config, 20, pretrained=False).net.rpn.anchor_generator
    assert generator.sizes == ((20,), (40,), (80,), (160,), (320,))
    assert generator.aspect_ratios == ((0.3, 0.9),) * 5


@pytest.mark.parametrize("name", [*TABLE, "akd-4.0"])
def test_random_layers_are_trained(name, schema):
    model, origin = build_for_training(small(name), schema)
    assert origin.startswith("training from scratch")
    assert all(p.requires_grad for p in model.parameters())


def test_as_published_freezes_random_stages_and_says_so(schema, monkeypatch, tmp_path):
    config = small("as-published").model_copy(update={"weights": "imagenet"})
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    model, origin = build_for_training(config, schema)
    assert "the first 2 stages stay random: freeze_untrained asks for it" in origin
    assert not model.net.backbone.body.conv1.weight.requires_grad
    assert model.net.backbone.body.layer4[0].conv1.weight.requires_grad


def test_where_the_network_lets_nothing_through_it_trains_from_scratch_and_says_why(schema, monkeypatch, tmp_path):
    def closed(*_args, **_kwargs):
        raise URLError("no route to host")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(WeightsEnum, "get_state_dict", closed)
    model, origin = build_for_training(small("akd-2.1").model_copy(update={"weights": "download"}), schema)
    assert origin.startswith("training from scratch: https://")
    assert "cannot be reached: no route to host" in origin
    assert all(p.requires_grad for p in model.parameters())


def test_alpha_weighs_the_heatmaps_loss_and_no_other(schema, drawn):
    images, targets = drawn
    terms = []
    for alpha in (1.0, 2.5):
        torch.manual_seed(0)
        model = RcnnDetector(small("akd-2.2", alpha=alpha, norm="group"), 20, pretrained=False).train()
        losses = model.losses(images, targets, torch.Generator().manual_seed(0))
        terms.append({term: float(value.detach()) for term, value in losses.items()})
    assert terms[1]["loss_keypoint"] == pytest.approx(2.5 * terms[0]["loss_keypoint"], rel=1e-4)
    assert terms[1]["loss_classifier"] == pytest.approx(terms[0]["loss_classifier"], rel=1e-4)


def test_a_place_between_cells_is_read_to_a_fiftieth_of_a_cell():
    rng = np.random.default_rng(0)
    places = torch.tensor(rng.uniform(0.06, 0.94, (500, 1, 2)), dtype=torch.float32)
    size = 56
    cells = (torch.arange(size) + 0.5) / size
    x, y = places[:, :, 0, None, None], places[:, :, 1, None, None]
    square = ((y - cells[:, None]) ** 2 + (x - cells) ** 2) * size**2
    read, certain = subpixel.decode(-square / 2)
    assert ((read - places).abs().max() * size) < 0.02
    assert ((certain > 0.9) & (certain <= 1)).all()


def test_the_heatmap_loss_is_least_at_the_place_wanted_and_leaves_out_what_is_not_taught():
    wanted = torch.tensor([[[0.30, 0.70], [0.5, 0.5]]])
    cells = (torch.arange(28) + 0.5) / 28

    def loss(x: float, y: float, second: float) -> float:
        aims = ((x, y), (second, 0.5))
        heat = torch.stack([-((cells[:, None] - b) ** 2 + (cells - a) ** 2) * 28**2 / 2 for a, b in aims])
        return float(subpixel.heatmap_loss(heat[None], wanted, torch.tensor([[True, False]])))

    best = loss(0.30, 0.70, 0.5)
    assert best < min(loss(0.31, 0.70, 0.5), loss(0.30, 0.68, 0.5))
    assert loss(0.30, 0.70, 0.9) == best


def test_visibility_is_told_and_is_one_of_cocos(schema, drawn):
    images, targets = drawn
    torch.manual_seed(0)
    model = RcnnDetector(small("akd-4.0", depth=1, width=64), 20, pretrained=False)
    assert {"loss_inside", "loss_seen"} <= set(model.train().losses(images, targets, torch.Generator().manual_seed(0)))
    model.eval()
    with torch.inference_mode():
        found = model.detect_in(images, [target.boxes for target in targets])
    assert set(torch.cat([one.keypoints[:, :, 2].ravel() for one in found]).tolist()) <= {0.0, 1.0, 2.0}


@pytest.fixture(scope="module")
def drawn(schema, tmp_path_factory):
    """Two drawn cars as a batch."""
    coco = load_coco(write_dataset(tmp_path_factory.mktemp("cars"), schema, splits=(("train", 2),)), "train")
    images = torch.stack([image_tensor(read_image(image.path)).float() / 255 for image in coco.images])
    labels = [image.instances[0] for image in coco.images]
    boxes = [torch.tensor([[*one.bbox[:2], *(one.bbox[:2] + one.bbox[2:])]]).float() for one in labels]
    keypoints = [torch.from_numpy(one.keypoints[None].copy()).float() for one in labels]
    assert images.shape[-1] == WIDTH
    return images, [Target(*pair) for pair in zip(boxes, keypoints, strict=True)]
