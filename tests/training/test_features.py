"""Features of a backbone inside boxes: what is in the box counts, and nothing else."""

import numpy as np
import pytest
import torch

from pipeline.errors import WeightsError
from training.build import build_model
from training.checkpoint import LoadedModel, load_model
from training.features import features
from training.onnx_file import OnnxDetector


@pytest.fixture(scope="module")
def nano(tiny_weights) -> LoadedModel:
    return load_model(tiny_weights)


def noise(seed, height=64, width=96):
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)


def test_a_vector_per_box_of_each_image(nano):
    found = features(
        nano, [noise(1), noise(2, 80, 50)], [np.array([[0.0, 0, 96, 64], [8, 8, 40, 40]]), np.zeros((0, 4))]
    )
    assert [one.shape for one in found] == [(2, 432), (0, 432)]
    assert np.isfinite(found[0]).all()
    assert not np.allclose(found[0][0], found[0][1])


def test_one_image_gives_what_a_batch_gives(nano):
    box = np.array([[10.0, 5, 60, 50]])
    together = features(nano, [noise(1), noise(2)], [box, box])
    assert features(nano, [noise(2)], [box])[0] == pytest.approx(together[1], abs=1e-5)


def test_what_is_far_from_the_box_hardly_counts(nano):
    """The backbone sees further than a box, but a change within it must weigh far more than one outside."""
    plain = np.full((256, 256, 3), 128, np.uint8)
    outside, inside = plain.copy(), plain.copy()
    outside[200:, 200:] = noise(3, 56, 56)
    inside[20:76, 20:76] = noise(3, 56, 56)
    box = np.array([[16.0, 16, 64, 64]])
    still, far, near = (features(nano, [one], [box])[0][0] for one in (plain, outside, inside))
    assert np.linalg.norm(far - still) < 0.25 * np.linalg.norm(near - still)


def test_a_keypoint_rcnn_has_them_too(schema, tiny):
    config = tiny.model_copy(update={"architecture": "keypoint_rcnn", "image_size": 64})
    torch.manual_seed(0)
    loaded = LoadedModel(build_model(config, schema).eval(), config, schema)
    [found] = features(loaded, [noise(1)], [np.array([[0.0, 0, 96, 64]])])
    assert found.shape == (1, 1024 + 2048)
    assert np.isfinite(found).all()


def test_an_onnx_file_says_that_it_has_none(schema, tiny):
    loaded = LoadedModel(OnnxDetector(None), tiny, schema)
    with pytest.raises(WeightsError, match="gives no features of its backbone"):
        features(loaded, [noise(1)], [np.array([[0.0, 0, 96, 64]])])
