"""From an ideal picture to what a camera would have kept of it, in the order in which light and then data travel.

Lens (distortion, colour fringes, vignetting, blur), exposure, white balance, noise, tone, sharpening, JPEG. Light is
treated in linear values, decoded from sRGB: the renderer's film curve stays in, so highlights that it has rolled off
do not come back. An effect that is off costs nothing and changes nothing.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.camera import Camera
from pipeline.images import Image, decode_image, encode_image
from pipeline.lens import distortion_of_image
from pipeline.lens_warp import Margin, margin_for, warp_image
from pipeline.sensor_light import blur_kernel, colour_gains, vignetting_gain
from pipeline.sensor_noise import add_noise
from pipeline.sensor_spec import SensorDraw

LEVELS = 4096
"""Steps of the square root of light that the way back to 8 bits tells apart."""
SHARPENING_PX = 1.0


def through_lens(camera: Camera, draw: SensorDraw) -> Camera:
    """A pinhole's camera with the shot's lens before it."""
    longer = max(camera.width, camera.height)
    return replace(camera, distortion=distortion_of_image(draw.k1, draw.k2, camera.intrinsics[0, 0], longer))


def sensor_margin(camera: Camera, draw: SensorDraw) -> Margin:
    """How much further than `camera` the picture must reach that `develop` is given."""
    return margin_for(camera, draw.chromatic_aberration_px)


def develop(ideal: Image, draw: SensorDraw, camera: Camera) -> Image:
    """The picture that `camera` would have kept, RGB uint8 (H, W, 3).

    Args:
        ideal: what the pinhole `sensor_margin(camera, draw).rendered(camera)` sees, RGB uint8.
        draw: what lens and sensor do.
        camera: that of the finished picture, with its distortion.
    """
    image = warp_image(ideal, camera, sensor_margin(camera, draw), draw.chromatic_aberration_px)
    if changes_light(draw):
        image = encode_light(expose(image, draw, camera))
    image = sharpen(tone(image, draw.gamma, draw.contrast), draw.sharpening)
    return compress(image, draw.jpeg_quality)


def changes_light(draw: SensorDraw) -> bool:
    """Whether anything is to be done in linear light."""
    fields = (draw.vignetting, draw.blur_px, draw.motion_px, draw.exposure_ev, draw.white_balance_k, draw.noise_iso)
    return any(value != 0 for value in fields)


def expose(image: Image, draw: SensorDraw, camera: Camera) -> NDArray[np.float32]:
    """Linear light (H, W, 3), 1 = white, after exposure, white balance, vignetting, blur and noise.

    Gains come first, while decoding, where they cost nothing: up to the noise all is linear, and order plays no part.
    """
    light = decode_light(image, np.float32(2.0**draw.exposure_ev) * colour_gains(draw.white_balance_k))
    if draw.vignetting:
        light *= cv2.merge([vignetting_gain(camera, draw.vignetting)] * 3)
    kernel = blur_kernel(draw.blur_px, draw.motion_px, draw.motion_deg)
    if kernel.size > 1:
        light = cv2.filter2D(light, -1, kernel, borderType=cv2.BORDER_REFLECT_101)
    if draw.noise_iso:
        light = add_noise(light, draw.noise_iso, draw.demosaic, draw.seed)
    return light


def tone(image: Image, gamma: float, contrast: float) -> Image:
    """A power, then an S-shaped (or, negative, flattened) curve through black, middle grey and white.

    On finished values, as a camera's picture styles have it: v + c (3v^2 - 2v^3 - v), whose slope in the middle is
    1 + c / 2.
    """
    if gamma == 1 and contrast == 0:
        return image
    value = (np.arange(256) / 255.0) ** gamma
    curve = value + contrast * (value * value * (3.0 - 2.0 * value) - value)
    return cv2.LUT(image, np.round(curve * 255.0).astype(np.uint8))


def sharpen(image: Image, amount: float) -> Image:
    """An unsharp mask: what a Gaussian of SHARPENING_PX takes away is given once more, times `amount`.

    Cameras do so to make up for the blur of demosaicing; above 1 it leaves the bright and dark seams of cheap ones.
    """
    if amount == 0:
        return image
    soft = cv2.GaussianBlur(image, (0, 0), SHARPENING_PX)
    return cv2.addWeighted(image, 1.0 + amount, soft, -amount, 0.0)


def compress(image: Image, quality: int) -> Image:
    """There and back through JPEG (ITU-T T.81): blocks of 8 x 8, colour at half the resolution. 0 leaves it out."""
    return decode_image(encode_image(image, ".jpg", quality)) if quality else image


def decode_light(image: Image, gains: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light of sRGB values (IEC 61966-2-1), 0 to 1, times the gain of each channel, (3,)."""
    table = np.ascontiguousarray((_LINEAR[:, None] * gains)[None], dtype=np.float32)
    return np.asarray(cv2.LUT(image, table), dtype=np.float32)


def encode_light(light: NDArray[np.float32]) -> Image:
    """sRGB values of linear light; what is above white is white."""
    # the curve is steep near black: a square root spreads the steps of the table as the eye does
    steps = np.clip(light, 0.0, 1.0)
    np.sqrt(steps, out=steps)
    steps *= LEVELS - 1
    steps += 0.5
    return _ENCODED.take(steps.astype(np.uint16))


def _srgb_to_linear(value: NDArray) -> NDArray:
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _linear_to_srgb(light: NDArray) -> NDArray:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


_LINEAR = _srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)
_ENCODED = np.round(_linear_to_srgb((np.arange(LEVELS) / (LEVELS - 1)) ** 2) * 255.0).astype(np.uint8)
