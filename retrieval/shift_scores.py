"""The scores of both sides and their gap, as the report keeps them; and whether preparing the photos helped."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.keypoints import KeypointSchema
from retrieval.shift_images import Pictures
from retrieval.shift_measure import Measured
from retrieval.shift_parts import GapRecord, ScoresRecord


def compare_scores(
    weights: Path,
    schema: KeypointSchema,
    held: tuple[Pictures, Measured],
    real: tuple[Pictures, Measured],
    *,
    allow_leak: bool,
    resamples: int,
) -> ScoresRecord | None:
    """AP and PCK on held-out renders and on photos; None where the photos have no labels.

    Raises:
        DatasetError: the weights were trained on what is scored, and that is not allowed.
    """
    from training.gap import Labelled, measure_gap
    from training.leaks import check_leaks
    from training.score_report import SIZE

    sides = []
    for pictures, measured in (held, real):
        if pictures.dataset is None:
            return None
        known = check_leaks(weights, pictures.dataset, allow=allow_leak)
        sides.append(Labelled(pictures.dataset, predictions(pictures, measured), known))
    reports, rows = measure_gap(sides[0], sides[1], schema, resamples)
    records = [(row.group, _record(row)) for row in rows]
    sigmas = {k.name: k.sigma for k in schema.keypoints}
    return ScoresRecord(
        sigma=next(iter(sigmas.values())) if len(set(sigmas.values())) == 1 else sigmas,
        area_synthetic=reports[0].area,
        area_real=reports[1].area,
        box_source=reports[1].box_source,
        trained_on=sides[0].trained_on,
        resamples=resamples,
        pck_size=SIZE,
        view_source=reports[1].pck.view_source,
        scores=_of("score", records),
        keypoints=_of("keypoint", records),
        views=_of("view", records),
    )


def predictions(pictures: Pictures, measured: Measured) -> dict[int, Any]:
    """What was found in each image of a dataset, by image id."""
    images = pictures.dataset.images if pictures.dataset else ()
    return {image.id: list(one) for image, one in zip(images, measured.detections, strict=True)}


def paired_pck(
    schema: KeypointSchema, before: tuple[Pictures, Measured], after: tuple[Pictures, Measured], resamples: int
) -> tuple[float, float, tuple[float, float] | None] | None:
    """PCK@0.1 after preparing, after - before, and its 95 % interval; None where either has no labels.

    Images of one name are compared pair by pair; where they are not the same ones, there is no interval.
    """
    from training.bootstrap import difference_intervals
    from training.evaluate import evaluate

    if before[0].dataset is None or after[0].dataset is None:
        return None
    rows = [
        evaluate(pictures.dataset, predictions(pictures, measured), schema).rows
        for pictures, measured in (before, after)
        if pictures.dataset is not None
    ]
    scores = [one.scores()["pck/0.1"] for one in rows]
    same = [[Path(one.name).stem for one in pictures.pictures] for pictures, _ in (before, after)]
    ends = None
    if same[0] == same[1]:
        found = difference_intervals(rows[0], rows[1], resamples).get("pck/0.1")
        ends = found if found and not math.isnan(found[0]) else None
    return scores[1], scores[1] - scores[0], ends


def _of(group: str, records: Sequence[tuple[str, GapRecord]]) -> tuple[GapRecord, ...]:
    return tuple(record for name, record in records if name == group and record.n_synthetic + record.n_real > 0)


def _record(row: Any) -> GapRecord:
    return GapRecord(
        name=row.name,
        n_synthetic=row.n[0],
        n_real=row.n[1],
        synthetic=_number(row.first),
        real=_number(row.second),
        gap=_number(row.gap),
        synthetic_interval=_ends(row.first_interval),
        real_interval=_ends(row.second_interval),
        gap_interval=_ends(row.gap_interval),
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _ends(ends: tuple[float, float]) -> tuple[float, float] | None:
    return None if math.isnan(ends[0]) or math.isnan(ends[1]) else (float(ends[0]), float(ends[1]))
