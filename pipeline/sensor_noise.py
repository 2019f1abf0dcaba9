"""Noise of a sensor: of the light itself, and of reading it out."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from pipeline.seeds import stream_rng

ELECTRONS_AT_ISO_100 = 50_000.0
"""What a pixel of a full-frame sensor (about 6 um) holds when it is white; every doubling of the ISO halves it."""
READ_ELECTRONS = 4.0
QUANTILES = 65536
BAYER = ((0, 1), (1, 2))
"""RGGB: the channel at even and odd rows and columns."""


def add_noise(light: NDArray[np.float32], iso: float, demosaic: bool, seed: int) -> NDArray[np.float32]:
    """Linear light (H, W, 3), 1 = white, with the noise of a sensor at this sensitivity.

    The affine model of EMVA 1288 (European Machine Vision Association, release 4.0): the variance is what the signal's
    own Poisson statistics give, plus a constant of the read-out. With `demosaic` there is one sample a pixel, and the
    other two channels are interpolated from its neighbours, which is what makes real noise blotchy. The same seed
    gives the same noise.
    """
    rng = stream_rng(seed, 0, "sensor.noise")
    full = ELECTRONS_AT_ISO_100 * 100.0 / iso
    if not demosaic:
        return light + _drawn(light, full, rng)
    mosaic = np.empty(light.shape[:2], dtype=np.float32)
    for row, column in np.ndindex(2, 2):
        mosaic[row::2, column::2] = light[row::2, column::2, BAYER[row][column]]
    return light + demosaiced(_drawn(mosaic, full, rng))


def demosaiced(mosaic: NDArray[np.float32]) -> NDArray[np.float32]:
    """RGB (H, W, 3) of a Bayer mosaic (H, W), by linear interpolation."""
    cross = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]], dtype=np.float32) / 4
    tent = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], dtype=np.float32) / 4
    channels = []
    for channel, kernel in ((0, tent), (1, cross), (2, tent)):
        own = np.zeros_like(mosaic)
        for row, column in np.ndindex(2, 2):
            if BAYER[row][column] == channel:
                own[row::2, column::2] = mosaic[row::2, column::2]
        channels.append(cv2.filter2D(own, -1, kernel, borderType=cv2.BORDER_REFLECT_101))
    return cv2.merge(channels)


def _drawn(light: NDArray[np.float32], full: float, rng: np.random.Generator) -> NDArray[np.float32]:
    variance = np.maximum(light, 0.0) * np.float32(1.0 / full)
    variance += np.float32((READ_ELECTRONS / full) ** 2)
    noise = _quantiles()[rng.integers(0, QUANTILES, light.shape, dtype=np.uint16)]
    noise *= np.sqrt(variance, out=variance)
    return noise


@cache
def _quantiles() -> NDArray[np.float32]:
    """So many equally likely values of a normal distribution: drawing one is three times as fast as an exact draw."""
    values = ndtri((np.arange(QUANTILES) + 0.5) / QUANTILES)
    return (values / values.std()).astype(np.float32)
