from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.config import CONFIGS, parse_config
from pipeline.errors import SpecError
from pipeline.keypoints import KeypointSchema, load_schema

POINT = {"name": "a", "sigma": 0.05, "kind": "surface", "tolerance_m": 0.03, "definition": "a point"}


def test_vehicle20_has_the_published_order(schema: KeypointSchema):
    assert len(schema) == 20
    assert schema.names[:4] == ("wheel_FL", "wheel_FR", "wheel_RL", "wheel_RR")
    assert schema.names[-4:] == ("license_plate", "mirror_LEFT", "mirror_RIGHT", "roof")


@pytest.mark.parametrize("path", sorted((CONFIGS / "keypoints").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_schema_that_ships_flips_left_and_right(path: Path):
    schema = load_schema(str(path))
    flip = schema.flip_index
    assert np.array_equal(flip[flip], np.arange(len(schema)))
    swapped = {"L": "R", "R": "L", "LEFT": "RIGHT", "RIGHT": "LEFT"}
    for i, name in enumerate(schema.names):
        stem, _, side = name.rpartition("_")
        if side in swapped and stem:
            assert schema.names[flip[i]] == f"{stem}_{swapped[side]}"
        if name[-2:] in ("FL", "RL"):
            assert schema.names[flip[i]] == name[:-1] + "R"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keypoints": [POINT, POINT]}, r"keypoint names must differ; \['a'\] repeat"),
        ({"flip": [["a", "b"]]}, r"flip names 'b', which is not a keypoint"),
        ({"skeleton": [["a", "z"]]}, r"skeleton names 'z'"),
        ({"keypoints": [{**POINT, "sigma": 0}]}, r"keypoints\.0\.sigma: input should be greater than 0"),
        ({"keypoints": [{**POINT, "kind": "line"}]}, r"kind: input should be 'surface' or 'volume'"),
        ({"keypoint": []}, r"keypoint: unknown key; .*did you mean 'keypoints'"),
    ],
)
def test_wrong_schemas_are_refused(changes: dict[str, Any], message: str):
    with pytest.raises(SpecError, match=message):
        parse_config({"name": "x", "keypoints": [POINT], **changes}, KeypointSchema, "s.yaml")
