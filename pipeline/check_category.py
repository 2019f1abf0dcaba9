"""Checks of a COCO file's categories: names, skeleton, flip partners, sigmas."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.check_problem import Problem, error, warning
from pipeline.check_rows import CocoRows
from pipeline.coco import MAX_KEYPOINTS

MIRRORED = {"left": "right", "right": "left", "l": "r", "r": "l", "fl": "fr", "fr": "fl", "rl": "rr", "rr": "rl",
            "bl": "br", "br": "bl"}  # fmt: skip
"""Words of a name that say a side, and what they become in the mirror."""


def category_ids(rows: CocoRows) -> Iterator[Problem]:
    """Ids are whole numbers and differ."""
    seen: set[Any] = set()
    for number, category in enumerate(rows.categories):
        value = category.get("id")
        where = f"{rows.source}: categories[{number}]"
        if not isinstance(value, int) or isinstance(value, bool):
            yield error(where, f"id is {value!r}", "a whole number")
        elif value in seen:
            yield error(where, f"id {value} repeats", "an id of its own for each category")
        else:
            seen.add(value)


def category_names(rows: CocoRows) -> Iterator[Problem]:
    """One category at least has keypoints, and their names differ."""
    some = False
    for where, category in _keypoint_categories(rows):
        some = True
        names = category["keypoints"]
        if not names or not all(isinstance(name, str) and name for name in names):
            yield error(where, "keypoints are not all names", "a list of at least one name")
            continue
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield error(where, f"keypoint {name!r} repeats", "names that differ")
    if not some:
        allowed = f"a category with keypoint names, at most {MAX_KEYPOINTS}"
        yield error(f"{rows.source}: categories", "none has a list of keypoints", allowed)


def skeletons(rows: CocoRows) -> Iterator[Problem]:
    """The skeleton's pairs count from 1, as pycocotools and every viewer take them."""
    for where, category in _keypoint_categories(rows):
        edges, count = category.get("skeleton", []), len(category["keypoints"])
        if not isinstance(edges, list) or not all(_is_pair(edge) for edge in edges):
            yield error(where, "skeleton is not a list of pairs", f"pairs of numbers 1..{count}")
            continue
        if any(0 in edge for edge in edges):
            yield error(where, "the skeleton counts from 0", f"pairs of numbers 1..{count}: COCO counts from 1")
        for edge in edges:
            if not all(0 <= end <= count for end in edge):
                yield error(where, f"the skeleton joins {edge}", f"pairs of numbers 1..{count}")


def flip_partners(rows: CocoRows) -> Iterator[Problem]:
    """A name that says a side has a partner that says the other, or mirrored images would be labelled wrongly."""
    for where, category in _keypoint_categories(rows):
        names = [name for name in category["keypoints"] if isinstance(name, str)]
        paired = {name for pair in _named_pairs(category) for name in pair}
        for name in sorted(paired - set(names)):
            yield error(where, f"flip_pairs name {name!r}", "names of keypoints")
        for name in names:
            partner = mirrored_name(name)
            if partner != name and partner not in names and name not in paired:
                yield warning(where, f"keypoint {name!r} says a side, but there is no {partner!r}", "both of a pair")


def sigmas(rows: CocoRows) -> Iterator[Problem]:
    """Sigmas, where the file has them, are one positive number per keypoint."""
    for where, category in _keypoint_categories(rows):
        values, count = category.get("sigmas"), len(category["keypoints"])
        if values is None:
            continue
        numbers = isinstance(values, list) and all(isinstance(v, (int, float)) and 0 < v <= 1 for v in values)
        if not numbers or len(values) != count:
            yield error(where, "sigmas are not one per keypoint", f"{count} numbers above 0, at most 1")


def mirrored_name(name: str) -> str:
    """The name with its side exchanged: wheel_FL, left_eye, L_Headlight become wheel_FR, right_eye, R_Headlight."""
    return "".join(_mirrored_word(word) for word in re.split(r"([_\-. ])", name))


def _mirrored_word(word: str) -> str:
    other = MIRRORED.get(word.lower())
    if other is None or (len(word) <= 2 and not word.isupper()):
        return word
    return other.upper() if word.isupper() else other.capitalize() if word[0].isupper() else other


def _keypoint_categories(rows: CocoRows) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, category in enumerate(rows.categories):
        if isinstance(category.get("keypoints"), list) and len(category["keypoints"]) <= MAX_KEYPOINTS:
            yield f"{rows.source}: categories[{number}]", category


def _named_pairs(category: Mapping[str, Any]) -> list[list[str]]:
    pairs = category.get("flip_pairs", [])
    return (
        [p for p in pairs if isinstance(p, list) and all(isinstance(n, str) for n in p)]
        if isinstance(pairs, list)
        else []
    )


def _is_pair(edge: Any) -> bool:
    return isinstance(edge, list) and len(edge) == 2 and all(isinstance(end, int) for end in edge)
