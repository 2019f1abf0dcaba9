"""A sound vehicle passes; each fault that a label file can have is named."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.check_model import check_labelled_mesh, measure_model
from pipeline.keypoints import KeypointSchema, load_schema
from pipeline.vehicle import LabelledMesh
from tests.conftest import box

HUBS = {
    "wheel_FL": (1.3, 0.95, 0.3),
    "wheel_FR": (1.3, -0.95, 0.3),
    "wheel_RL": (-1.3, 0.95, 0.3),
    "wheel_RR": (-1.3, -0.95, 0.3),
}
MARKS = {
    "door_FL": (0.4, 0.9, 0.9),
    "door_FR": (0.4, -0.9, 0.9),
    "bumper_FRONT": (2.2, 0.0, 0.5),
    "bumper_REAR": (-2.1, 0.0, 0.5),
    "roof": (0.0, 0.0, 1.5),
}


def car(
    marks: dict[str, Any] = MARKS, hubs: dict[str, Any] = HUBS, scale: float = 1.0, lift: float = 0.0
) -> LabelledMesh:
    """A box with four boxes for wheels, labels on their faces."""
    boxes = [box((-2.1, -0.9, 0.25), (2.2, 0.9, 1.5))]
    for x, y, z in HUBS.values():
        inner = y - np.sign(y) * 0.2
        low, high = min(y, inner), max(y, inner)
        boxes.append(box((x - 0.3, low, z - 0.3 + lift), (x + 0.3, high, z + 0.3 + lift)))
    labels = {**HUBS, **marks}
    start = 8 * len(boxes)
    return LabelledMesh(
        vertices=scale * np.concatenate([*(v for v, _ in boxes), np.array(list(labels.values()))]),
        triangles=np.concatenate([t + 8 * i for i, (_, t) in enumerate(boxes)]),
        triangle_part=np.repeat(np.arange(len(boxes)), 12),
        parts=("body", *HUBS),
        labels={name: ((start + i,),) for i, name in enumerate(labels)},
        own_parts={name: (name,) for name in HUBS},
    )


def test_a_sound_vehicle_passes_and_is_measured(schema: KeypointSchema):
    mesh = car()
    measures = measure_model(mesh, schema)
    assert check_labelled_mesh(mesh, schema, measures) == []
    assert "door_RL" in measures.missing
    assert "roof" not in measures.missing
    assert measures.extent_m == pytest.approx((4.3, 1.9, 1.5))
    assert measures.ground_gap_m == pytest.approx(dict.fromkeys(HUBS, 0.0), abs=1e-9)
    assert max(measures.off_surface_m.values()) < 1e-9
    assert max(measures.asymmetry_m.values()) < 1e-9
    assert 0.3 < measures.seen_from["door_FL"] < 0.6
    assert set(measures.seen_from) == set(HUBS) | set(MARKS)


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "half a pair": (
        {"marks": {k: v for k, v in MARKS.items() if k != "door_FR"}},
        "door_FL and door_FR: one is labelled",
    ),
    "sides swapped": (
        {"marks": {**MARKS, "door_FL": MARKS["door_FR"], "door_FR": MARKS["door_FL"]}},
        "door_FL: is not to the left of door_FR",
    ),
    "ends swapped": (
        {"marks": {**MARKS, "bumper_FRONT": MARKS["bumper_REAR"], "bumper_REAR": MARKS["bumper_FRONT"]}},
        "bumper_FRONT: is not in front of bumper_REAR",
    ),
    "not symmetric": ({"marks": {**MARKS, "door_FL": (0.3, 0.9, 0.9)}}, "door_FL: is 0.100 m from the mirror image"),
    "floating": ({"marks": {**MARKS, "roof": (0.0, 0.0, 1.55)}}, "roof: is 0.050 m off the surface; allowed: 0.03"),
    "buried": ({"marks": {**MARKS, "roof": (0.0, 0.0, 1.2)}}, "roof: cannot be seen from anywhere"),
    "wheels in the air": ({"lift": 0.05}, "wheel_FL: the wheel's lowest point is +0.050 m over the ground"),
    "wrong unit": ({"scale": 0.01}, "the vehicle is 0.04 m long; allowed: 2.3 to 20"),
}


@pytest.mark.parametrize(("changes", "says"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_named(changes: dict[str, Any], says: str, schema: KeypointSchema):
    problems = check_labelled_mesh(car(**changes), schema)
    assert any(problem.startswith(says) for problem in problems), problems


def test_a_vehicle_off_the_middle_is_still_symmetric(schema: KeypointSchema):
    mesh = car()
    shifted = replace(mesh, vertices=mesh.vertices + np.array([0, 0.02, 0]))
    assert max(measure_model(shifted, schema).asymmetry_m.values()) < 1e-9


def test_what_is_meant_to_differ_may():
    mesh = car(marks={**MARKS, "door_FL": (0.3, 0.9, 0.9)})
    schema = load_schema("vehicle20")
    assert any("door_FL" in line for line in check_labelled_mesh(mesh, schema))
    for name in ("door_FL", "door_FR"):
        assert check_labelled_mesh(mesh, schema, asymmetric=(name,)) == []
    assert any("door_FL" in line for line in check_labelled_mesh(mesh, schema, asymmetric=("roof",)))
