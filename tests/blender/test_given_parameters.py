"""Parameters that a spec sets, and what follows from them."""

from dataclasses import fields

import pytest

from blender_scenes.vehicle import STYLES, build_vehicle
from blender_scenes.vehicle.params import CarParameters, sample_parameters
from blender_scenes.vehicle.ranges import COMMON, OWN, RANGES
from pipeline.config import parse_config
from pipeline.errors import SpecError
from pipeline.plan import ParametricVehicle, plan_dataset
from pipeline.spec import DatasetSpec
from pipeline.vehicle_parameters import LIMITS

DECIDED_BY_STYLE = {"bed", "box"}
FOLLOWS = {"roof_length", "backlight_run"}


def test_every_parameter_can_be_set():
    assert set(LIMITS) == {field.name for field in fields(CarParameters)} - DECIDED_BY_STYLE
    assert len(LIMITS) >= 40


@pytest.mark.parametrize("style", STYLES)
def test_what_the_generator_draws_is_within_the_limits(style: str):
    for name, (low, high) in {**COMMON, **OWN.get(style, {}), **RANGES[style]}.items():
        if name in LIMITS:
            assert LIMITS[name][0] <= low <= high <= LIMITS[name][1], name
    for seed in range(50):
        for name, value in sample_parameters(style, seed).as_dict().items():
            if name in LIMITS:
                assert LIMITS[name][0] <= float(value) <= LIMITS[name][1], name


def test_given_parameters_hold_and_others_stay():
    free, fixed = sample_parameters("wagon", 3), sample_parameters("wagon", 3, {"wheelbase": 2.9, "doors": 4})
    changed = {f.name for f in fields(CarParameters) if getattr(free, f.name) != getattr(fixed, f.name)}
    assert fixed.wheelbase == 2.9
    assert isinstance(fixed.doors, int)
    assert changed <= {"wheelbase"} | FOLLOWS
    assert fixed.roof_end_x == pytest.approx(free.roof_end_x + (free.wheelbase - 2.9) / 2, abs=1e-9)


def test_a_two_door_car_has_no_rear_door_keypoints():
    labels = build_vehicle("suv", 0, {"doors": 2}).mesh.labels
    assert "door_FL" in labels
    assert "door_RL" not in labels


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"wheelbse": 2.7}, r"'wheelbse' is not known; .*did you mean 'wheelbase'"),
        ({"wheelbase": 27.0}, r"wheelbase must lie within 2\.\.4\.5; got 27"),
    ],
)
def test_nonsense_is_refused(given: dict[str, float], says: str):
    with pytest.raises(SpecError, match=says):
        sample_parameters("suv", 0, given)


def spec(parameters: dict[str, object]) -> DatasetSpec:
    source = {"parametric": "suv", "parameters": parameters}
    vehicles = {"views_per_vehicle": 1, "sources": [source]}
    return parse_config({"name": "s", "images": 40, "vehicles": vehicles}, DatasetSpec, "spec")


def test_a_spec_fixes_and_ranges_parameters_and_keeps_everything_else():
    shots = plan_dataset(spec({"width": {"uniform": [1.8, 1.9]}, "doors": 2}))
    plain = plan_dataset(spec({}))
    drawn = [shot.vehicle.parameters for shot in shots if isinstance(shot.vehicle, ParametricVehicle)]
    assert all(1.8 <= values["width"] <= 1.9 and values["doors"] == 2 for values in drawn)
    assert len({values["width"] for values in drawn}) == len(drawn) == 40
    assert [shot.vehicle.id for shot in shots] == [shot.vehicle.id for shot in plain]
    assert [shot.camera for shot in shots] == [shot.camera for shot in plain]


def test_a_spec_with_nonsense_is_refused():
    with pytest.raises(SpecError, match="wheelbase must lie within"):
        spec({"wheelbase": {"uniform": [2.5, 9.0]}})
