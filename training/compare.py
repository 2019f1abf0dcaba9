"""Which of two detectors is better on the same data, and whether the data can tell: differences with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.errors import DatasetError
from training.bootstrap import RESAMPLES, Interval, difference_intervals
from training.image_rows import ImageRows, read_rows
from training.score_report import interval_text, shown

SCORES = (
    "box/AP",
    "keypoints/AP",
    "keypoints/AR",
    "keypoints_at_sigma/0.05/AP",
    "keypoints_at_sigma/0.025/AP",
    "pck/0.05",
    "pck/0.1",
    "pck/0.2",
    "nme/mean",
    "swap_rate",
    "swap_left_right",
    "swap_front_back",
    "swap_diagonal",
    "swap_anywhere",
)
"""By their places in a report. Those of found objects only (NME, swaps) are of other objects where misses differ."""


@dataclass(frozen=True)
class Difference:
    """One score of two reports; nan where a report cannot tell it.

    `interval` is that of second - first, 95 %; None without per-image rows, or with one vehicle alone.
    """

    first: float
    second: float
    interval: Interval | None

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.interval is not None and (self.interval[0] > 0 or self.interval[1] < 0)


@dataclass(frozen=True)
class Comparison:
    """Two reports, by score; `note` says how the intervals were drawn, or why there are none."""

    names: tuple[str, str]
    differences: Mapping[str, Difference]
    note: str

    def as_json(self) -> dict[str, Any]:
        """Plain values; null where it cannot be told."""
        rows = {
            name: {
                "first": _number(one.first),
                "second": _number(one.second),
                "difference": _number(one.second - one.first),
                "interval_95": None if one.interval is None else [_number(end) for end in one.interval],
            }
            for name, one in self.differences.items()
        }
        return {"first": self.names[0], "second": self.names[1], "scores": rows, "intervals": self.note}

    def as_text(self) -> str:
        """A table for the terminal."""
        lines = [f"A: {self.names[0]}", f"B: {self.names[1]}", ""]
        lines.append(f"{'':30}{'A':>8}{'B':>8}{'B - A':>9}   95 % of B - A")
        for name, one in self.differences.items():
            ends = "" if one.interval is None else interval_text(one.interval) + ("  *" if one.clear else "")
            difference = one.second - one.first
            signed = "-" if np.isnan(difference) else f"{difference:+.3f}"
            lines.append(f"{name:30}{shown(one.first):>8}{shown(one.second):>8}{signed:>9}   {ends}".rstrip())
        return "\n".join([*lines, "", self.note])


def compare(
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    names: tuple[str, str] = ("A", "B"),
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Compare two reports as `akd evaluate --json` writes them; one without per-image rows has no intervals.

    Raises:
        DatasetError: they are not of the same data, or their rows are damaged.
    """
    _require_same_data(first, second, names)
    intervals: dict[str, Interval] = {}
    without = [name for name, one in zip(names, (first, second), strict=True) if not one.get("per_image")]
    note = f"no intervals: {' and '.join(without)} has no per-image rows" if without else ""
    if not without:
        rows = [read_rows(one["per_image"], name) for name, one in zip(names, (first, second), strict=True)]
        _require_same_rows(rows[0], rows[1], names)
        intervals = difference_intervals(rows[0], rows[1], resamples, seed)
        groups, by = len(set(rows[0].vehicles)), rows[0].by
        note = f"95 %: {resamples} resamples of {groups} {by}s, the same for both, seed {seed}; * leaves out 0"
        if not intervals:
            note = f"no intervals: there is only one {by}"
    differences = {}
    for name in SCORES:
        one, other = _score(first, name), _score(second, name)
        if not (np.isnan(one) and np.isnan(other)):
            differences[name] = Difference(one, other, intervals.get(name))
    return Comparison(names, differences, note)


def _require_same_data(first: Mapping[str, Any], second: Mapping[str, Any], names: tuple[str, str]) -> None:
    for key in ("labels", "images", "instances", "sigma", "area"):
        one, other = first.get(key), second.get(key)
        if one is not None and other is not None and one != other:
            raise DatasetError(f"{names[0]} and {names[1]} are not of the same data: {key} {one} and {other}")


def _require_same_rows(first: ImageRows, second: ImageRows, names: tuple[str, str]) -> None:
    labelled = [rows.ratios["pck/0.1"][:, 1] for rows in (first, second)]
    if first.ids != second.ids or first.vehicles != second.vehicles or (labelled[0] != labelled[1]).any():
        raise DatasetError(f"{names[0]} and {names[1]} are not of the same data: their images or labels differ")


def _score(report: Mapping[str, Any], name: str) -> float:
    value: Any = report
    for part in name.split("/"):
        value = value.get(part) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) else float("nan")


def _number(value: float) -> float | None:
    return None if np.isnan(value) else value
