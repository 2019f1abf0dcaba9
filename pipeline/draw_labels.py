"""Text on pictures: where labels go so that they hide neither one another nor the points, and setting them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from pipeline.draw_colors import INK, Rgb, text_color
from pipeline.images import Image

PADDING = 0.22
"""Space around a label's text, as a share of the font's size."""
DIRECTIONS = 16


@dataclass(frozen=True)
class Label:
    """One text to set: `box` is x0, y0, x1, y1 in pixels; `anchor` the point that a leader line joins, or None."""

    text: str
    color: Rgb
    box: tuple[float, float, float, float]
    anchor: tuple[float, float] | None = None


def font(size_px: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The outline font that comes with Pillow, so that pictures look alike on every machine."""
    return ImageFont.load_default(max(6.0, size_px))


def text_size(text: str, size_px: float) -> tuple[float, float]:
    """Width and height in pixels of a label's box around `text`."""
    pad = 2 * PADDING * size_px
    return float(font(size_px).getlength(text)) + 1.6 * pad, 1.15 * size_px + pad


def place_labels(
    anchors: NDArray[np.float64],
    sizes: NDArray[np.float64],
    canvas: tuple[int, int],
    gap: float,
    taken: NDArray[np.float64],
) -> NDArray[np.float64]:
    """A box for each label, near its anchor, clear of other labels, of points and of the border where possible.

    Greedy, most crowded anchor first: of the places around the anchor, in rings, the cheapest is taken. Label
    placement is NP-hard in general (Marks and Shieber 1991); for tens of points a greedy choice reads well.

    Args:
        anchors: (N, 2) x, y in pixels.
        sizes: (N, 2) width, height of each label's box.
        canvas: width and height of the picture.
        gap: distance in pixels between a point and its label at the nearest.
        taken: (M, 4) boxes x0, y0, x1, y1 that stay free: other markers, tags.

    Returns:
        (N, 4) boxes x0, y0, x1, y1.
    """
    points = np.column_stack([anchors - gap, anchors + gap])
    obstacles = np.concatenate([taken.reshape(-1, 4), points])
    boxes = np.zeros((len(anchors), 4))
    middle = anchors.mean(axis=0) if len(anchors) else np.zeros(2)
    crowd = np.linalg.norm(anchors[:, None] - anchors[None], axis=2)
    for i in np.argsort(np.sort(crowd, axis=1)[:, : 1 + min(3, len(anchors))].sum(axis=1), kind="stable"):
        candidates, reach = _candidates(anchors[i], sizes[i], gap)
        area = float(sizes[i].prod())
        outward = (candidates[:, :2] + candidates[:, 2:]) / 2 - anchors[i]
        outward /= np.linalg.norm(outward, axis=1, keepdims=True).clip(1e-9)
        away = (anchors[i] - middle) / max(1e-9, float(np.linalg.norm(anchors[i] - middle)))
        cost = (
            40 * _overlap(candidates, obstacles) / area
            + 80 * _outside(candidates, canvas) / area
            + reach / sizes[i, 1]
            - 0.4 * outward @ away
        )
        best = candidates[int(np.argmin(cost))]
        # the last resort: pushed back into the frame, over whatever is there
        low = np.clip(best[:2], 0, np.maximum(0, np.array(canvas) - sizes[i]))
        boxes[i] = [*low, *(low + sizes[i])]
        obstacles = np.concatenate([obstacles, boxes[i][None]])
    return boxes


def _candidates(anchor: NDArray, size: NDArray, gap: float) -> tuple[NDArray, NDArray]:
    """Boxes (C, 4) in rings around the anchor, and how far each is from it, (C,) pixels."""
    angles = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    direction = np.column_stack([np.cos(angles), np.sin(angles)])
    rings = gap * 1.3 + size[1] * np.array([0.0, 0.9, 1.9, 3.0, 4.2])
    # the box's edge, not its middle, stays at the ring's distance
    edge = (size / 2 / np.abs(direction).clip(1e-9)).min(axis=1)
    centres = anchor + (direction[None] * (rings[:, None] + edge[None])[:, :, None]).reshape(-1, 2)
    return np.column_stack([centres - size / 2, centres + size / 2]), np.repeat(rings, DIRECTIONS)


def _overlap(boxes: NDArray, others: NDArray) -> NDArray[np.float64]:
    """Summed area (C,) that each box shares with the others."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.asarray((high - low).clip(0).prod(axis=2).sum(axis=1))


def _outside(boxes: NDArray, canvas: tuple[int, int]) -> NDArray[np.float64]:
    inside = (np.minimum(boxes[:, 2:], canvas) - np.maximum(boxes[:, :2], 0)).clip(0).prod(axis=1)
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) - inside)


def set_labels(image: Image, labels: Sequence[Label], size_px: float) -> Image:
    """A copy of the picture with the labels set: text in the label's colour on a dark, see-through ground."""
    canvas = PilImage.fromarray(image)
    pen = ImageDraw.Draw(canvas, "RGBA")
    for label in labels:
        if label.anchor is not None:
            x, y = (float(v) for v in np.clip(label.anchor, label.box[:2], label.box[2:]))
            pen.line([label.anchor, (x, y)], fill=(*label.color, 190), width=max(1, round(size_px / 12)))
    face = font(size_px)
    for label in labels:
        x0, y0, x1, y1 = label.box
        pen.rounded_rectangle(label.box, radius=0.25 * size_px, fill=(*INK, 185))
        middle = ((x0 + x1) / 2, (y0 + y1) / 2)
        pen.text(middle, label.text, font=face, fill=(*text_color(label.color), 255), anchor="mm")
    return np.array(canvas, dtype=np.uint8)
