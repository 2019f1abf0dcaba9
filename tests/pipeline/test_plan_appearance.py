from collections import Counter
from typing import Any, get_args

import numpy as np
import pytest

from pipeline.appearance import Finish
from pipeline.config import parse_config
from pipeline.paint import FINISHES, PAINTS, POPULARITY
from pipeline.plan_appearance import NEAR, plan_appearance
from pipeline.plates import LETTERS, PLAIN, PLATES, draw_plate
from pipeline.spec import AppearanceSpec


def spec(**fields: Any) -> AppearanceSpec:
    return parse_config(fields, AppearanceSpec, "test")


def nearest_paint(rgb: tuple[float, float, float]) -> str:
    return min(PAINTS, key=lambda name: min(np.linalg.norm(np.subtract(rgb, shade)) for shade in PAINTS[name]))


def test_popular_paints_come_as_often_as_they_are_sold():
    group = spec(paint="popular", paint_jitter=0.0)
    counts = Counter(nearest_paint(plan_appearance(group, 5, index).paint_rgb) for index in range(3000))
    for name, share in POPULARITY.items():
        assert counts[name] / 3000 == pytest.approx(share / sum(POPULARITY.values()), abs=0.03), name
    assert set(POPULARITY) == set(PAINTS) == set(FINISHES)


def test_the_usual_finish_goes_with_the_paint():
    silver = [plan_appearance(spec(paint="silver", paint_finish="usual"), 1, i).paint_finish for i in range(50)]
    white = Counter(plan_appearance(spec(paint="white", paint_finish="usual"), 1, i).paint_finish for i in range(300))
    assert set(silver) == {"metallic"}
    assert white["solid"] + white["pearl"] > 0.85 * 300
    assert all(set(shares) <= set(get_args(Finish)) for shares in FINISHES.values())


def test_a_livery_and_wear_change_nothing_else():
    plain = [plan_appearance(spec(paint="popular"), 3, i) for i in range(40)]
    worn = spec(paint="popular", livery="taxi", two_tone="roof", rain=0.5, dust={"uniform": [0.1, 0.2]})
    for before, after in zip(plain, (plan_appearance(worn, 3, i) for i in range(40)), strict=True):
        changed = {"livery": "taxi", "two_tone": "roof", "rain": 0.5, "dust": after.dust}
        assert before.model_copy(update=changed) == after


def test_a_livery_can_be_told_from_the_paint():
    for index in range(200):
        look = plan_appearance(spec(paint="popular"), 7, index)
        assert np.linalg.norm(np.subtract(look.paint_rgb, look.livery_rgb)) > NEAR - 1e-6


@pytest.mark.parametrize("name", sorted(PLATES))
def test_the_text_of_a_plate_follows_one_of_its_patterns(name: str):
    rng = np.random.default_rng(1)
    for _ in range(20):
        kind, text = draw_plate(name, rng)
        assert kind == name
        assert any(follows(text, pattern) for pattern in PLATES[name].patterns), text


def follows(text: str, pattern: str) -> bool:
    allowed = {"@": set(LETTERS), "#": set("0123456789")}
    return len(text) == len(pattern) and all(
        c in allowed.get(mark, {mark}) for c, mark in zip(text, pattern, strict=True)
    )


def test_any_plate_is_any_countrys():
    rng = np.random.default_rng(2)
    assert {draw_plate("any", rng)[0] for _ in range(600)} == set(PLATES) - set(PLAIN)
