from pathlib import Path

import pytest
import torch

from akd import main
from pipeline.errors import WeightsError
from training.build import build_model
from training.checkpoint import load_model, save_weights
from training.pack import mean_of, pack


def test_packed_weights_are_small_and_find_the_same(tmp_path, nano_weights):
    pack([nano_weights], tmp_path / "small.pt")
    whole, small = load_model(nano_weights, device="cpu"), load_model(tmp_path / "small.pt", device="cpu")
    assert (tmp_path / "small.pt").stat().st_size < 0.6 * nano_weights.stat().st_size
    assert small.config == whole.config
    assert all(value.dtype != torch.float16 for value in small.model.state_dict().values())
    for name, value in whole.model.state_dict().items():
        torch.testing.assert_close(small.model.state_dict()[name], value, rtol=1e-3, atol=1e-6)


@pytest.fixture(scope="module")
def moved(nano_weights, tmp_path_factory) -> Path:
    """The detector's weights, each a little elsewhere."""
    loaded, generator = load_model(nano_weights, "cpu"), torch.Generator().manual_seed(5)
    state = {
        name: value * (1 + 0.02 * torch.rand(value.shape, generator=generator)) if value.is_floating_point() else value
        for name, value in loaded.model.state_dict().items()
    }
    path = tmp_path_factory.mktemp("moved") / "moved.pt"
    save_weights(path, state, loaded.config.model_copy(update={"epochs": 77}), loaded.schema)
    return path


def test_of_several_it_is_the_mean_with_the_config_of_the_last(nano_weights, moved):
    mean = mean_of([nano_weights, moved, moved])
    first, other = (load_model(one, "cpu").model.state_dict() for one in (nano_weights, moved))
    for name, value in mean.model.state_dict().items():
        wanted = (first[name] + 2 * other[name]) / 3 if value.is_floating_point() else first[name]
        torch.testing.assert_close(value, wanted, msg=name)
    assert mean.config.epochs == 77


def test_what_the_mean_finds_is_what_its_file_finds(nano_weights, moved, tmp_path, capsys):
    """The backbone is prepared for predicting when it is loaded: that must be of the mean's weights, not the last's."""
    assert main(["pack", str(nano_weights), str(moved), "-o", str(tmp_path / "mean.pt")]) == 0
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    mean, read, last = (
        one.model.backbone_features(image)[16]
        for one in (mean_of([nano_weights, moved]), load_model(tmp_path / "mean.pt", "cpu"), load_model(moved, "cpu"))
    )
    size = mean.abs().mean()
    assert (mean - read).abs().mean() < 0.01 * size
    assert (mean - last).abs().mean() > 0.05 * size


def test_a_mean_of_unlike_things_is_refused(nano_weights, tmp_path, tiny, schema):
    other = tiny.model_copy(update={"name": "rcnn", "architecture": "keypoint_rcnn"})
    rcnn, fewer = tmp_path / "rcnn.pt", tmp_path / "fewer.pt"
    save_weights(rcnn, build_model(other, schema).state_dict(), other, schema)
    with pytest.raises(WeightsError, match=r"rcnn\.pt: is another network than .*tiny\.pt; a mean"):
        pack([rcnn, nano_weights], tmp_path / "out.pt")
    renamed = schema.model_copy(update={"name": "other"})
    save_weights(fewer, load_model(nano_weights, "cpu").model.state_dict(), tiny, renamed)
    with pytest.raises(WeightsError, match=r"fewer\.pt: finds other keypoints than"):
        pack([fewer, nano_weights], tmp_path / "out.pt")
    assert not (tmp_path / "out.pt").exists()
