"""A COCO file as far as it can be read: sound rows as typed records, and the faults of the others.

Checks further on see only sound rows, so that none of them trips over what another one reports.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.check_problem import Problem, error
from pipeline.coco import MAX_KEYPOINTS
from pipeline.image_header import MAX_PIXELS


@dataclass(frozen=True)
class ImageRow:
    """A row of `images`; `where` names it in problems."""

    where: str
    id: int
    file_name: str
    width: int
    height: int
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class AnnotationRow:
    """A row of `annotations`: bbox (4,) x, y, width, height and keypoints (K, 3) x, y, v, in pixels."""

    where: str
    id: int
    image_id: int
    category_id: int
    bbox: NDArray[np.float64]
    area: float
    keypoints: NDArray[np.float64]
    num_keypoints: int
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class CocoRows:
    """What could be read of a file.

    Attributes:
        categories: every row as it is.
        keypoint_names: category id to its keypoints, of categories that have any.
        images_by_id: of repeated ids, the first.
        problems: why rows are missing from the lists.
    """

    source: Path
    categories: tuple[Mapping[str, Any], ...]
    keypoint_names: Mapping[int, tuple[Any, ...]]
    images: tuple[ImageRow, ...]
    annotations: tuple[AnnotationRow, ...]
    images_by_id: Mapping[int, ImageRow]
    problems: tuple[Problem, ...]


def read_rows(content: Mapping[str, Any], source: Path) -> CocoRows:
    """The rows of a COCO object that has its three lists."""
    problems: list[Problem] = []
    images = [_image_row(row, f"{source}: images[{i}]", problems) for i, row in enumerate(content["images"])]
    names = {
        category["id"]: tuple(category["keypoints"])
        for category in content["categories"]
        if isinstance(category.get("keypoints"), list)
        and len(category["keypoints"]) <= MAX_KEYPOINTS
        and _is_int(category.get("id"))
    }
    annotations = [
        _annotation_row(row, f"{source}: annotations[{i}]", names, problems)
        for i, row in enumerate(content["annotations"])
    ]
    sound = tuple(row for row in images if row)
    return CocoRows(
        source=source,
        categories=tuple(content["categories"]),
        keypoint_names=names,
        images=sound,
        annotations=tuple(row for row in annotations if row),
        images_by_id={row.id: row for row in reversed(sound)},
        problems=tuple(problems),
    )


def _image_row(row: Mapping[str, Any], where: str, problems: list[Problem]) -> ImageRow | None:
    rules = {
        "id": (_is_int, "a whole number"),
        "file_name": (lambda v: isinstance(v, str) and v != "", "a file's name"),
        "width": (_is_count, "a whole number of pixels above 0"),
        "height": (_is_count, "a whole number of pixels above 0"),
    }
    if not _follows(row, rules, where, problems):
        return None
    if row["width"] * row["height"] > MAX_PIXELS:
        problems.append(error(where, f"is of {row['width']:.6g} x {row['height']:.6g}", f"{MAX_PIXELS} pixels in all"))
        return None
    return ImageRow(f"{where} {row['file_name']}", row["id"], row["file_name"], row["width"], row["height"], row)


def _annotation_row(
    row: Mapping[str, Any], where: str, names: Mapping[int, tuple[Any, ...]], problems: list[Problem]
) -> AnnotationRow | None:
    rules = {
        "id": (_is_int, "a whole number"),
        "image_id": (_is_int, "the id of an image"),
        "category_id": (lambda v: _is_int(v) and v in names, "the id of a category that has keypoints"),
        "bbox": (lambda v: _are_numbers(v, 4), "4 numbers: x, y, width, height"),
        "area": (_is_number, "a number of square pixels"),
        "num_keypoints": (lambda v: _is_int(v) and v >= 0, "how many keypoints have v > 0"),
    }
    category = row.get("category_id")
    if isinstance(category, int) and category in names:
        count = len(names[category])
        rules["keypoints"] = (lambda v: _are_numbers(v, 3 * count), f"{3 * count} numbers: x, y, v for each of {count}")
    if not _follows(row, rules, where, problems):
        return None
    return AnnotationRow(
        where=f"{where} (id {row['id']}, image {row['image_id']})",
        id=row["id"],
        image_id=row["image_id"],
        category_id=row["category_id"],
        bbox=np.array(row["bbox"], dtype=np.float64),
        area=float(row["area"]),
        keypoints=np.array(row["keypoints"], dtype=np.float64).reshape(-1, 3),
        num_keypoints=row["num_keypoints"],
        raw=row,
    )


def _follows(row: Mapping[str, Any], rules: Mapping[str, tuple[Any, str]], where: str, problems: list[Problem]) -> bool:
    found = [
        error(where, f"{key} is {_shown(row[key])}" if key in row else f"lacks {key}", allowed)
        for key, (holds, allowed) in rules.items()
        if key not in row or not holds(row[key])
    ]
    problems += found
    return not found


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return _is_int(value) and 0 < value <= MAX_PIXELS


def _is_number(value: Any) -> bool:
    # beyond float's range JSON still holds whole numbers
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def _are_numbers(values: Any, count: int) -> bool:
    return isinstance(values, list) and len(values) == count and all(_is_number(v) for v in values)


def _shown(value: Any) -> str:
    text = repr(value)
    return (
        text
        if len(text) < 60
        else f"{text[:45]}... ({len(value)} values)"
        if isinstance(value, list)
        else text[:57] + "..."
    )
