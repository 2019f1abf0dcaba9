"""Another image's colours and light: amplitudes of low frequencies are mixed, phases stay, and so nothing moves.

Source: Yang and Soatto, "FDA: Fourier Domain Adaptation for Semantic Segmentation", CVPR 2020, who replace them; to mix
them keeps something of the image's own light.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import Image

BAND = (0.004, 0.03)
"""Half the width of the square of frequencies as a share of the size: the paper's beta, which it takes at 0.01 to 0.09;
the larger ones leave ghosts of the other image."""
SHARE = (0.3, 1.0)
"""Of the other image's amplitudes."""


def mixed(image: Image, style: Image, rng: np.random.Generator) -> Image:
    """`image` (S, S, 3) with some of the style of another of any size."""
    size = image.shape[0]
    band, share = float(np.exp(rng.uniform(*np.log(BAND)))), float(rng.uniform(*SHARE))
    fitted = np.asarray(cv2.resize(style, (size, size), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return mix_amplitudes(image, fitted, max(1, round(band * size)), share)


def mix_amplitudes(image: Image, style: Image, reach: int, share: float) -> Image:
    """`image` (S, S, 3) with a share of the amplitudes of `style` (S, S, 3) at frequencies of up to `reach` per frame.

    So few frequencies are computed one by one, as products with their waves: far less work than whole transforms.
    """
    size = image.shape[0]
    turns = np.outer(np.arange(-reach, reach + 1), np.arange(size)) * (2 * np.pi / size)
    waves = np.exp(-1j * turns).astype(np.complex64)
    own, others = _spectrum(image, waves), _spectrum(style, waves)
    size_before = np.abs(own)
    gain = share * (np.abs(others) - size_before) / np.maximum(size_before, 1e-6)
    change = own * gain / size**2
    back = np.conj(waves)
    # real(a b) needs no imaginary part of the product
    along = np.einsum("cjk,kx->cjx", change, back)
    rows = np.concatenate([back.real.T, -back.imag.T], axis=1)
    moved = rows @ np.concatenate([along.real, along.imag], axis=1)
    return np.clip(image + np.moveaxis(moved, 0, 2) + 0.5, 0, 255).astype(np.uint8)


def _spectrum(image: Image, waves: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """The frequencies of `waves` (F, S) along both axes of each channel, (3, F, F)."""
    count, size = waves.shape
    stacked = np.concatenate([waves.real, waves.imag])
    parts = (stacked @ image.reshape(size, -1).astype(np.float32)).reshape(2, count, size, 3)
    down = parts[0] + 1j * parts[1]
    return np.einsum("fxc,gx->cfg", down, waves, optimize=True)
