"""The sensor in specs and plans."""

from typing import Any

import pytest

from pipeline.config import parse_config
from pipeline.dataset_folder import spec_hash
from pipeline.errors import SpecError
from pipeline.plan import Shot, plan_dataset
from pipeline.sensor_spec import SensorSpec
from pipeline.spec import DatasetSpec

BASE: dict[str, Any] = {"name": "a", "seed": 3, "images": 12, "vehicles": {"sources": [{"parametric": "sedan"}]}}
RANGED = {"k1": {"uniform": [-0.2, 0.1]}, "noise_iso": {"loguniform": [100, 6400]}, "demosaic": {"probability": 0.5}}


def spec(**changes: Any) -> DatasetSpec:
    return parse_config({**BASE, **changes}, DatasetSpec, "test")


def test_a_sensor_that_is_off_leaves_no_trace():
    plain, spelt = spec(), spec(sensor={"k1": 0.0, "noise_iso": 0})
    assert "sensor" not in plain.model_dump(mode="json")
    assert spec_hash(plain) == spec_hash(spelt)
    assert all("sensor" not in shot.model_dump(mode="json") for shot in plan_dataset(spelt))


def test_a_sensor_changes_nothing_else_of_a_plan():
    for before, after in zip(plan_dataset(spec()), plan_dataset(spec(sensor=RANGED)), strict=True):
        assert after.sensor is not None
        assert after.model_copy(update={"sensor": None}) == before


def test_one_more_effect_leaves_the_others_as_they_were():
    more = RANGED | {"blur_px": {"uniform": [0, 3]}}
    for before, after in zip(plan_dataset(spec(sensor=RANGED)), plan_dataset(spec(sensor=more)), strict=True):
        assert before.sensor is not None
        assert after.sensor is not None
        assert after.sensor.blur_px > 0
        assert after.sensor.model_copy(update={"blur_px": 0.0}) == before.sensor


def test_draws_vary_and_survive_the_plan_file():
    shots = plan_dataset(spec(sensor=RANGED))
    sensors = [shot.sensor for shot in shots if shot.sensor]
    assert len({sensor.k1 for sensor in sensors}) == len({sensor.seed for sensor in sensors}) == 12
    assert {sensor.demosaic for sensor in sensors} == {True, False}
    assert [Shot.model_validate(shot.model_dump(mode="json")) for shot in shots] == shots
    whole = spec(sensor=RANGED)
    assert parse_config(whole.model_dump(mode="json"), DatasetSpec, "again") == whole


@pytest.mark.parametrize(
    ("sensor", "message"),
    [
        ({"k1": {"uniform": [-0.35, 0.1]}}, r"sensor: k1 = -0.35 with k2 = 0 squeezes .* allowed: k1 >= -0.281"),
        ({"k1": -0.1, "k2": {"uniform": [-0.35, 0]}}, r"k1 = -0.1 with k2 = -0.35 squeezes the corners of 512x512"),
        ({"vignetting": 2}, r"sensor\.vignetting: must stay within 0..0.9"),
        ({"noise": 800}, r"sensor\.noise: unknown key; allowed: .*did you mean 'noise_iso'"),
    ],
)
def test_a_wrong_sensor_is_refused_in_one_line(sensor: dict[str, Any], message: str):
    with pytest.raises(SpecError, match=message):
        spec(sensor=sensor)


def test_a_longer_image_takes_a_stronger_barrel():
    wide = {"width": 900, "height": 300}
    assert spec(sensor={"k1": -0.35}, image=wide).sensor == SensorSpec(k1=-0.35)
