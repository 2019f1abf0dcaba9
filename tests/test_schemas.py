"""The JSON Schemas equal the types, every YAML that ships names its own and passes it, and both judge alike."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from akd import _config_kinds, main
from pipeline.config import CONFIGS, parse_config, read_yaml
from pipeline.errors import SpecError
from pipeline.label_file import read_label_file
from pipeline.schema import json_schema, schema_comment, schema_file, schema_text
from pipeline.schema_verb import all_schemas
from pipeline.sidecar import Sidecar, load_sidecar
from pipeline.spec import DatasetSpec
from tests.conftest import ROOT
from training.config import ModelConfig

SCHEMAS = all_schemas(_config_kinds)
FOLDERS = {"datasets": "dataset", "models": "model", "keypoints": "keypoints", "cameras": "camera"}
SHIPPED = [(file, name) for folder, name in FOLDERS.items() for file in sorted((CONFIGS / folder).glob("*.yaml"))]
LABELS = sorted((ROOT / "tests" / "data").glob("*.keypoints.yaml"))


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_files_equal_the_types(name: str):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    again = "rm -r configs/schemas && python akd.py schema -o configs/schemas"
    assert schema_file(name).read_text(encoding="utf-8") == schema_text(SCHEMAS[name]), f"write them again: {again}"


def test_every_yaml_under_configs_is_of_a_known_kind():
    others = {CONFIGS / "cluster" / "kubernetes.yaml", CONFIGS / "docs" / "mkdocs.yml"}  # Kubernetes' own, MkDocs' own
    kinds = {file for file, _ in SHIPPED} | others
    assert set(CONFIGS.rglob("*.y*ml")) == kinds


@pytest.mark.parametrize(("file", "name"), SHIPPED, ids=lambda value: getattr(value, "stem", ""))
def test_every_yaml_that_ships_names_its_schema_and_passes_it(file: Path, name: str):
    assert file.read_text(encoding="utf-8").startswith(schema_comment(name, file))
    validator(name).validate(read_yaml(file))


@pytest.mark.parametrize("file", LABELS, ids=lambda file: file.stem)
def test_label_files_pass_theirs(file: Path):
    validator("labels").validate(read_yaml(file))


def test_what_akd_writes_names_its_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from training.run_folder import write_config

    path = tmp_path / "deep" / "car.keypoints.yaml"
    path.parent.mkdir()
    read_label_file(path).write(Sidecar.model_validate({"labels": {"roof": {"at": [0, 0, 1]}}}))
    write_config(tmp_path, ModelConfig(name="x", architecture="nano"))
    for file in (path, tmp_path / "config.yaml"):
        named = file.read_text(encoding="utf-8").splitlines()[0].split("$schema=")[1]
        schema = json.loads((file.parent / named).read_text(encoding="utf-8"))
        jsonschema.validate(read_yaml(file), schema)
    assert load_sidecar(path).labels["roof"]
    assert main(["schema", "-o", str(tmp_path / "s")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(SCHEMAS)
    assert main(["schema", "-o", str(tmp_path / "s")]) == 1


GOOD = {"name": "x", "images": 2, "vehicles": {"sources": [{"parametric": "sedan"}]}}
FORMS: dict[str, list[tuple[Any, bool]]] = {
    "camera.fill": [
        (0.8, True),
        (1, True),
        (9, False),
        ("much", False),
        ({"uniform": [0.5, 1]}, True),
        ({"uniform": [0.5, 9]}, False),
        ({"uniform": [0.5]}, False),
        ({"uniform": [0.5, 0.6, 0.7]}, False),
        ({"uniformly": [0.5, 1]}, False),
        ({"uniform": [0.5, 1], "weights": [1]}, False),
        ({"loguniform": [0.1, 2]}, True),
        ({"loguniform": [0, 2]}, False),
        ({"normal": {"mean": 1, "std": 0.1, "min": 0.5, "max": 2}}, True),
        ({"normal": {"mean": 1, "std": 0, "min": 0.5, "max": 2}}, False),
        ({"normal": {"mean": 1, "std": 0.1, "min": 0.5}}, False),
        ({"normal": {"mean": 1, "std": 0.1, "min": 0.5, "max": 9}}, False),
        ({"choice": [0.5, 1]}, True),
        ({"choice": [0.5, 1], "weights": [1, 2]}, True),
        ({"choice": []}, False),
        ({"choice": [0.5, 9]}, False),
        ({"choice": ["a"]}, False),
        ({"choice": [0.5], "weights": [-1]}, False),
        ({"probability": 0.5, "value": 1, "otherwise": 0.5}, True),
        ({"probability": 0.5, "value": {"uniform": [0.5, 1]}, "otherwise": 1}, True),
        ({"probability": 0.5, "value": {"uniform": [0.5, 9]}, "otherwise": 1}, False),
        ({"probability": 0.5, "value": {"probability": 0.5, "value": {"choice": [9]}, "otherwise": 1}}, False),
        ({"probability": 2, "value": 1, "otherwise": 1}, False),
        ({"probability": 0.5}, False),
        ([0.5, 1], False),
        (None, False),
        ({}, False),
    ],
    "ground.kind": [
        ("asphalt", True),
        ("asfalt", False),
        ({"choice": ["asphalt", "snow"]}, True),
        ({"choice": ["asphalt", "snow"], "weights": [2, 1]}, True),
        ({"choice": ["asphalt", "ice"]}, False),
        ({"uniform": ["a", "b"]}, False),
        (["asphalt"], False),
    ],
    "appearance.lamps_on": [
        (True, True),
        ({"probability": 0.3}, True),
        ({"probability": 3}, False),
        ({"probability": 0.3, "value": 1}, False),
        ("often", False),
    ],
    "camera.preset": [("street", True), ("stret", False), (None, True)],
    "camera": [({}, True), ({"azimut_deg": 3}, False)],
    "vehicles.sources": [
        ([{"parametric": "suv", "parameters": {"width": {"uniform": [1.7, 1.9]}, "doors": 4}}], True),
        ([{"parametric": "suv", "parameters": {"widht": 1.8}}], False),
        ([{"parametric": {"choice": ["suv", "van"]}, "weight": 2}, {"model": "car.glb"}], True),
        ([{"parametric": "suv", "model": "car.glb"}], False),
        ([{"model": "car.glb", "materials": "mine"}], False),
        ([], False),
    ],
    "sensor.k1": [(-0.1, True), (-0.9, False)],
    "wether": [({}, False)],
    "annotations.maps": [(["depth"], True), (["heat"], False)],
}


def spec_with(path: str, value: Any) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(json.dumps(GOOD))
    *parents, last = path.split(".")
    node = spec
    for parent in parents:
        node = node.setdefault(parent, {})
    node[last] = value
    return spec


def loads(spec: dict[str, Any]) -> bool:
    try:
        parse_config(spec, DatasetSpec, "spec")
    except SpecError:
        return False
    return True


@pytest.mark.parametrize("path", FORMS)
def test_schema_and_loader_judge_every_form_alike(path: str):
    for value, sound in FORMS[path]:
        spec = spec_with(path, value)
        assert loads(spec) == sound, value
        assert validator("dataset").is_valid(spec) == sound, value


NUMBERS = st.floats(0.02, 4).map(lambda value: round(value, 3))
PAIRS = st.tuples(NUMBERS, NUMBERS).map(sorted)
LEAVES = st.one_of(
    NUMBERS,
    PAIRS.map(lambda pair: {"uniform": pair}),
    PAIRS.map(lambda pair: {"loguniform": pair}),
    st.lists(NUMBERS, min_size=1, max_size=3).map(lambda values: {"choice": values, "weights": [1] * len(values)}),
    PAIRS.map(lambda pair: {"normal": {"mean": pair[0], "std": 0.5, "min": pair[0], "max": pair[1]}}),
)
DISTRIBUTIONS = st.recursive(
    LEAVES, lambda inner: st.builds(lambda p, a, b: {"probability": p, "value": a, "otherwise": b},
                                    st.floats(0, 1), inner, inner), max_leaves=4)  # fmt: skip


@given(DISTRIBUTIONS, st.booleans())
def test_any_distribution_is_accepted_by_both_and_with_a_strange_key_by_neither(value: Any, spoilt: bool):
    if spoilt:
        value = {**value, "strange": 1} if isinstance(value, dict) else {"constant": value}
    spec = spec_with("camera.fill", value)
    assert loads(spec) is not spoilt
    assert validator("dataset").is_valid(spec) is not spoilt


@pytest.mark.parametrize(
    ("changes", "sound"),
    [
        ({"labels": {"roof": {"at": [0, 0, 1]}}}, True),
        ({"labels": {"roof": {"at": [[0, 0, 1], [0, 1, 1]]}}}, True),
        ({"labels": {"license_plate": [{"at": [0, 0, 1]}, {"vertices": [3]}]}}, True),
        ({"labels": {"roof": {"at": [0, 0]}}}, False),
        ({"labels": {"roof": {"at": []}}}, False),
        ({"labels": {"roof": []}}, False),
        ({"labels": {"roof": {"att": [0, 0, 1]}}}, False),
        ({"labels": {}}, False),
        ({"unit": "cm"}, True),
        ({"unit": 0.01}, True),
        ({"unit": "yard"}, False),
        ({"unit": 0}, False),
        ({"up": "+Y"}, True),
        ({"up": "Y"}, False),
        ({"own_parts": {"wheel_FL": ["a*"]}}, True),
    ],
)
def test_label_files_are_judged_alike(changes: dict[str, Any], sound: bool):
    content = {"labels": {"roof": {"at": [0, 0, 1]}}} | changes
    try:
        parse_config(content, Sidecar, "labels")
        loaded = True
    except SpecError:
        loaded = False
    assert loaded == sound
    assert validator("labels").is_valid(content) == sound


def test_keys_have_their_docstrings_words():
    sensor = SCHEMAS["dataset"]["$defs"]["SensorSpec"]
    assert sensor["description"] == "The lens and the sensor. Pixels are those of the image, whatever its size."
    assert sensor["properties"]["exposure_ev"]["description"] == "stops brighter (+) or darker than metered."
    assert sensor["properties"]["k2"]["description"].startswith("Brown and Conrady's radial distortion")
    assert "units of its own focal length." in sensor["properties"]["k2"]["description"]
    assert json_schema(ModelConfig, "x")["properties"]["ema"]["description"].startswith("decay of the averaged")
