"""What stands between the camera and the vehicle, as specs say it."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from pipeline.errors import SpecError
from pipeline.occluders_spec import KINDS, OccludersSpec
from pipeline.plan import Shot, plan_dataset
from pipeline.spec import DatasetSpec, load_spec


def spec_with(occluders: dict) -> DatasetSpec:
    spec = load_spec("demo").model_copy(update={"images": 40})
    return spec.model_copy(update={"occluders": OccludersSpec.model_validate(occluders)})


def written(folder: Path, occluders: dict) -> str:
    content = {"name": "a", "images": 20, "vehicles": {"sources": [{"parametric": "suv"}]}, "occluders": occluders}
    path = folder / "a.yaml"
    path.write_text(yaml.safe_dump(content))
    return str(path)


def test_occluders_are_drawn_by_weight_and_change_nothing_else():
    given = {"count": {"choice": [0, 1, 3]}, "kind": {"choice": ["person", "cone", "bin"], "weights": [1, 1, 0]}}
    bare, full = (plan_dataset(spec_with(group)) for group in ({}, given))
    assert {len(shot.occluders) for shot in full} == {0, 1, 3}
    drawn = [one for shot in full for one in shot.occluders]
    assert {one.kind for one in drawn} == {"person", "cone"}
    assert {one.near_camera for one in drawn} == {True, False}
    assert all(0.05 <= one.cover <= 0.4 for one in drawn)
    assert len({one.seed for one in drawn}) == len(drawn)
    for a, b in zip(bare, full, strict=True):
        assert a.occluders == ()
        assert a.model_copy(update={"occluders": b.occluders}) == b


def test_one_more_occluder_leaves_the_others_as_they_are():
    two, three = (plan_dataset(spec_with({"count": count})) for count in (2, 3))
    assert all(b.occluders[:2] == a.occluders for a, b in zip(two, three, strict=True))


def test_a_plan_without_occluders_is_what_it_was_before_there_were_any():
    spec = spec_with({})
    assert "occluders" not in spec.model_dump(mode="json")
    shots = plan_dataset(spec)
    plan = [shot.model_dump(mode="json") for shot in shots]
    assert all("occluders" not in line for line in plan)
    assert [Shot.model_validate(line) for line in plan] == shots


def test_cutouts_come_from_the_folder_beside_the_spec(tmp_path: Path):
    (tmp_path / "cut").mkdir()
    for name, channels in (("b.png", 4), ("a.PNG", 4), ("opaque.png", 3)):
        Image.fromarray(np.full((6, 5, channels), 200, np.uint8)).save(tmp_path / "cut" / name)
    (tmp_path / "cut" / "broken.png").write_bytes(b"no picture")
    spec = load_spec(written(tmp_path, {"count": 2, "kind": "cutout", "cutouts": "cut", "cutout_height_m": 0.9}))
    assert spec.occluders.cutouts == (tmp_path / "cut").resolve()
    drawn = [one for shot in plan_dataset(spec) for one in shot.occluders]
    assert {Path(str(one.picture)).name for one in drawn} == {"a.PNG", "b.png"}
    assert {one.height_m for one in drawn} == {0.9}
    assert DatasetSpec.model_validate(spec.model_dump(mode="json")) == spec


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"count": 7}, r"occluders\.count.*must stay within 0\.\.6; can be 7"),
        ({"kind": "persn"}, r"'persn' is not known; allowed: .*person"),
        ({"cover": 1.5}, r"must stay within 0\.005\.\.0\.9; can be 1\.5"),
        ({"near_camera": 3}, r"occluders\.near_camera: .*valid boolean"),
        ({"covr": 0.2}, r"covr"),
        ({"kind": {"choice": list(KINDS)}}, r"cutouts must be a folder of PNG pictures with alpha"),
        ({"kind": "cutout", "cutouts": "nowhere"}, r"occluders\.cutouts: .*nowhere must be a folder with PNG"),
        ({"kind": "cutout", "cutouts": "."}, r"must be a folder with PNG pictures that have alpha"),
    ],
)
def test_wrong_occluders_are_told_in_one_line(tmp_path: Path, given: dict, message: str):
    with pytest.raises(SpecError, match=message) as caught:
        load_spec(written(tmp_path, given))
    assert "\n" not in str(caught.value).strip()
