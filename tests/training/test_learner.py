import copy

import pytest
import torch
from torch import nn

from pipeline.coco import load_coco
from training.batches import Batch, batches
from training.build import build_for_training
from training.dataset import KeypointData
from training.learner import Learner, statistics_note
from training.model import Target
from training.optimizer import build_optimizer, build_scaler, choose_precision
from training.team import Team

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def start(tiny, schema):
    """A model whose batch norms are fixed: what one image does to another is then in the losses alone."""
    model, _ = build_for_training(tiny, schema)
    return model.eval()


@pytest.fixture(scope="module")
def batch(dataset, schema, tiny):
    """Four images; one without objects, so that parts differ in what there is to learn."""
    whole = next(batches(KeypointData(load_coco(dataset, "train"), schema, tiny), range(1)))
    targets = whole.targets
    targets[1] = Target(torch.zeros(0, 4), torch.zeros(0, len(schema), 3))
    return Batch.of(whole.images, targets)


def learnt(start, config, batch):
    learner = Learner(copy.deepcopy(start), config, CPU, 4, Team())
    terms = learner.learn(batch)
    return learner, {name: float(value) for name, value in terms.items()}


@pytest.mark.parametrize("parts", [2, 4])
def test_a_batch_in_parts_gives_the_same_losses_gradients_and_weights(start, tiny, batch, parts):
    whole, terms = learnt(start, tiny, batch)
    apart, again = learnt(start, tiny.model_copy(update={"accumulate": parts}), batch)
    assert again == pytest.approx(terms, rel=1e-4)
    for (name, one), other in zip(whole.model.named_parameters(), apart.model.parameters(), strict=True):
        torch.testing.assert_close(other.grad, one.grad, rtol=1e-3, atol=1e-5, msg=name)


def test_it_says_how_many_images_batch_norms_see(start, tiny):
    split = tiny.model_copy(update={"accumulate": 2})
    assert statistics_note(start, split, Team()) == ""
    model = copy.deepcopy(start).train()
    norms = sum(isinstance(one, nn.BatchNorm2d) for one in model.modules())
    assert statistics_note(model, tiny, Team()) == ""
    said = f"{norms} batch norms take their statistics from"
    assert statistics_note(model, split, Team()) == f"{said} 2 images, not 4"
    assert statistics_note(model, split, Team(0, 2)) == f"{said} 1 images, not 4"


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_in_half_precision_the_losses_are_about_the_same_and_gradients_are_not_left_scaled(
    start, tiny, batch, precision
):
    whole, terms = learnt(start, tiny, batch)
    half, again = learnt(start, tiny.model_copy(update={"precision": precision}), batch)
    assert again == pytest.approx(terms, rel=0.1, abs=0.02)
    norms = [float(torch.stack([p.grad.norm() for p in one.model.parameters()]).norm()) for one in (whole, half)]
    assert norms[1] == pytest.approx(norms[0], rel=0.2)
    assert half.skipped == 0


def test_a_gradient_that_is_not_finite_moves_no_weight_is_counted_and_lowers_the_scale(start, tiny, batch):
    learner = Learner(copy.deepcopy(start), tiny.model_copy(update={"precision": "float16"}), CPU, 4, Team())
    learner.model.points.box.bias.register_hook(lambda grad: grad * float("inf"))
    before = copy.deepcopy(learner.model.state_dict())
    scale = learner.scaler.get_scale()
    learner.learn(batch)
    assert learner.skipped == learner.step == 1
    assert all(torch.equal(value, before[name]) for name, value in learner.model.state_dict().items())
    assert learner.scaler.get_scale() < scale


def test_the_optimiser_is_the_one_that_was_asked_for(start, tiny):
    assert isinstance(build_optimizer(start, tiny), torch.optim.AdamW)
    sgd = build_optimizer(start, tiny.model_copy(update={"optimizer": "sgd", "backbone_lr": 0.5}))
    assert isinstance(sgd, torch.optim.SGD)
    assert {group["momentum"] for group in sgd.param_groups} == {0.9}
    assert {group["lr"] for group in sgd.param_groups} == {tiny.lr, tiny.lr / 2}
    still = build_optimizer(start, tiny.model_copy(update={"optimizer": "sgd", "momentum": 0.0}))
    assert {group["momentum"] for group in still.param_groups} == {0.0}


@pytest.mark.parametrize(("has_bfloat16", "chosen"), [(True, torch.bfloat16), (False, torch.float16)])
def test_a_gpu_without_bfloat16_computes_in_float16_and_scales(monkeypatch, has_bfloat16, chosen):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has_bfloat16)
    assert choose_precision("auto", torch.device("cuda")) == chosen
    assert choose_precision("float32", torch.device("cuda")) == choose_precision("auto", CPU) == torch.float32
    assert build_scaler(chosen, CPU).is_enabled() == (not has_bfloat16)
