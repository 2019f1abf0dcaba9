"""Values set in YAML text: the right ones change, and comments, order and all else stay."""

import pytest
import yaml

from retrieval.refine_text import Change, edited

TEXT = """\
# what it is for
name: demo
seed: 3  # of everything
image: {width: 256, height: 128}
vehicles:
  views_per_vehicle: 2
  sources:
    - parametric: {choice: [suv, sedan]}
      weight: 2
    - model: a.glb   # mine
camera:
  azimuth_deg: {uniform: [0, 90]}
  # eye height
  elevation_deg:
    normal: {mean: 8, std: 8, min: -1, max: 40}

# the light
light: {kind: sky}
"""


def changed(*changes):
    text = edited(TEXT, changes)
    return text, yaml.safe_load(text)


def test_a_value_on_a_line_with_its_comment_above():
    text, value = changed(Change(("camera", "azimuth_deg"), {"uniform": [0, 360]}, ("From all round.",)))
    assert value["camera"]["azimuth_deg"] == {"uniform": [0, 360]}
    assert "camera:\n  # From all round.\n  azimuth_deg: {uniform: [0, 360]}\n  # eye height\n" in text


def test_a_value_of_several_lines():
    text, value = changed(Change(("camera", "elevation_deg"), 4.0, ("Low.",)))
    assert value["camera"] == {"azimuth_deg": {"uniform": [0, 90]}, "elevation_deg": 4.0}
    assert "  # eye height\n  # Low.\n  elevation_deg: 4.0\n\n# the light\n" in text


def test_a_new_key_of_a_section():
    text, value = changed(Change(("camera", "fill"), {"uniform": [0.4, 1.2]}, ("Nearer.",)))
    assert value["camera"]["fill"] == {"uniform": [0.4, 1.2]}
    assert "max: 40}\n  # Nearer.\n  fill: {uniform: [0.4, 1.2]}\n\n# the light" in text


def test_a_new_section():
    text, value = changed(Change(("sensor", "blur_px"), 1.5, ("Soft.",)))
    assert value["sensor"] == {"blur_px": 1.5}
    assert text.endswith("light: {kind: sky}\n# Soft.\nsensor: {blur_px: 1.5}\n")


def test_a_value_in_braces():
    text, value = changed(Change(("image", "width"), 64), Change(("light", "strength"), 2.0, ("More.",)))
    assert value["image"] == {"width": 64, "height": 128}
    assert value["light"] == {"kind": "sky", "strength": 2.0}
    assert "# the light\n# More.\nlight: {kind: sky, strength: 2.0}\n" in text


def test_inside_a_list():
    text, value = changed(
        Change(("vehicles", "sources", 0, "parametric"), {"choice": ["van"]}, ("Vans.",)),
        Change(("vehicles", "sources", 1, "weight"), 0.5),
    )
    assert value["vehicles"]["sources"] == [
        {"parametric": {"choice": ["van"]}, "weight": 2},
        {"model": "a.glb", "weight": 0.5},
    ]
    assert "    # Vans.\n    - parametric: {choice: [van]}\n" in text
    assert "- model: a.glb   # mine\n      weight: 0.5\n" in text


def test_inside_a_list_of_braces():
    text = "vehicles:\n  sources:\n    - {parametric: suv, weight: 2}\n    - {model: a.glb}  # mine\n"
    new = edited(text, [Change(("vehicles", "sources", 0, "weight"), 3.5, ("More.",))])
    assert new == text.replace("    - {par", "    # More.\n    - {par").replace("weight: 2", "weight: 3.5")


def test_comments_behind_a_value_stay():
    text, _ = changed(Change(("seed",), 4, ("Another.",)))
    assert "name: demo\n# Another.\nseed: 4  # of everything\n" in text


def test_what_is_too_long_for_a_line_is_written_in_lines():
    bell = {"normal": {"mean": 100.25, "std": 14.5, "min": -45.125, "max": 45.125}}
    inner = {"probability": 0.25, "value": bell, "otherwise": {"uniform": [1, 2]}}
    deep = {"probability": 0.5, "value": {"uniform": [0, 360]}, "otherwise": inner}
    text, value = changed(Change(("camera", "azimuth_deg"), deep))
    assert value["camera"]["azimuth_deg"] == deep
    assert max(map(len, text.splitlines())) <= 120


def test_an_empty_section_is_filled():
    value = yaml.safe_load(edited("a: 1\nsensor:\nb: 2\n", [Change(("sensor", "blur_px"), 1.0)]))
    assert value == {"a": 1, "sensor": {"blur_px": 1.0}, "b": 2}


def test_aliases_are_written_out_so_that_one_use_can_change():
    value = yaml.safe_load(edited("a: &x {k: 1}\nb: *x\n", [Change(("b", "k"), 2)]))
    assert value == {"a": {"k": 1}, "b": {"k": 2}}


@pytest.mark.parametrize("value", ["off", "1", "2020-01-01", "a: b", "#x"])
def test_strings_that_yaml_would_take_for_something_else(value):
    assert changed(Change(("name",), value))[1]["name"] == value
