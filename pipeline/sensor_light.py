"""What a lens and a camera's settings do to light: gains over the frame, gains of the channels, and blur."""

import numpy as np
from numpy.typing import NDArray

from pipeline.camera import Camera

DAYLIGHT_K = 6500.0
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
RGB_FROM_XYZ = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
FINE, WIDE, LESS_FINE = 16, 8, 6
"""Kernels are drawn so many times finer than pixels, then averaged: their edges are as smooth as light's.

Those that reach further than WIDE pixels are drawn less finely: there it takes time, and makes no difference.
"""


def vignetting_gain(camera: Camera, loss: float) -> NDArray[np.float32]:
    """Share of the light that arrives at each pixel (H, W): 1 at the principal point, 1 - `loss` in the far corner.

    The cosine's fourth power, which holds for any lens that is not corrected for it: cos^4 a = (1 + tan^2 a)^-2, where
    tan a is the radius over the focal length; here that length is chosen for the loss that is asked for.
    """
    centre = camera.intrinsics[:2, 2]
    x = (np.arange(camera.width) + 0.5 - centre[0]).astype(np.float32)
    y = (np.arange(camera.height) + 0.5 - centre[1]).astype(np.float32)
    farthest = np.square(np.maximum(centre, [camera.width, camera.height] - centre)).sum()
    strength = np.float32(((1.0 - loss) ** -0.5 - 1.0) / farthest)
    inverse = np.float32(1.0) + strength * (np.square(x) + np.square(y)[:, None])
    return 1.0 / np.square(inverse)


def colour_gains(offset_k: float) -> NDArray[np.float32]:
    """Gains (3,) of red, green and blue of a camera set to so many kelvin above the light's 6500 K.

    It divides by the colour that it takes the light to have (von Kries in linear sRGB); a grey keeps its luminance.
    """
    if offset_k == 0:
        return np.ones(3, dtype=np.float32)
    gains = black_body_rgb(DAYLIGHT_K) / black_body_rgb(DAYLIGHT_K + offset_k)
    return (gains / (gains @ LUMINANCE)).astype(np.float32)


def black_body_rgb(kelvin: float) -> NDArray[np.float64]:
    """Linear sRGB (3,) of a black body of 1667 to 25000 K, at luminance 1.

    Its chromaticity by the cubic splines of Kim et al., "Design of advanced color temperature control system for HDTV
    applications", 2002.
    """
    t = 1000.0 / kelvin
    if kelvin <= 4000:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
    else:
        x = -3.0258469 * t**3 + 2.1070379 * t**2 + 0.2226347 * t + 0.240390
    if kelvin <= 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif kelvin <= 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    return RGB_FROM_XYZ @ np.array([x / y, 1.0, (1.0 - x - y) / y])


def blur_kernel(radius_px: float, motion_px: float, motion_deg: float) -> NDArray[np.float32]:
    """What a point of light becomes, (N, M) of odd N and M, sum 1: a disc smeared along a line, around the point.

    The disc is the geometric picture of a round aperture out of focus; the line is even motion while the shutter is
    open, and its middle is where things were half-way.
    """
    if radius_px == 0 and motion_px == 0:
        return np.ones((1, 1), dtype=np.float32)
    radius = float(np.hypot(radius_px, 0.5))  # a pixel has a width of its own: without it, little blur would be none
    reach = int(np.ceil(radius + motion_px / 2 + 0.5))
    size, steps = 2 * reach + 1, FINE if reach <= WIDE else LESS_FINE
    fine = (np.arange(size * steps) + 0.5) / steps - size / 2
    # everything nearer to the segment than the disc's radius, weighed by how long the disc stays over it
    angle = np.radians(motion_deg)
    along = np.cos(angle) * fine + np.sin(angle) * fine[:, None]
    across = np.cos(angle) * fine[:, None] - np.sin(angle) * fine
    half_chord = np.sqrt(np.maximum(radius**2 - across**2, 0.0))
    if motion_px == 0:
        weight = (np.abs(along) <= half_chord).astype(np.float64)
    else:
        start, end = np.maximum(along - half_chord, -motion_px / 2), np.minimum(along + half_chord, motion_px / 2)
        weight = np.maximum(end - start, 0.0)
    kernel = weight.reshape(size, steps, size, steps).mean(axis=(1, 3))
    rows, columns = kernel.any(axis=1), kernel.any(axis=0)
    return (kernel / kernel.sum()).astype(np.float32)[rows][:, columns]
