"""What the air does to a picture: haze by distance, and what falls, before the light reaches the lens.

Haze is Koschmieder's: light from a surface is weakened by exp(-3.912 d / V) over the distance d, and the air adds its
own; V, the meteorological visual range, is where a contrast of 1 has fallen to 0.02.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.camera import Camera
from pipeline.images import Image
from pipeline.sensor import decode_light, encode_light
from pipeline.weather_drops import cover_of_drops, rain_rate
from pipeline.weather_spec import WeatherDraw

CONTRAST = 3.912  # -ln 0.02
LEAST_TRANSMISSION = 0.25
"""Of the target's light: less, and a person could not tell its parts."""
FAR_M = 1e5
EDGE_PX = 0.7
"""Depth has hard edges, the picture has soft ones; as wide as the renderer's filter."""
BRIGHTEST = 97
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def weathered(image: Image, depth: NDArray[np.float32], camera: Camera, draw: WeatherDraw, target_m: float) -> Image:
    """A picture (H, W, 3) through the weather.

    Args:
        image: RGB uint8, as rendered through the pinhole `camera`.
        depth: (H, W) metres along its axis, inf for the sky.
        camera: the pinhole.
        draw: the weather.
        target_m: how far away the target vehicle is.
    """
    light = decode_light(image, np.ones(3, dtype=np.float32))
    air = air_light(light, depth)
    passing = np.exp(-CONTRAST / visual_range(draw, target_m) * distances(depth, camera))
    passing = cv2.GaussianBlur(passing, (0, 0), EDGE_PX)[..., None]
    light = light * passing + air * (1 - passing)
    if draw.kind != "fog":
        cover = cover_of_drops(draw, camera, depth, target_m)[..., None]
        light = light * (1 - cover) + air * cover
    return encode_light(light.astype(np.float32))


def visual_range(draw: WeatherDraw, target_m: float) -> float:
    """Metres; never so short that the target is lost."""
    if draw.kind == "fog":
        drawn = draw.visibility_m
    elif draw.kind == "rain":  # extinction of rain, 1.08 R^0.63 dB/km at light's wavelengths (ITU-R P.1814)
        drawn = CONTRAST / (1.076 * rain_rate(draw) ** 0.67 / 4343)
    else:
        drawn = 1500.0 * (0.12 / (0.12 + draw.intensity))
    return max(drawn, -CONTRAST * target_m / float(np.log(LEAST_TRANSMISSION)))


def air_light(light: NDArray[np.float32], depth: NDArray[np.float32]) -> NDArray[np.float32]:
    """The colour (3,) of lit air: that of the sky low over the land, greyer; without a sky, of what is brightest."""
    sky = np.isinf(depth)
    if sky.sum() >= 50:
        rows = np.flatnonzero(sky.any(axis=1))
        low = sky.copy()
        low[: rows[-1] - max(3, len(rows) // 4)] = False
        colour = np.median(light[low], axis=0)
    else:
        luminance = light @ LUMINANCE
        colour = np.median(light[luminance >= np.percentile(luminance, BRIGHTEST)], axis=0)
    grey = np.float32(colour @ LUMINANCE)
    return np.asarray(0.3 * colour + 0.7 * grey, dtype=np.float32)


def distances(depth: NDArray[np.float32], camera: Camera) -> NDArray[np.float32]:
    """Metres from the camera (H, W), from metres along its axis; FAR_M for the sky."""
    focal, centre = camera.intrinsics[[0, 1], [0, 1]], camera.intrinsics[:2, 2]
    x = (np.arange(camera.width) + 0.5 - centre[0]) / focal[0]
    y = (np.arange(camera.height) + 0.5 - centre[1]) / focal[1]
    slant = np.sqrt(1 + np.square(x) + np.square(y)[:, None])
    return np.asarray(np.minimum(depth, FAR_M) * slant, dtype=np.float32)
