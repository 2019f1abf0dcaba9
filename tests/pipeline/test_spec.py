from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.camera_spec import CameraSpec
from pipeline.config import CONFIGS, parse_config
from pipeline.distributions import limits_of
from pipeline.errors import SpecError
from pipeline.spec import DatasetSpec, load_spec

GOOD: dict[str, Any] = {"name": "a", "images": 4, "vehicles": {"sources": [{"parametric": "sedan"}]}}


def parse(**changes: Any) -> DatasetSpec:
    return parse_config({**GOOD, **changes}, DatasetSpec, "spec.yaml")


@pytest.mark.parametrize("path", sorted((CONFIGS / "datasets").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_spec_that_ships_is_valid_and_says_what_it_is_for(path: Path):
    load_spec(str(path))
    first = path.read_text(encoding="utf-8").splitlines()
    assert first[0].startswith("#")
    assert any("akd generate" in line for line in first if line.startswith("#"))


def test_a_spec_survives_being_written_and_read():
    spec = parse(camera={"fill": {"uniform": [0.2, 0.9]}, "lens_mm": {"choice": [24, 50], "weights": [1, 3]}})
    assert parse_config(spec.model_dump(mode="json"), DatasetSpec, "again") == spec


def test_a_spec_cannot_be_changed():
    with pytest.raises(Exception, match="frozen"):
        parse().images = 5


WRONG = {
    "unknown key, with the nearest": (
        {"camera": {"azimut_deg": 3}},
        r"spec\.yaml: camera\.azimut_deg: unknown key; allowed: .*did you mean 'azimuth_deg'\?",
    ),
    "unknown distribution": ({"camera": {"fill": {"unifrom": [0, 1]}}}, r"camera\.fill: must be a number or one of"),
    "bounds the wrong way round": (
        {"camera": {"fill": {"uniform": [0.9, 0.2]}}},
        r"camera\.fill: the lower bound comes first; got \[0\.9, 0\.2\]",
    ),
    "a value out of range": (
        {"camera": {"elevation_deg": {"uniform": [0, 95]}}},
        r"camera\.elevation_deg: must stay within -5\.\.85; can be 0\.\.95",
    ),
    "a key missing inside": ({"camera": {"fill": {"normal": {"mean": 1}}}}, r"fill\.normal\.std: is required"),
    "an unknown paint": ({"appearance": {"paint": "withe"}}, r"'withe' is not known; .*did you mean 'white'\?"),
    "weights that do not fit": (
        {"appearance": {"paint": {"choice": ["white", "red"], "weights": [1]}}},
        r"appearance\.paint: choice has 2 values but weights has 1",
    ),
    "weights all zero": ({"ground": {"wet": {"choice": [0, 1], "weights": [0, 0]}}}, r"must not all be 0"),
    "splits that do not add up": ({"split": {"train": 0.5}}, r"split: train \+ val \+ test must be 1; got 0\.7"),
    "neither model nor parametric": ({"vehicles": {"sources": [{"style": "suv"}]}}, r"sources\.0: must be \{param"),
    "both model and parametric": (
        {"vehicles": {"sources": [{"parametric": "suv", "model": "a.glb"}]}},
        r"sources\.0: must be \{param",
    ),
    "not a number": ({"images": "many"}, r"images: input should be a valid integer.*got 'many'"),
    "NaN": ({"camera": {"fill": float("nan")}}, r"camera\.fill: input should be a finite number"),
    "a name that is a path": ({"name": "../x"}, r"name: string should match pattern"),
    "probability above 1": (
        {"appearance": {"lamps_on": {"probability": 3}}},
        r"lamps_on\.probability: input should be less than or equal to 1; got 3",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_in_one_line(case: str):
    changes, message = WRONG[case]
    with pytest.raises(SpecError, match=message) as error:
        parse(**changes)
    assert "\n" not in str(error.value)


def test_files_that_are_not_specs(tmp_path: Path):
    for text, message in {
        "a: [": r"spec\.yaml:\d+:\d+: is not valid YAML",
        "name: a\nname: b\n": r"spec\.yaml:2:1: is not valid YAML: key 'name' is given twice",
        "- 1\n": r"spec\.yaml: must be a mapping of keys to values; got list",
        "!!python/object/apply:os.system ['true']": r"spec\.yaml:1:1: is not valid YAML: could not determine a constr",
    }.items():
        (tmp_path / "spec.yaml").write_text(text)
        with pytest.raises(SpecError, match=message):
            load_spec(str(tmp_path / "spec.yaml"))
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpecError, match=r"binary\.yaml: is not UTF-8 text"):
        load_spec(str(tmp_path / "binary.yaml"))
    with pytest.raises(SpecError, match=r"dmo: no such file, .*did you mean 'demo'\?"):
        load_spec("dmo")


def test_a_blend_file_needs_no_label_file_and_materials_may_be_repainted(tmp_path: Path):
    source = {"model": "car.blend", "materials": "repaint"}
    (tmp_path / "car.blend").touch()
    (tmp_path / "spec.yaml").write_text(yaml.safe_dump({**GOOD, "vehicles": {"sources": [source]}}))
    assert load_spec(str(tmp_path / "spec.yaml")).vehicles.sources[0].materials == "repaint"
    source["materials"] = "wood"
    (tmp_path / "spec.yaml").write_text(yaml.safe_dump({**GOOD, "vehicles": {"sources": [source]}}))
    with pytest.raises(SpecError, match=r"materials.*'own' or 'repaint'|materials.*own.*repaint"):
        load_spec(str(tmp_path / "spec.yaml"))


def test_assets_are_looked_for_beside_the_spec_before_anything_is_rendered(tmp_path: Path):
    spec = {**GOOD, "vehicles": {"sources": [{"model": "car.glb"}]}}
    (tmp_path / "spec.yaml").write_text(yaml.safe_dump(spec))
    with pytest.raises(SpecError, match=r"vehicles\.sources\.0\.model: .*car\.glb does not exist"):
        load_spec(str(tmp_path / "spec.yaml"))
    (tmp_path / "car.glb").touch()
    with pytest.raises(SpecError, match=r"sources\.0\.keypoints: .*car\.keypoints\.yaml does not exist"):
        load_spec(str(tmp_path / "spec.yaml"))
    (tmp_path / "car.keypoints.yaml").touch()
    source = load_spec(str(tmp_path / "spec.yaml")).vehicles.sources[0]
    assert source.model == tmp_path / "car.glb"
    assert source.sidecar == tmp_path / "car.keypoints.yaml"
    (tmp_path / "spec.yaml").write_text(yaml.safe_dump({**GOOD, "light": {"hdri": "maps"}}))
    with pytest.raises(SpecError, match=r"light\.hdri: .*maps must be a folder with \.hdr or \.exr files"):
        load_spec(str(tmp_path / "spec.yaml"))


def test_the_limits_of_a_field_are_those_that_its_validator_keeps():
    low, high = limits_of(CameraSpec, "fill")
    assert (low, high) == (0.02, 4)
    parse(camera={"fill": high})
    with pytest.raises(SpecError, match=r"must stay within 0\.02\.\.4"):
        parse(camera={"fill": high + 0.01})
    assert limits_of(CameraSpec, "preset") == (-float("inf"), float("inf"))
