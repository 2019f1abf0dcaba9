"""Checks across the files of a dataset's folder: the splits share no vehicle and are, together, the whole."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.check_problem import Problem, error
from pipeline.check_rows import CocoRows

Splits = Mapping[str, CocoRows]
"""Name of a split to its rows."""


def vehicle_leaks(folder: Path, splits: Splits, whole: CocoRows | None) -> Iterator[Problem]:
    """A vehicle, where images say which, is in one split: else a test measures memory."""
    homes: dict[str, set[str]] = defaultdict(set)
    for name, rows in splits.items():
        for image in rows.images:
            if image.raw.get("vehicle") is not None:
                homes[str(image.raw["vehicle"])].add(name)
    for vehicle, names in homes.items():
        if len(names) > 1:
            yield error(f"{folder}: vehicle {vehicle}", f"is in {', '.join(sorted(names))}", "one split per vehicle")


def image_leaks(folder: Path, splits: Splits, whole: CocoRows | None) -> Iterator[Problem]:
    """An image is in one split, and in the one that its row says."""
    homes: dict[str, list[str]] = defaultdict(list)
    for name, rows in splits.items():
        for image in rows.images:
            homes[image.file_name].append(name)
            said = image.raw.get("split", name)
            if said != name:
                yield error(image.where, f"says split {said!r}", f"{name!r}, as the file is named")
    for file_name, names in homes.items():
        if len(set(names)) > 1:
            yield error(f"{folder}: image {file_name}", f"is in {', '.join(names)}", "one split per image")


def union(folder: Path, splits: Splits, whole: CocoRows | None) -> Iterator[Problem]:
    """annotations.json holds what the splits hold, row by row."""
    if whole is None or not splits:
        return
    for key in ("images", "annotations"):
        ours = _by_id(getattr(whole, key))
        theirs = _by_id(row for rows in splits.values() for row in getattr(rows, key))
        for number in sorted(set(ours) | set(theirs)):
            where = f"{folder}: {key} id {number}"
            if number not in theirs:
                yield error(where, "is in annotations.json and in no split", "annotations.json is the splits together")
            elif number not in ours:
                yield error(
                    where, "is in a split and not in annotations.json", "annotations.json is the splits together"
                )
            elif ours[number] != theirs[number]:
                yield error(where, "differs between annotations.json and its split", "the same row in both")


def _by_id(rows: Any) -> dict[int, Mapping[str, Any]]:
    return {row.id: row.raw for row in rows}


TABLE = (vehicle_leaks, image_leaks, union)
