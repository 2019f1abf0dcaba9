"""What was sampled for a rendered image: all that its dataset's shots/NNNNNN.json says of how it was made."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Fact = tuple[str, str, str | None]
"""Name, value as a person reads it, and an sRGB colour "#rrggbb" where the value is one."""

FIRST = ("vehicle", "camera", "light", "ground", "appearance", "weather", "sensor", "background", "surroundings")


def sampled(image: Path) -> dict[str, list[Fact]]:
    """Facts by group, most telling groups first; nothing for an image that is not of a dataset of ours.

    A record is this image's only if it says so: other datasets may have a folder of that name.
    """
    record = _record(image)
    shot = record.get("shot")
    if not isinstance(shot, dict):
        return {}
    groups = [name for name in FIRST if name in shot]
    groups += [name for name in shot if name not in groups]
    found = {name: list(_facts(shot[name])) for name in groups if isinstance(shot[name], (dict, list)) and shot[name]}
    plain: list[Fact] = [(name, _text(shot[name]), None) for name in groups if not isinstance(shot[name], (dict, list))]
    parameters = record.get("vehicle_parameters")
    measures = list(_facts(parameters)) if isinstance(parameters, dict) else []
    return {name: facts for name, facts in (*found.items(), ("shot", plain), ("vehicle's measures", measures)) if facts}


def said(extra: Mapping[str, Any]) -> list[Fact]:
    """What a dataset's file says of an image, as facts."""
    return list(_facts({name: value for name, value in extra.items() if value is not None}))


def _record(image: Path) -> dict[str, Any]:
    path = image.parent.parent / "shots" / f"{image.stem}.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # an image of another tool's dataset, or one that was taken out of its own
    if not isinstance(record, dict) or not isinstance(record.get("image"), dict):
        return {}
    return record if record["image"].get("file_name") == image.name else {}


def _facts(value: Any, name: str = "") -> Sequence[Fact]:
    """Leaves of nested mappings and lists, each named by its path."""
    if isinstance(value, dict):
        inner = [(f"{name} {key}".strip(), each) for key, each in value.items()]
        return [fact for key, each in inner for fact in _facts(each, key) if each not in ({}, [], None)]
    words = name.replace("_", " ")
    if name.endswith("_rgb") and _is_color(value):
        color = "#{:02x}{:02x}{:02x}".format(*(round(255 * float(v)) for v in value))
        return [(words.removesuffix(" rgb"), _text(value), color)]
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return [fact for number, each in enumerate(value, 1) for fact in _facts(each, f"{name} {number}".strip())]
    return [(words, _text(value), None)]


def _is_color(value: Any) -> bool:
    """sRGB shares, as the plan holds them."""
    numbers = isinstance(value, list) and len(value) == 3 and all(isinstance(v, (int, float)) for v in value)
    return numbers and all(0 <= v <= 1 for v in value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value)
    return str(value)
