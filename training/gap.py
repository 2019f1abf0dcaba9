"""How far a detector falls from one labelled dataset to another: each score on both, with intervals, and the gap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.coco import CocoDataset
from pipeline.keypoints import KeypointSchema
from training.bootstrap import Interval, unpaired_intervals
from training.evaluate import evaluate
from training.image_rows import ImageRows
from training.pck import match_errors
from training.predict import Detection
from training.score_report import Report

LEVEL = "0.1"
"""Of the PCK by keypoint and by view."""
NONE: Interval = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Labelled:
    """A dataset with what a detector found on it, by image id."""

    dataset: CocoDataset
    predictions: Mapping[int, Sequence[Detection]]
    trained_on: str


@dataclass(frozen=True)
class GapRow:
    """One score on both datasets; nan where one has nothing that it counts.

    Attributes:
        group: "score", "keypoint" or "view".
        n: what it is of: objects of AP, keypoints of PCK, on the first and the second dataset.
        first, second: the scores.
        first_interval, second_interval, gap_interval: 95 %; the gap is second - first.
    """

    group: str
    name: str
    n: tuple[int, int]
    first: float
    second: float
    first_interval: Interval
    second_interval: Interval
    gap_interval: Interval

    @property
    def gap(self) -> float:
        """second - first."""
        return self.second - self.first


def measure_gap(
    first: Labelled, second: Labelled, schema: KeypointSchema, resamples: int, seed: int = 0
) -> tuple[tuple[Report, Report], list[GapRow]]:
    """Both reports, without intervals of their own, and a row per score, keypoint and view.

    Raises:
        DatasetError: a dataset has another schema.
    """
    reports = tuple(
        evaluate(one.dataset, one.predictions, schema, trained_on=one.trained_on) for one in (first, second)
    )
    rows = tuple(_with_groups(r.rows, one, schema) for r, one in zip(reports, (first, second), strict=True))
    scores = rows[0].scores(), rows[1].scores()
    ends = unpaired_intervals(rows[0], rows[1], resamples, seed)
    names = [name for name in {**scores[0], **scores[1]} if _group(name)]
    found = [
        GapRow(
            group=_group(name),
            name=name.partition(":")[2] or name,
            n=(_count(rows[0], name), _count(rows[1], name)),
            first=scores[0].get(name, float("nan")),
            second=scores[1].get(name, float("nan")),
            first_interval=ends[0].get(name, NONE),
            second_interval=ends[1].get(name, NONE),
            gap_interval=ends[2].get(name, NONE),
        )
        for name in names
    ]
    return (reports[0], reports[1]), found


def _group(name: str) -> str:
    """Which of the report's tables a score belongs to; "" for none."""
    head = name.partition(":")[0]
    if head in ("keypoint", "view"):
        return head
    return "score" if name.startswith("pck/") or name.endswith("/AP") or name == "swap_rate" else ""


def _count(rows: ImageRows, name: str) -> int:
    if name in rows.ratios:
        return int(rows.ratios[name][:, 1].sum())
    curve = rows.curves.get(name.removesuffix("/AP"))
    return 0 if curve is None else int(curve.positives.sum())


def _with_groups(rows: ImageRows, one: Labelled, schema: KeypointSchema) -> ImageRows:
    """The rows with the PCK of each keypoint and view as further ratios."""
    errors = match_errors(one.dataset, one.predictions, schema)
    right = (errors.error <= float(LEVEL)) & errors.labelled
    count = len(rows.ids)

    def ratio(which: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.stack(
            [
                errors.per_image((right & which).sum(axis=1), count),
                errors.per_image((errors.labelled & which).sum(1), count),
            ],
            axis=1,
        )

    every = np.ones_like(errors.labelled)
    ratios = dict(rows.ratios)
    for k, name in enumerate(schema.names):
        ratios[f"keypoint:{name}"] = ratio(every & (np.arange(len(schema)) == k))
    views = np.array([view[0] if view else "" for view in errors.view], dtype=object)
    for name in sorted(set(views) - {""}):
        ratios[f"view:{name}"] = ratio(every & (views == name)[:, None])
    return replace(rows, ratios=ratios)
