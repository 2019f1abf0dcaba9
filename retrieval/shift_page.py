"""The report as one page that needs no network: sentences, charts, and pictures of what is worst."""

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.errors import ImageError
from pipeline.files import write_text_atomic
from pipeline.images import encode_image, read_image
from retrieval.shift_findings import view_shares
from retrieval.shift_parts import GapRecord, MatchRecord, PropertyRecord
from retrieval.shift_record import ShiftRecord
from retrieval.svg_charts import Bar, histogram, interval_chart, rose
from retrieval.viewpoint import VIEWS

THUMB_PX = 240
"""Longer side of a picture in the page: a report of 48 pictures stays under a megabyte."""
FILL_EDGES = tuple(np.linspace(0, 1.6, 17).tolist())
ELEVATION_EDGES = tuple(np.linspace(-10, 50, 25).tolist())


def write_page(path: Path, record: ShiftRecord) -> None:
    """Write the page of a report; pictures that are gone are left out."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "page_parts"), autoescape=True, undefined=StrictUndefined
    )
    template = environment.get_template("shift.html")
    content = {
        "record": record,
        "scores": _gap_charts(record),
        "coverage": _coverage_chart(record),
        "views": _view_charts(record),
        "properties": [_property_row(one) for one in record.properties],
        "classes": [_class_chart(one) for one in record.classes],
        "worst": list(_pairs(record.coverage.worst)),
        "least_alike": list(_pairs(record.appearance.least_alike)) if record.appearance else [],
    }
    write_text_atomic(path, template.render(**content))


def _gap_charts(record: ShiftRecord) -> list[dict[str, str]]:
    if record.scores is None:
        return []
    one = record.scores
    tables = (("AP and PCK", one.scores), ("PCK@0.1 by keypoint", one.keypoints), ("PCK@0.1 by view", one.views))
    return [
        {"title": title, "svg": interval_chart(title, [_bar(row) for row in rows])} for title, rows in tables if rows
    ]


def _bar(row: GapRecord) -> Bar:
    sure = row.gap_interval is not None and (row.gap_interval[0] > 0 or row.gap_interval[1] < 0)
    gap = "one side only" if row.gap is None else f"{row.gap:+.2f}{'' if sure else ' ?'}"
    count = f"n {row.n_real}" if row.gap is not None else f"n {row.n_synthetic} / {row.n_real}"
    return Bar(
        _score_name(row.name),
        row.synthetic,
        row.real,
        row.synthetic_interval,
        row.real_interval,
        f"{gap}  {count}" if row.gap is not None else count,
    )


def _score_name(name: str) -> str:
    words = {
        "keypoints/AP": "keypoint AP",
        "keypoints_at_sigma/0.05/AP": "AP, sigma 0.05",
        "keypoints_at_sigma/0.025/AP": "AP, sigma 0.025",
        "box/AP": "box AP",
        "swap_rate": "swapped",
    }
    return words.get(name, name.replace("pck/", "PCK@"))


def _coverage_chart(record: ShiftRecord) -> str:
    one = record.coverage
    edges = np.linspace(0, 1, len(one.real_histogram) + 1).tolist()
    return histogram(
        "Best similarity with anything that was learned from",
        edges,
        one.synthetic_histogram,
        one.real_histogram,
        "best similarity of keypoints (1: the same)",
        one.below,
    )


def _view_charts(record: ShiftRecord) -> list[dict[str, str]]:
    sides = record.synthetic_views, record.real_views
    if not all(one.names for one in sides):
        return []
    shares = [list(view_shares(one.azimuth_deg).values()) for one in sides]
    charts = [{"title": "Seen from", "svg": rose("Seen from: photos / renders", VIEWS, shares[0], shares[1])}]
    for title, name, edges, unit in (
        ("Size of the whole vehicle in the image", "fill", FILL_EDGES, "larger side, share of the image's"),
        ("Height of the camera", "elevation_deg", ELEVATION_EDGES, "elevation, degrees"),
    ):
        values = [np.clip(getattr(one, name), edges[0], edges[-1]) for one in sides]
        parts = [(np.histogram(one, edges)[0] / len(one)).tolist() for one in values]
        charts.append({"title": title, "svg": histogram(title, edges, parts[0], parts[1], unit, None)})
    return charts


def _property_row(one: PropertyRecord) -> dict[str, Any]:
    sure = one.interval[0] > 0 or one.interval[1] < 0
    return {
        "label": f"{one.label}, {one.unit}",
        "synthetic": f"{one.synthetic_value:.2f}",
        "real": f"{one.real_value:.2f}",
        "shift": f"{one.shift:+.2f} [{one.interval[0]:+.2f}, {one.interval[1]:+.2f}]",
        "sure": sure,
        "p": "< 0.001" if one.p_value < 0.001 else f"{one.p_value:.3f}",
        "n": f"{one.n_synthetic} / {one.n_real}",
        "superiority": f"{one.superiority:.2f}",
    }


def _class_chart(one: Any) -> dict[str, str]:
    rows = [
        Bar(
            name,
            one.synthetic[i],
            one.real[i],
            None,
            one.interval[i],
            f"{one.real[i]:.0%}, renders {one.synthetic[i]:.0%}",
        )
        for i, name in enumerate(one.classes)
    ]
    note = (
        f"Voted by the renders that look most alike. The vote is right in {one.accuracy:.0%} "
        f"[{one.accuracy_interval[0]:.0%}, {one.accuracy_interval[1]:.0%}] of {one.n_known} renders; naming the most "
        f"frequent would be in {one.chance:.0%}. Its usual mistakes are taken out of the shares of {one.n_real} photos."
    )
    return {"title": one.name.capitalize(), "svg": interval_chart(one.name, rows), "note": note}


def _pairs(matches: Sequence[MatchRecord]) -> Iterator[dict[str, str]]:
    for match in matches:
        photo, render = _thumbnail(match.photo), _thumbnail(match.render)
        if photo and render:
            yield {"photo": photo, "render": render, "name": Path(match.photo).name, "value": f"{match.value:.2f}"}


def _thumbnail(path: str) -> str | None:
    try:
        image = read_image(Path(path))
    except ImageError:
        return None
    scale = min(1.0, THUMB_PX / max(image.shape[:2]))
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return "data:image/jpeg;base64," + base64.b64encode(encode_image(small, ".jpg", 80)).decode("ascii")
