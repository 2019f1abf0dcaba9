"""Where each keypoint was set: in its own place or in a twin's. Which side, which end, of which part goes wrong."""

import csv
import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pipeline.keypoints import KeypointSchema
from training.pck import Errors
from training.swaps import APART, diagonal_pairs, front_back_pairs, left_right_pairs, swapped_pairs

COLUMNS = (
    "keypoint",
    "labelled",
    "missed",
    "right",
    "left_right",
    "left_right_of",
    "front_back",
    "front_back_of",
    "diagonal",
    "diagonal_of",
)


def confusion_rows(errors: Errors, schema: KeypointSchema) -> list[dict[str, int | str]]:
    """Counts of labelled keypoints: a row for each that has a twin, and one for all of them.

    `missed` lie on objects that were not found; `right` within 0.1 of the object's size of their own place;
    `left_right`, `front_back` and `diagonal` are swapped with that twin (training/swaps.py), `_of` so many that could
    be: the twin is labelled too, and apart from it. What is in none of these is somewhere else.
    """
    each = swapped_pairs(errors, schema)
    kinds = {
        "left_right": dict(left_right_pairs(schema)),
        "front_back": dict(front_back_pairs(schema)),
        "diagonal": dict(diagonal_pairs(schema)),
    }
    rows = [
        _row(k, name, errors, kinds, each)
        for k, name in enumerate(schema.names)
        if any(k in one for one in kinds.values())
    ]
    total: dict[str, int | str] = {name: sum(int(row[name]) for row in rows) for name in COLUMNS[1:]}
    return [*rows, {"keypoint": "all", **total}]


def _row(
    k: int,
    name: str,
    errors: Errors,
    kinds: Mapping[str, Mapping[int, int]],
    each: Mapping[tuple[int, int], NDArray[np.bool_]],
) -> dict[str, int | str]:
    labelled = errors.labelled[:, k]
    row: dict[str, int | str] = {
        "keypoint": name,
        "labelled": int(labelled.sum()),
        "missed": int((labelled & ~errors.found).sum()),
        "right": int((labelled & (errors.error[:, k] <= APART)).sum()),
    }
    for kind, twins in kinds.items():
        swapped = each[k, twins[k]].sum(axis=0) if k in twins else np.zeros(2)
        row |= {kind: int(swapped[0]), f"{kind}_of": int(swapped[1])}
    return row


def confusion_csv(errors: Errors, schema: KeypointSchema) -> str:
    """`confusion_rows` as a file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(confusion_rows(errors, schema))
    return text.getvalue()
