"""What stands around the vehicle, as specs say it."""

from pathlib import Path

import pytest
import yaml

from pipeline.errors import SpecError
from pipeline.plan import Shot, plan_dataset
from pipeline.spec import DatasetSpec, load_spec
from pipeline.surroundings_spec import SurroundingsSpec


def spec_with(surroundings: dict) -> DatasetSpec:
    spec = load_spec("demo").model_copy(update={"images": 40})
    return spec.model_copy(update={"surroundings": SurroundingsSpec.model_validate(surroundings)})


def test_places_are_drawn_by_weight_and_change_nothing_else():
    bare, full = (
        plan_dataset(spec_with(given))
        for given in ({}, {"place": {"choice": ["street", "yard", "country"], "weights": [1, 1, 0]}, "density": 0.5})
    )
    assert {shot.surroundings.place for shot in bare} == {"none"}
    assert {shot.surroundings.place for shot in full} == {"street", "yard"}
    assert len({shot.surroundings.seed for shot in full}) == len(full)
    for a, b in zip(bare, full, strict=True):
        assert a.model_copy(update={"surroundings": b.surroundings}) == b


def test_a_plan_without_surroundings_is_what_it_was_before_there_were_any():
    shots = plan_dataset(spec_with({}))
    plan = [shot.model_dump(mode="json") for shot in shots]
    assert all("surroundings" not in line for line in plan)
    assert [Shot.model_validate(line) for line in plan] == shots


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"place": "stret"}, r"'stret' is not known; allowed: .*street"),
        ({"density": 1.5}, r"must stay within 0\.\.1; can be 1\.5"),
        ({"distance_m": 0.5}, r"must stay within 1\.5\.\.60"),
    ],
)
def test_wrong_surroundings_are_told(tmp_path: Path, given: dict, message: str):
    content = {"name": "a", "images": 1, "vehicles": {"sources": [{"parametric": "suv"}]}, "surroundings": given}
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(SpecError, match=message):
        load_spec(str(path))
