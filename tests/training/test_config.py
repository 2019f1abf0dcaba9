import pytest

from pipeline.config import parse_config
from pipeline.errors import SpecError
from pipeline.keypoints import load_schema
from training.config import ModelConfig, load_model_config

TABLE = ("akd-1.0", "akd-2.0", "akd-2.1", "akd-2.2", "akd-2.3", "akd-2.4", "akd-3.0")


@pytest.mark.parametrize("name", ["akd-nano", *TABLE, "akd-4.0", "as-published"])
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
        ({"augmentation": {"perspective": 0.3}}, r"augmentation\.perspective: .*less than or equal to 0\.2; got 0\.3"),
        ({"augmentation": {"occlude": 1.5}}, r"augmentation\.occlude: .*less than or equal to 1"),
        ({"ema": 1.0}, "ema: .*less than 1"),
        ({"momentum": 0.9}, "momentum is of optimizer sgd, not of adamw"),
        ({"accumulate": 17}, "accumulate must be at most batch_size, 16"),
        ({"precision": "fp16"}, "precision: .*'float16'"),
        ({"patience": 0}, "patience: .*greater than or equal to 1"),
    ],
)
def test_a_bad_config_says_what_is_wrong(change, says):
    with pytest.raises(SpecError, match=says):
        parse_config({"name": "x", "architecture": "nano", **change}, ModelConfig, "my.yaml")


def test_a_config_with_folders_is_the_same_after_it_was_written(tmp_path):
    how = {"background": 0.3, "backgrounds": str(tmp_path), "fourier": 0.1, "styles": "somewhere"}
    config = parse_config({"name": "x", "architecture": "nano", "augmentation": how}, ModelConfig, "my.yaml")
    assert parse_config(config.model_dump(mode="json"), ModelConfig, "my.yaml") == config
    assert ModelConfig.model_validate_json(config.model_dump_json()) == config


def test_an_unknown_name_lists_what_ships():
    with pytest.raises(SpecError, match=r"akd-1\.0, .*akd-nano, as-published; did you mean 'akd-nano'"):
        load_model_config("akd-nanno")
