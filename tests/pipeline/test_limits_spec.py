"""Which images are refused, and that a shot drawn again is another shot of the same vehicle."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from pipeline.errors import SpecError
from pipeline.limits_spec import LimitsSpec, rejection_counts
from pipeline.plan import plan_dataset, plan_shot
from pipeline.spec import load_spec

LIMITS = LimitsSpec(visible_fraction=0.5, visible_pixels=100, visible_keypoints=2, dark=0.5, bright=0.25)
GOOD: dict[str, Any] = {"visible_fraction": 0.5, "area": 100, "keypoint_reasons": ["seen", "self", "seen"]}


def test_labels_at_the_limit_pass_and_below_it_break():
    assert LIMITS.broken_by_labels(GOOD) == []
    assert LIMITS.broken_by_labels({**GOOD, "visible_fraction": 0.499}) == ["visible_fraction"]
    assert LIMITS.broken_by_labels({**GOOD, "area": 99}) == ["visible_pixels"]
    assert LIMITS.broken_by_labels({**GOOD, "keypoint_reasons": ["seen", "self"]}) == ["visible_keypoints"]
    assert LIMITS.broken_by_labels(None) == ["visible_fraction", "visible_pixels", "visible_keypoints"]
    assert LimitsSpec().broken_by_labels(None) == []


def test_only_the_targets_pixels_count():
    image = np.full((4, 4, 3), 255, np.uint8)
    image[:2] = 100
    mask = np.zeros((4, 4), bool)
    mask[:2] = True
    assert LIMITS.broken_by_pixels(image, mask) == []
    mask[2] = True
    assert LIMITS.broken_by_pixels(image, mask) == ["bright"], "4 of 12 are blown out"
    image[:3] = 2
    assert LIMITS.broken_by_pixels(image, mask) == ["dark"]
    assert LimitsSpec().broken_by_pixels(image, mask) == []
    assert LIMITS.broken_by_pixels(image, np.zeros((4, 4), bool)) == []


def test_a_shot_drawn_again_is_of_the_same_vehicle_and_split():
    spec = load_spec("street").model_copy(update={"images": 12})
    first = plan_dataset(spec)
    again = [plan_shot(spec, shot.index, attempt=1) for shot in first]
    third = [plan_shot(spec, shot.index, attempt=2) for shot in first]
    for shots in (again, third):
        assert [(s.vehicle, s.split) for s in shots] == [(s.vehicle, s.split) for s in first]
        assert all(a.camera != b.camera and a.seed != b.seed for a, b in zip(first, shots, strict=True))
    assert again != third
    assert again == [plan_shot(spec, shot.index, attempt=1) for shot in first]


def test_limits_change_no_plan():
    spec = load_spec("demo").model_copy(update={"images": 6})
    assert "limits" not in spec.model_dump(mode="json")
    assert plan_dataset(spec.model_copy(update={"limits": LIMITS})) == plan_dataset(spec)


def test_rejections_are_counted_by_limit():
    records = [{"rejected": [["dark"], ["dark", "visible_pixels"]]}, {}, {"rejected": [["dark"]], "breaks": ["dark"]}]
    assert rejection_counts(records) == {"dark": 3, "visible_pixels": 1, "kept": 1}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"visible_fraction": 1.2}, r"limits\.visible_fraction: .*less than or equal to 1"),
        ({"attempts": 0}, r"limits\.attempts: .*greater than or equal to 1"),
        ({"visible": 3}, r"limits\.visible: unknown key; allowed: .*visible_fraction"),
    ],
)
def test_wrong_limits_are_told(tmp_path: Path, given: dict[str, Any], message: str):
    content = {"name": "a", "images": 1, "vehicles": {"sources": [{"parametric": "suv"}]}, "limits": given}
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(SpecError, match=message):
        load_spec(str(path))
