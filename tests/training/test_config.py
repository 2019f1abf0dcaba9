import pytest

from pipeline.config import parse_config
from pipeline.errors import SpecError
from pipeline.keypoints import load_schema
from training.config import ModelConfig, load_model_config


@pytest.mark.parametrize("name", ["akd-nano", "akd-1.0"])
def test_shipped_configs_load_and_name_a_schema_that_ships(name):
    config = load_model_config(name)
    assert config.name == name
    assert len(load_schema(config.keypoints)) > 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"architecture": "yolo"}, "architecture"),
        ({"epoch": 3}, "unknown key.*did you mean 'epochs'"),
        ({"image_size": 250}, "image_size: .*multiple of 32; got 250"),
        ({"augmentation": {"scale": [1.2, 0.8]}}, "augmentation: scale must go from least to greatest"),
        ({"augmentation": {"flips": 1}}, "did you mean 'flip'"),
        ({"ema": 1.0}, "ema: .*less than 1"),
    ],
)
def test_a_bad_config_says_what_is_wrong(change, says):
    with pytest.raises(SpecError, match=says):
        parse_config({"name": "x", "architecture": "nano", **change}, ModelConfig, "my.yaml")


def test_an_unknown_name_lists_what_ships():
    with pytest.raises(SpecError, match=r"akd-1\.0, akd-nano; did you mean 'akd-nano'"):
        load_model_config("akd-nanno")
