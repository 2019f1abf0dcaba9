"""Every config that ships, by the training loop's own step: 20 of them on a CPU, and the loss falls."""

from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.coco import load_coco
from pipeline.config import CONFIGS
from training.batches import batches
from training.build import build_for_training
from training.config import load_model_config
from training.dataset import KeypointData
from training.learner import Learner
from training.team import Team

from .conftest import write_dataset

STEPS = 20
NAMES = [path.stem for path in sorted((CONFIGS / "models").glob("*.yaml"))]


def small(name: str):
    """A shipped config at a size for a CPU: one small image a step, few regions on it, and the layers as they are.

    Weights are random, for no test may need the network.
    """
    config = load_model_config(name)
    update = {"image_size": 64, "batch_size": 1, "epochs": STEPS, "weights": "none", "workers": 0}
    if config.rcnn:
        update["rcnn"] = config.rcnn.model_copy(update={"samples": 4})
    return config.model_copy(update=update)


@pytest.fixture(scope="module")
def cars(schema, tmp_path_factory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("cars"), schema, splits=(("train", 1),))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_twenty_steps_on_a_cpu_and_the_loss_falls(name, schema, cars):
    config = small(name)
    model, _ = build_for_training(config, schema)
    if config.rcnn:
        model.net.rpn._pre_nms_top_n["training"] = model.net.rpn._post_nms_top_n["training"] = 50
    learner = Learner(model, config, torch.device("cpu"), STEPS, Team())
    learner.model.train()
    history = []
    for batch in batches(KeypointData(load_coco(cars, "train"), schema, config), range(STEPS)):
        history.append(float(sum(learner.learn(batch).values())))
    assert learner.step == STEPS
    assert learner.skipped == 0
    assert np.isfinite(history).all()
    assert np.mean(history[-4:]) < 0.9 * np.mean(history[:2]), history
