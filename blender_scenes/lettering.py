"""Text as pictures, in the fonts that come with Blender."""

from functools import lru_cache
from pathlib import Path

import bpy
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

LATIN, CJK = "Inter.woff2", "Noto Sans CJK Regular.woff2"
SIZE_PX = 120
EMBOLDENED_PX = 3
"""Blender brings the CJK font in its regular weight only."""


@lru_cache(maxsize=4)
def _font(file: str) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(Path(bpy.utils.system_resource("DATAFILES", path="fonts")) / file), SIZE_PX)
    if file == LATIN:
        font.set_variation_by_name("SemiBold")
    return font


def text_mask(text: str) -> NDArray[np.uint8]:
    """(H, W) coverage 0..255 of a line of text, cut to the height of capitals and to its own width."""
    latin = text.replace("·", "").isascii()
    font, stroke = (_font(LATIN), 0) if latin else (_font(CJK), EMBOLDENED_PX)
    left, _, right, _ = font.getbbox(text, stroke_width=stroke)
    _, top, _, bottom = font.getbbox(text if stroke else "H0", stroke_width=stroke)
    canvas = Image.new("L", (round(right - left) + 2, round(bottom - top) + 2))
    ImageDraw.Draw(canvas).text((1 - left, 1 - top), text, 255, font, stroke_width=stroke)
    return np.asarray(canvas)


def write(canvas: NDArray[np.uint8], text: str, box: tuple[float, float, float, float], ink: tuple[float, ...]) -> None:
    """Write a line into the middle of a box (x0, y0, x1, y1) of an RGB or RGBA canvas, pixels.

    As high as the box; narrowed down to 0.62 of its width to fit, as plates' fonts are, and smaller beyond that.
    """
    if not text.strip():
        return
    mask = text_mask(text)
    x0, y0, x1, y1 = box
    height = y1 - y0
    width = mask.shape[1] * height / mask.shape[0]
    squeeze = max(min(1.0, (x1 - x0) / width), 0.62)
    shrink = min(1.0, (x1 - x0) / (width * squeeze))
    size = max(round(width * squeeze * shrink), 1), max(round(height * shrink), 1)
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    left, top = round((x0 + x1 - size[0]) / 2), round((y0 + y1 - size[1]) / 2)
    area = canvas[top : top + size[1], left : left + size[0]]
    share = (small.astype(np.float32) / 255)[: area.shape[0], : area.shape[1], None]
    colour = np.array([*(255 * c for c in ink[:3]), 255.0])[: canvas.shape[2]]
    area[:] = np.round(area * (1 - share) + colour * share).astype(np.uint8)
