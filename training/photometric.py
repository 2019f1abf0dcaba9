"""What cameras, light and compression do to an image without moving anything; RGB uint8 (H, W, 3) in and out."""

import cv2
import numpy as np

from pipeline.images import Image
from training.affine import FILL
from training.config import Augmentation

HUE = 12
"""Half degrees: paint is drawn when an image is rendered; and tail lamps must stay red, or fronts look like backs."""


def change_colors(image: Image, how: Augmentation, rng: np.random.Generator) -> Image:
    """Brightness, contrast, gamma, colour cast, saturation and hue by `how.color`; grey with probability `how.grey`."""
    if how.color > 0 and rng.random() < 0.9:
        image = _tones(image, how.color, rng)
        if rng.random() < 0.5:
            image = _hue_and_saturation(image, how.color, rng)
    if rng.random() < how.grey:
        image = _rgb(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))
    return image


def degrade(image: Image, how: Augmentation, rng: np.random.Generator) -> Image:
    """Low resolution, blur, noise and JPEG artefacts, each with probability `how.degrade`."""
    for step in (_low_resolution, _blur, _noise, _jpeg):
        if rng.random() < how.degrade:
            image = step(image, rng)
    return image


def cut_out(image: Image, how: Augmentation, rng: np.random.Generator) -> Image:
    """With probability `how.cutout`, one to three flat rectangles; the keypoints under them stay labelled."""
    if rng.random() >= how.cutout:
        return image
    image = image.copy()
    height, width = image.shape[:2]
    for _ in range(rng.integers(1, 4)):
        wide, high = (rng.uniform(0.06, 0.25, 2) * (width, height)).astype(int)
        x, y = int(rng.integers(0, max(1, width - wide))), int(rng.integers(0, max(1, height - high)))
        color = rng.integers(0, 256, 3) if rng.random() < 0.5 else np.full(3, FILL)
        image[y : y + high, x : x + wide] = color.astype(np.uint8)
    return image


def _tones(image: Image, strength: float, rng: np.random.Generator) -> Image:
    """One look-up table per channel: gamma, contrast, brightness and cast."""
    levels = np.linspace(0, 1, 256)
    gamma = np.exp(rng.uniform(-0.6, 0.6) * strength)
    contrast = np.exp(rng.uniform(-0.6, 0.6) * strength)
    gain = np.exp(rng.uniform(-0.5, 0.5) * strength)
    cast = np.exp(rng.uniform(-0.2, 0.2, 3) * strength)
    curve = gain * (0.5 + contrast * (levels**gamma - 0.5))
    table = (np.clip(curve[:, None] * cast, 0, 1) * 255 + 0.5).astype(np.uint8)
    return _rgb(cv2.LUT(image, table[None]))


def _hue_and_saturation(image: Image, strength: float, rng: np.random.Generator) -> Image:
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    turn = round(rng.uniform(-HUE, HUE) * strength)
    hue = ((np.arange(256) + turn) % 180).astype(np.uint8)
    saturation = np.clip(np.arange(256) * np.exp(rng.uniform(-0.8, 0.8) * strength), 0, 255).astype(np.uint8)
    table = np.stack([hue, saturation, np.arange(256, dtype=np.uint8)], axis=1)
    return _rgb(cv2.cvtColor(cv2.LUT(hsv, table[None]), cv2.COLOR_HSV2RGB))


def _low_resolution(image: Image, rng: np.random.Generator) -> Image:
    height, width = image.shape[:2]
    factor = rng.uniform(0.3, 0.8)
    small = cv2.resize(image, (max(8, int(width * factor)), max(8, int(height * factor))), interpolation=cv2.INTER_AREA)
    return _rgb(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def _blur(image: Image, rng: np.random.Generator) -> Image:
    """Out of focus, or moving along a line."""
    if rng.random() < 0.5:
        return _rgb(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 1.8)))
    length = int(rng.integers(2, 5)) * 2 + 1
    angle = rng.uniform(0, np.pi)
    kernel = np.zeros((length, length), dtype=np.float32)
    end = (length // 2) * np.array([np.cos(angle), np.sin(angle)])
    middle = np.full(2, length // 2)
    start, stop = (tuple(round(float(v)) for v in middle + sign * end) for sign in (-1, 1))
    cv2.line(kernel, start, stop, 1.0)
    return _rgb(cv2.filter2D(image, -1, kernel / kernel.sum()))


def _noise(image: Image, rng: np.random.Generator) -> Image:
    noise = rng.standard_normal(image.shape, dtype=np.float32) * np.float32(rng.uniform(2, 14))
    return np.clip(image + noise + 0.5, 0, 255).astype(np.uint8)


def _jpeg(image: Image, rng: np.random.Generator) -> Image:
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 80))])
    return _rgb(cv2.imdecode(data, cv2.IMREAD_COLOR))


def _rgb(image: object) -> Image:
    return np.asarray(image, dtype=np.uint8)
