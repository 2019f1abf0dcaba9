"""Licence plates as pictures."""

import cv2
import numpy as np
from numpy.typing import NDArray

from blender_scenes.lettering import write
from pipeline.appearance import Rgb
from pipeline.plates import PLATES, PlateStyle

TWO_LINES_BELOW = 3.0
"""Plates that are not as many times as wide as high are written in two lines, where their text can be broken."""


def draw_plate_picture(name: str, text: str, aspect: float, rear: bool, height: int = 128) -> NDArray[np.uint8]:
    """(H, W, 3) RGB of one plate, `aspect` times as wide as high."""
    style = PLATES[name]
    back = style.rear if rear and style.rear is not None else style.front
    width = round(height * aspect)
    canvas = np.full((height, width, 3), _bytes(back), dtype=np.uint8)
    edge = max(round(0.03 * height), 1)
    left, top, right, bottom = 3.0 * edge, 3.0 * edge, width - 3.0 * edge, height - 3.0 * edge
    if style.strip:
        top = 0.24 * height
        canvas[: round(top)] = _bytes(style.band_rgb)
    if style.band:
        left = min(0.16 * width, 0.38 * height)
        _band(canvas, style, round(left))
        left += 2 * edge
    if style.band_right:
        right = width - min(0.16 * width, 0.38 * height)
        canvas[:, round(right) :] = _bytes(style.band_rgb)
        right -= 2 * edge
    if style.header:
        top = _header(canvas, style, top)
    _characters(canvas, style, text, (left, top, right, bottom))
    _rim(canvas, edge, style.ink)
    return canvas


def _characters(
    canvas: NDArray[np.uint8], style: PlateStyle, text: str, box: tuple[float, float, float, float]
) -> None:
    left, top, right, bottom = box
    lines = text.split("|")
    space = bottom - top
    if len(lines) == 1 or (right - left) / space > TWO_LINES_BELOW:
        joined = (" " if _spaced(lines) else "").join(lines)
        pad = 0.06 * (right - left)
        write(canvas, joined, (left + pad, top + 0.08 * space, right - pad, bottom - 0.08 * space), style.ink)
        return
    share = 0.34 if style.small_first else 0.47
    middle, pad = top + share * space, 0.05 * (right - left)
    first, second = lines[0].rstrip("-·") if not style.small_first else lines[0], lines[1].lstrip("-")
    write(canvas, first, (left + pad, top + 0.02 * space, right - pad, middle - 0.03 * space), style.ink)
    write(canvas, second, (left + pad, middle + 0.04 * space, right - pad, bottom - 0.02 * space), style.ink)


def _spaced(lines: list[str]) -> bool:
    """Whether a gap parts the two halves when they stand in one line."""
    return not lines[0].endswith(("-", "·")) and not lines[-1].startswith("-")


def _header(canvas: NDArray[np.uint8], style: PlateStyle, top: float) -> float:
    """The words along the top; returns where the characters may begin."""
    height, width = canvas.shape[:2]
    if style.strip:
        write(canvas, style.header, (0.2 * width, 0.06 * height, 0.8 * width, 0.19 * height), (0.95, 0.95, 0.95))
        return top + 0.02 * height
    write(canvas, style.header, (0.15 * width, top - 0.01 * height, 0.85 * width, top + 0.13 * height), style.ink)
    return top + 0.17 * height


def _band(canvas: NDArray[np.uint8], style: PlateStyle, width: int) -> None:
    height = canvas.shape[0]
    canvas[:, :width] = _bytes(style.band_rgb)
    white, gold = (0.95, 0.95, 0.95), (242, 200, 40)
    if style.stars:
        for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
            x, y = width / 2 + 0.28 * width * np.cos(angle), 0.32 * height + 0.28 * width * np.sin(angle)
            cv2.circle(canvas, (round(x), round(y)), max(round(0.045 * width), 1), gold, -1, cv2.LINE_AA)
    write(canvas, style.band, (0.12 * width, 0.66 * height, 0.9 * width, 0.90 * height), white)


def _rim(canvas: NDArray[np.uint8], edge: int, ink: Rgb) -> None:
    height, width = canvas.shape[:2]
    cv2.rectangle(canvas, (edge, edge), (width - 1 - edge, height - 1 - edge), _bytes(ink), edge, cv2.LINE_AA)


def _bytes(rgb: Rgb) -> tuple[int, int, int]:
    red, green, blue = (round(255 * c) for c in rgb)
    return red, green, blue
