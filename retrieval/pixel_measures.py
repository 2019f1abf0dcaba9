"""What a picture of a vehicle is like as a photograph: brightness, contrast, colour and blur, inside its box.

All are measured on the picture as the detector sees it: made smaller until its longer side is the detector's input.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import Image
from pipeline.sensor import decode_light

GREY = 0.18
"""Linear luminance that photographers expose for."""
TAPS = 9
"""Of the averaging filter that the blur measure compares with."""
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601, as JPEG has it
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)  # sRGB's primaries, on linear values


@dataclass(frozen=True)
class Measure:
    """What is measured: its name in the report, as a person reads it, and its unit."""

    name: str
    label: str
    unit: str


MEASURES = (
    Measure("brightness_ev", "brightness", "stops above middle grey"),
    Measure("contrast", "contrast", "deviation of luma, 0 to 0.5"),
    Measure("saturation", "saturation", "0 grey to 1"),
    Measure("blur", "blur", "0 sharp to 1"),
)


def measure_pixels(image: Image, box: NDArray, size: int) -> Mapping[str, float]:
    """Each of MEASURES inside a box (4,) x, y, width, height of an RGB image, seen at `size` pixels."""
    part = as_seen(image, box, size)
    light = decode_light(part, np.ones(3, dtype=np.float32)) @ LUMINANCE
    luma = part.astype(np.float32) @ LUMA / 255
    high, low = part.max(axis=2).astype(np.float32), part.min(axis=2).astype(np.float32)
    return {
        "brightness_ev": float(np.log2(max(float(light.mean()), 1e-4) / GREY)),
        "contrast": float(luma.std()),
        "saturation": float(((high - low) / np.maximum(high, 1)).mean()),
        "blur": blur(luma),
    }


def as_seen(image: Image, box: NDArray, size: int) -> Image:
    """The part of an image inside a box, at the scale of the detector's input; at least 16 pixels each way."""
    scale = size / max(image.shape[:2])
    x, y, width, height = np.asarray(box, dtype=np.float64)
    x0, y0 = int(np.clip(x, 0, image.shape[1] - 1)), int(np.clip(y, 0, image.shape[0] - 1))
    x1 = int(np.clip(np.ceil(x + width), x0 + 1, image.shape[1]))
    y1 = int(np.clip(np.ceil(y + height), y0 + 1, image.shape[0]))
    part = image[y0:y1, x0:x1]
    goal = max(16, round(part.shape[1] * scale)), max(16, round(part.shape[0] * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(part, goal, interpolation=way), dtype=np.uint8)


def blur(luma: NDArray) -> float:
    """How little a picture (H, W) loses when it is blurred: 0 for sharp edges or noise, near 1 for what is blurred.

    Source: Crete et al., "The blur effect: perception and estimation with a new no-reference perceptual blur metric",
    SPIE 2007. Flat pictures, of which nothing can be told, are 1.
    """
    found = []
    for axis in (0, 1):
        kernel = (1, TAPS) if axis == 0 else (TAPS, 1)  # cv2 takes width first: blur along the axis of the difference
        smooth = cv2.blur(luma, kernel, borderType=cv2.BORDER_REPLICATE)
        sharp, soft = np.abs(np.diff(luma, axis=axis)), np.abs(np.diff(smooth, axis=axis))
        total = float(sharp.sum())
        found.append(1.0 - float(np.maximum(sharp - soft, 0).sum()) / total if total > 1e-9 else 1.0)
    return max(found)
