"""How a run went, as a picture: loss, scores and learning rate over epochs, in SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

WIDTH, HEIGHT = 400, 260
"""Of a panel, in pixels."""
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 44, 34
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Told apart by all eyes: Okabe and Ito 2008, "Color Universal Design"."""
Rows = Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class _Panel:
    """A chart: the columns that it shows, by the names it gives them; `top` is its highest value, None the data's."""

    title: str
    lines: Mapping[str, str]
    top: float | None = None


PANELS = (
    _Panel("training loss", {"train/loss": "loss"}),
    _Panel(
        "validation",
        {
            "val/keypoint_ap": "keypoint AP",
            "val/box_ap": "box AP",
            "val/pck_0.1": "PCK@0.1",
            "val/pck_0.05": "PCK@0.05",
            "val/swaps": "swapped",
        },
        1.0,
    ),
    _Panel("learning rate", {"lr": "heads"}),
)


def curves_svg(rows: Rows, best_epoch: int) -> str:
    """A picture of the rows of metrics.csv, at least one; a dashed line is at the best epoch, if there is one."""
    panels = [_drawn(panel, rows, best_epoch, number * WIDTH) for number, panel in enumerate(PANELS)]
    width = WIDTH * len(PANELS)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}" '
        'font-family="sans-serif" font-size="11" fill="#333">\n'
        f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>\n{"".join(panels)}</svg>\n'
    )


def _drawn(panel: _Panel, rows: Rows, best_epoch: int, x0: int) -> str:
    lines = {
        words: [(row["epoch"], row[name]) for row in rows if np.isfinite(row.get(name, np.nan))]
        for name, words in panel.lines.items()
    }
    highest = max((y for line in lines.values() for _, y in line), default=1.0)
    ticks = _ticks(panel.top or highest or 1.0)
    last = max(2.0, rows[-1]["epoch"])

    def place(epoch: float, value: float) -> tuple[float, float]:
        x = x0 + LEFT + (epoch - 1) / (last - 1) * (WIDTH - LEFT - RIGHT)
        return x, HEIGHT - BOTTOM - value / ticks[-1] * (HEIGHT - TOP - BOTTOM)

    parts = [f'<text x="{x0 + LEFT}" y="16" font-size="13" font-weight="bold">{panel.title}</text>']
    for tick in ticks:
        x, y = place(1, tick)
        end = x0 + WIDTH - RIGHT
        parts.append(f'<path d="M{x:.1f} {y:.1f}H{end}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 5:.1f}" y="{y + 4:.1f}" text-anchor="end">{tick:.4g}</text>')
    for epoch in sorted({1, round((1 + last) / 2), int(last)}):
        x, y = place(epoch, 0)
        parts.append(f'<text x="{x:.1f}" y="{y + 15:.1f}" text-anchor="middle">{epoch}</text>')
    parts.append(f'<text x="{x0 + (LEFT + WIDTH) / 2:.1f}" y="{HEIGHT - 4}" text-anchor="middle">epoch</text>')
    if best_epoch:
        x, y = place(best_epoch, 0)
        parts.append(f'<path d="M{x:.1f} {y:.1f}V{TOP}" stroke="#888" stroke-dasharray="4 3"/>')
    parts += _lines({words: [place(*point) for point in line] for words, line in lines.items()}, x0)
    return "\n".join(parts) + "\n"


def _lines(lines: Mapping[str, Sequence[tuple[float, float]]], x0: int) -> list[str]:
    """Each line through its points, and its name above the chart."""
    parts, x = [], float(x0 + LEFT)
    for (words, points), color in zip(lines.items(), COLORS, strict=False):
        if not points:
            continue
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.6"/>')
        if len(points) <= 40:
            parts += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="2.2" fill="{color}"/>' for px, py in points]
        parts.append(f'<text x="{x:.1f}" y="34" fill="{color}">{escape(words)}</text>')
        x += 7 * len(words) + 8
    return parts


def _ticks(top: float) -> list[float]:
    """Round values from 0 to at least `top`, four to six of them."""
    step = 10.0 ** np.floor(np.log10(max(top, 1e-12) / 4))
    step = next(step * factor for factor in (1, 2, 2.5, 5, 10) if step * factor * 5 >= top)
    return [float(step * n) for n in range(int(np.ceil(top / step - 1e-9)) + 1)]
