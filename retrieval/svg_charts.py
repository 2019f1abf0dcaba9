"""Charts as inline SVG that needs no script: colours by CSS class, a title and text for every mark's value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

WIDTH = 440
LABEL = 134
ROW = 30
VALUE = 100
"""Pixels of a drawing: all of it, the names on the left, a row, the least that values on the right get. So wide that
its text stays legible on a telephone."""
CHARACTER = 7.2
"""Pixels of a character of a value, at most on average."""

Scale = Callable[[float], float]
"""A value to pixels."""


@dataclass(frozen=True)
class Bar:
    """A row of `interval_chart`: both sides' values, each with its 95 % interval, or None; and words for the right."""

    name: str
    synthetic: float | None
    real: float | None
    synthetic_interval: tuple[float, float] | None
    real_interval: tuple[float, float] | None
    note: str


def interval_chart(title: str, rows: Sequence[Bar], low: float = 0.0, high: float = 1.0) -> str:
    """Dots with intervals, a row each: a square for renders, a circle for photos, so that shape tells them too."""
    height = ROW * len(rows) + 26
    left, right = LABEL, WIDTH - max(VALUE, 14 + CHARACTER * max((len(row.note) for row in rows), default=0))

    def x(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * (right - left)

    parts = [_grid(x, low, high, height)]
    for number, row in enumerate(rows):
        y = ROW * number + 16
        parts.append(f'<text x="{left - 10}" y="{y + 4}" class="name">{escape(row.name)}</text>')
        parts.append(_mark("synthetic", row.synthetic, row.synthetic_interval, x, y - 5))
        parts.append(_mark("real", row.real, row.real_interval, x, y + 5))
        parts.append(f'<text x="{right + 10}" y="{y + 4}" class="value">{escape(row.note)}</text>')
    return _svg(title, WIDTH, height, parts)


def histogram(
    title: str, edges: Sequence[float], synthetic: Sequence[float], real: Sequence[float], unit: str, line: float | None
) -> str:
    """Two outlines over the same bins: filled for renders, a thick line for photos; `line` marks a value."""
    height, left, right, bottom = 220, 46, WIDTH - 14, 180
    top = max([*synthetic, *real, 1e-9])

    def x(value: float) -> float:
        return left + (value - edges[0]) / (edges[-1] - edges[0]) * (right - left)

    def y(share: float) -> float:
        return bottom - share / top * (bottom - 14)

    parts = [
        f'<path class="area synthetic" d="{_steps(edges, synthetic, x, y, closed=True)}"/>',
        f'<path class="outline real" d="{_steps(edges, real, x, y, closed=False)}"/>',
        f'<line class="axis" x1="{left}" x2="{right}" y1="{bottom}" y2="{bottom}"/>',
        f'<text class="tick" x="{left - 6}" y="{y(top) + 4:.1f}" text-anchor="end">{top:.0%}</text>',
        f'<text class="tick" x="{(left + right) / 2}" y="{height - 6}" text-anchor="middle">{escape(unit)}</text>',
    ]
    for value in np.linspace(edges[0], edges[-1], 5):
        parts.append(f'<text class="tick" x="{x(value):.1f}" y="{bottom + 16}" text-anchor="middle">{value:.3g}</text>')
    if line is not None:
        parts.append(f'<line class="mark" x1="{x(line):.1f}" x2="{x(line):.1f}" y1="8" y2="{bottom}"/>')
    return _svg(title, WIDTH, height, parts)


def rose(title: str, names: Sequence[str], synthetic: Sequence[float], real: Sequence[float]) -> str:
    """Shares by direction, the first name straight up and on counter-clockwise, as a vehicle is seen from above."""
    middle, across, most, reach = 160.0, WIDTH / 2, max([*synthetic, *real, 1e-9]), 110.0
    parts = [f'<circle class="ring" cx="{across}" cy="{middle}" r="{reach * part:.1f}"/>' for part in (0.5, 1.0)]
    for kind, shares in (("synthetic", synthetic), ("real", real)):
        width = np.pi / len(names) * (0.82 if kind == "synthetic" else 0.42)
        for number, share in enumerate(shares):
            angle, radius = 2 * np.pi * number / len(names), reach * np.sqrt(share / most)
            parts.append(_wedge(kind, names[number], share, angle, width, radius, (across, middle)))
    for number, name in enumerate(names):
        angle = 2 * np.pi * number / len(names)
        x, y = across - (reach + 44) * np.sin(angle), middle - (reach + 22) * np.cos(angle)
        parts.append(f'<text class="tick" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(name)}</text>')
        words = f"{real[number]:.0%} / {synthetic[number]:.0%}"
        parts.append(f'<text class="tick small" x="{x:.1f}" y="{y + 14:.1f}" text-anchor="middle">{words}</text>')
    return _svg(title, WIDTH, 2 * middle + 12, parts)


def _wedge(
    kind: str, name: str, share: float, angle: float, width: float, radius: float, middle: tuple[float, float]
) -> str:
    (x0, y0), (x1, y1) = (
        (middle[0] - radius * np.sin(angle + turn), middle[1] - radius * np.cos(angle + turn))
        for turn in (-width, width)
    )
    shape = f"M{middle[0]:.1f},{middle[1]:.1f}L{x0:.1f},{y0:.1f}A{radius:.1f},{radius:.1f} 0 0 0 {x1:.1f},{y1:.1f}Z"
    who = "renders" if kind == "synthetic" else "photos"
    return f'<path class="wedge {kind}" d="{shape}"><title>{escape(name)}: {share:.1%} of {who}</title></path>'


def _mark(kind: str, value: float | None, ends: tuple[float, float] | None, x: Scale, y: float) -> str:
    if value is None:
        return ""
    line = ""
    if ends is not None:
        line = f'<line class="whisker {kind}" x1="{x(ends[0]):.1f}" x2="{x(ends[1]):.1f}" y1="{y}" y2="{y}"/>'
    at = x(value)
    if kind == "synthetic":
        return f'{line}<rect class="dot {kind}" x="{at - 4:.1f}" y="{y - 4}" width="8" height="8"/>'
    return f'{line}<circle class="dot {kind}" cx="{at:.1f}" cy="{y}" r="4.5"/>'


def _grid(x: Scale, low: float, high: float, height: float) -> str:
    lines = []
    for value in np.linspace(low, high, 6):
        at = x(value)
        lines.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{height - 20}"/>')
        lines.append(f'<text class="tick" x="{at:.1f}" y="{height - 5}" text-anchor="middle">{value:.3g}</text>')
    return "".join(lines)


def _steps(edges: Sequence[float], shares: Sequence[float], x: Scale, y: Scale, *, closed: bool) -> str:
    points = [(x(edges[0]), y(0.0))]
    for number, share in enumerate(shares):
        points += [(x(edges[number]), y(share)), (x(edges[number + 1]), y(share))]
    points.append((x(edges[-1]), y(0.0)))
    return "M" + "L".join(f"{a:.1f},{b:.1f}" for a, b in points) + ("Z" if closed else "")


def _svg(title: str, width: float, height: float, parts: Sequence[str]) -> str:
    head = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}" class="chart">'
    return head + f"<title>{escape(title)}</title>" + "".join(parts) + "</svg>"
