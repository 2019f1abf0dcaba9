from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import parse_config
from pipeline.distributions import support
from pipeline.plan import assign_split, plan_dataset, plan_shot
from pipeline.plan_summary import summarize_plan
from pipeline.sampling import sample
from pipeline.seeds import stream_rng
from pipeline.spec import CameraSpec, DatasetSpec, SplitSpec, load_spec


def spec(**changes: Any) -> DatasetSpec:
    base: dict[str, Any] = {
        "name": "a",
        "seed": 0,
        "images": 40,
        "vehicles": {"views_per_vehicle": 3, "sources": [{"parametric": {"choice": ["sedan", "suv"]}}]},
        "camera": {"azimuth_deg": {"uniform": [0, 360]}, "fill": {"uniform": [0.4, 0.9]}},
        "appearance": {"paint": {"choice": ["white", "red", "blue"]}},
    }
    return parse_config({**base, **changes}, DatasetSpec, "test")


def test_a_shot_is_the_same_alone_and_in_any_order():
    whole = plan_dataset(spec())
    assert [plan_shot(spec(), index) for index in reversed(range(40))] == whole[::-1]


def test_a_longer_dataset_begins_with_the_shorter_one():
    assert plan_dataset(spec(images=90))[:40] == plan_dataset(spec())


def test_seeds_differ_and_zero_is_a_seed():
    zero, one = plan_dataset(spec(seed=0)), plan_dataset(spec(seed=1))
    assert all(a.camera != b.camera for a, b in zip(zero, one, strict=True))
    assert plan_dataset(spec(seed=0)) == zero


def test_one_more_randomiser_changes_nothing_else():
    plain, rolled = plan_dataset(spec()), plan_dataset(spec(camera={**CAMERA, "roll_deg": {"uniform": [-9, 9]}}))
    for before, after in zip(plain, rolled, strict=True):
        assert before.camera.roll_deg == 0.0
        assert after.camera.roll_deg != 0.0
        assert after.camera.model_copy(update={"roll_deg": 0.0}) == before.camera
        assert after.model_copy(update={"camera": before.camera}) == before


CAMERA = {"azimuth_deg": {"uniform": [0, 360]}, "fill": {"uniform": [0.4, 0.9]}}


def test_all_images_of_a_vehicle_are_in_one_split():
    shots = plan_dataset(spec(images=300))
    splits: dict[str, set[str]] = {}
    for shot in shots:
        splits.setdefault(shot.vehicle.id, set()).add(shot.split)
    assert len(splits) == 100
    assert all(len(found) == 1 for found in splits.values())


def test_a_model_that_is_drawn_again_and_again_stays_in_its_split(tmp_path):
    models = [{"model": str(tmp_path / f"{name}.glb")} for name in "abcdefgh"]
    shots = plan_dataset(spec(images=200, vehicles={"views_per_vehicle": 2, "sources": models}))
    splits: dict[str, set[str]] = {}
    for shot in shots:
        splits.setdefault(shot.vehicle.id, set()).add(shot.split)
    assert len(splits) == 8
    assert all(len(found) == 1 for found in splits.values())


@given(st.integers(0, 2**32), st.integers(20, 400))
def test_split_shares_are_met_within_two_vehicles(seed: int, count: int):
    split = SplitSpec(train=0.75, val=0.1, test=0.15)
    found = Counter(assign_split(split, seed, "parametric", number) for number in range(count))
    assert found["train"] == pytest.approx(0.75 * count, abs=3)
    assert found["test"] == pytest.approx(0.15 * count, abs=3)


NUMBERS = {
    "constant": 3.5,
    "uniform": {"uniform": [0.5, 2]},
    "loguniform": {"loguniform": [0.1, 10]},
    "normal": {"normal": {"mean": 1, "std": 2, "min": 0.2, "max": 1.5}},
    "choice": {"choice": [1, 2, 4], "weights": [1, 0, 3]},
    "probability": {"probability": 0.25, "value": {"uniform": [1, 2]}, "otherwise": -1},
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_draws_stay_within_the_support(kind: str):
    number = CameraSpec(roll_deg=NUMBERS[kind]).roll_deg
    low, high = support(number)
    drawn = np.array([sample(number, stream_rng(4, i, "x")) for i in range(2000)])
    assert (drawn >= low).all()
    assert (drawn <= high).all()
    if kind == "choice":
        assert set(drawn) == {1.0, 4.0}
        assert (drawn == 4).mean() == pytest.approx(0.75, abs=0.04)
    if kind == "probability":
        assert (drawn > 0).mean() == pytest.approx(0.25, abs=0.04)
    if kind == "loguniform":
        assert np.median(drawn) == pytest.approx(1.0, rel=0.15)
    if kind == "uniform":
        assert drawn.mean() == pytest.approx(1.25, abs=0.04)


def test_streams_are_independent_and_stable():
    a, b = stream_rng(1, 2, "camera.fill").random(1000), stream_rng(1, 2, "camera.roll").random(1000)
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.1
    # these numbers are every dataset's: should this ever fail, datasets made before can not be made again
    assert stream_rng(7, 3, "camera.azimuth_deg").integers(2**31, size=3).tolist() == PINNED


PINNED = [748614827, 133005766, 4284739]


def test_summary_counts_what_the_plan_holds():
    shots = plan_dataset(spec())
    text = summarize_plan(spec(), shots)
    assert "40 images of 14 vehicles" in text
    for split in ("train", "val", "test"):
        row = next(line for line in text.splitlines() if line.startswith(split))
        assert int(row.split()[2]) == sum(shot.split == split for shot in shots)
    assert "estimated time" in text


def test_demo_plan_has_every_split_and_style():
    shots = plan_dataset(load_spec("demo"))
    assert {shot.split for shot in shots} == {"train", "val", "test"}
    assert {shot.vehicle.style for shot in shots} >= {"sedan", "hatchback", "suv"}
