"""Another image's colours and light: amplitudes of low frequencies are mixed, phases stay, and so nothing moves.

Source: Yang and Soatto, "FDA: Fourier Domain Adaptation for Semantic Segmentation", CVPR 2020, who replace them; to mix
them keeps something of the image's own light.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import Image

BAND = (0.003, 0.012)
"""Half the width of the square of frequencies as a share of the size: the paper's beta. It takes 0.01 to 0.09
of larger images; here those leave coloured blotches."""
SHARE = (0.2, 0.8)
"""Of the other image's amplitudes."""
SMALLER = 8
"""How many times a thumbnail is smaller than the frame: at the end of the band, ten of its pixels make a wave."""


def mixed(image: Image, style: Image, rng: np.random.Generator) -> Image:
    """`image` (S, S, 3) with some of the style of another of any size."""
    band, share = float(np.exp(rng.uniform(*np.log(BAND)))), float(rng.uniform(*SHARE))
    return mix_amplitudes(image, style, max(1, round(band * image.shape[0])), share)


def mix_amplitudes(image: Image, style: Image, reach: int, share: float) -> Image:
    """`image` (S, S, 3) with a share of the amplitudes of `style` at frequencies of up to `reach` waves per frame.

    All happens to thumbnails, which have the low frequencies too; the change is then enlarged. S is a multiple of 8.
    """
    side = image.shape[0] // SMALLER
    own, others = (_spectrum(picture, side) for picture in (image, style))
    waves = np.abs(np.fft.fftfreq(side) * side) <= reach + 0.5
    low = (waves[:, None] & waves)[:, :, None]
    before = np.abs(own)
    gain = np.where(low, share * (np.abs(others) - before) / np.maximum(before, 1e-6), 0)
    change = np.fft.ifft2(own * gain, axes=(0, 1)).real.astype(np.float32)
    # waves go on beyond the frame, and its edges are as right as its middle only if they do here
    around = cv2.copyMakeBorder(change, 1, 1, 1, 1, cv2.BORDER_WRAP)
    wide = cv2.resize(around, None, fx=SMALLER, fy=SMALLER, interpolation=cv2.INTER_LINEAR)
    cut = slice(SMALLER, -SMALLER)
    return np.asarray(cv2.add(image, np.ascontiguousarray(wide[cut, cut]), dtype=cv2.CV_8U), dtype=np.uint8)


def _spectrum(image: Image, side: int) -> NDArray[np.complex128]:
    """Of an image's thumbnail, (side, side, 3)."""
    thumbnail = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    return np.fft.fft2(thumbnail.astype(np.float64), axes=(0, 1))
