"""How a report draws a dataset's keypoints: colours and bones, from what the COCO category says of itself."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.config import CONFIGS, load_config
from pipeline.draw_colors import Rgb, edge_color, keypoint_colors
from pipeline.keypoints import Keypoint, KeypointSchema

SIDES = (("left", "right"), ("Left", "Right"), ("LEFT", "RIGHT"))


def drawn_keypoints(names: Sequence[str], category: Mapping[str, Any]) -> dict[str, Any]:
    """Names, a colour for each (K, "#rrggbb"), and the skeleton's edges as [a, b, "#rrggbb"], a and b from 0.

    A category without skeleton and flip pairs, but with the names of a schema that ships, is drawn by that schema. A
    foreign skeleton that names what is not there is drawn without those edges; without flip pairs, sides are taken from
    the names.
    """
    silent = not category.get("skeleton") and not category.get("flip_pairs")
    schema = (_shipped(tuple(names)) if silent else None) or _schema(names, category)
    colors = keypoint_colors(schema)
    edges = [[a, b, _hex(edge_color(schema, colors, (a, b)))] for a, b in schema.skeleton_index]
    return {"names": list(names), "colors": [_hex(color) for color in colors], "edges": edges}


def _shipped(names: tuple[str, ...]) -> KeypointSchema | None:
    """The schema that ships with these very names, in this order."""
    schemas = (load_config(file, KeypointSchema) for file in sorted((CONFIGS / "keypoints").glob("*.yaml")))
    return next((schema for schema in schemas if schema.names == names), None)


def _schema(names: Sequence[str], category: Mapping[str, Any]) -> KeypointSchema:
    """The category as a schema; keypoints are k0, k1, ...: foreign names need not be ones that a schema allows."""
    own = [f"k{i}" for i in range(len(names))]
    return KeypointSchema(
        name="dataset",
        keypoints=tuple(Keypoint(name=k, sigma=0.05, kind="surface", tolerance_m=0, definition="") for k in own),
        flip=tuple((own[i], own[j]) for i, j in _sides(list(names), category)),
        skeleton=tuple((own[a], own[b]) for a, b in _edges(category.get("skeleton"), len(names))),
    )


def _edges(skeleton: Any, count: int) -> list[tuple[int, int]]:
    """The pairs of `skeleton`, counted from 0; COCO counts from 1."""
    if not isinstance(skeleton, list):
        return []
    pairs = [tuple(pair) for pair in skeleton if isinstance(pair, list) and len(pair) == 2]
    return [(a - 1, b - 1) for a, b in pairs if all(type(i) is int and 1 <= i <= count for i in (a, b))]


def _sides(names: list[str], category: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Left and right partners by place, no keypoint twice."""
    said = category.get("flip_pairs")
    pairs = said if isinstance(said, list) else [[name, partner] for name in names if (partner := _partner(name))]
    found: list[tuple[int, int]] = []
    for pair in pairs:
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(n, str) and n in names for n in pair):
            left, right = names.index(pair[0]), names.index(pair[1])
            if left != right and not {left, right} & {i for other in found for i in other}:
                found.append((left, right))
    return found


def _partner(name: str) -> str | None:
    """The right one's name of a left one's: left_eye, LeftEye, hub_L."""
    for left, right in SIDES:
        if left in name:
            return name.replace(left, right, 1)
    return re.sub(r"_L(?=_|$)", "_R", name) if re.search(r"_L(?=_|$)", name) else None


def _hex(color: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
