"""Rain and snow as single drops and flakes in the air before the camera, each with a size, a speed and a place.

Rain: sizes by Marshall and Palmer 1948, speeds by Atlas et al. 1973. A drop darkens nothing and brightens what it
crosses for the time that it takes: tau / T of the exposure (Garg and Nayar, "Vision and Rain", IJCV 2007).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.camera import Camera
from pipeline.weather_spec import GREATEST_RATE_MM_H, WeatherDraw

NEAREST_M = 0.35
SMALLEST_PX = 0.35
"""What would be thinner than this is no longer drawn one by one: it is part of the haze."""
LEAST_DROP_M = 1e-3
EXPOSURE_S = 1 / 150
APERTURE_M, FLAKE_APERTURE_M = 2.5e-3, 2.0e-3
SHARP_PX = 1.5
SUBPIXEL_BITS = 4
MOST = 60_000


@dataclass(frozen=True)
class Falling:
    """What falls, drops or flakes.

    Attributes:
        per_m3: how many there are.
        size_m: (N,) diameters.
        speed: (N,) metres per second.
        opacity: (N,) how much of what lies behind is replaced where one is as wide as a pixel, for the exposure's time.
    """

    per_m3: float
    size_m: NDArray[np.float64]
    speed: NDArray[np.float64]
    opacity: NDArray[np.float64]


def rain_rate(draw: WeatherDraw) -> float:
    """Millimetres per hour."""
    return GREATEST_RATE_MM_H * draw.intensity


def falling(draw: WeatherDraw, count: int, rng: np.random.Generator) -> Falling:
    """`count` drops or flakes of a draw, and how many a cubic metre holds."""
    if draw.kind == "rain":
        slope = 4100.0 * rain_rate(draw) ** -0.21  # per metre of diameter
        size = LEAST_DROP_M + rng.exponential(1.0 / slope, count)
        speed = 9.65 - 10.3 * np.exp(-600.0 * size)
        return Falling(
            8e6 / slope * np.exp(-slope * LEAST_DROP_M), size, speed, np.minimum(size / speed / EXPOSURE_S, 1)
        )
    size = rng.uniform(2e-3, 7e-3, count)
    blurred = np.minimum(size / (1.2 * EXPOSURE_S), 1.0)
    return Falling(20.0 + 260.0 * draw.intensity, size, rng.uniform(0.7, 1.6, count), 0.85 * blurred)


def cover_of_drops(
    draw: WeatherDraw, camera: Camera, depth: NDArray[np.float32], focus_m: float
) -> NDArray[np.float32]:
    """How much of each pixel (H, W) is covered, 0 to 1, for a camera focused at `focus_m`.

    Args:
        draw: rain or snow.
        camera: the pinhole that the picture was rendered with.
        depth: (H, W) metres along the axis; what lies behind a surface is not seen.
        focus_m: where the camera is focused; what is much nearer blurs.
    """
    rng = np.random.default_rng(draw.seed)
    focal = float(camera.intrinsics[0, 0])
    typical = 1.5e-3 if draw.kind == "rain" else 4e-3
    farthest = max(2 * NEAREST_M, focal * typical / SMALLEST_PX)
    volume = camera.width * camera.height / focal**2 * (farthest**3 - NEAREST_M**3) / 3
    count = min(MOST, int(volume * falling(draw, 0, rng).per_m3))
    kinds = falling(draw, count, rng)
    z = np.cbrt(rng.uniform(NEAREST_M**3, farthest**3, count))
    corner = rng.uniform([0, 0], [camera.width, camera.height], (count, 2))
    begin = np.column_stack([(corner - camera.intrinsics[:2, 2]) / focal * z[:, None], z])
    end = begin + (kinds.speed * EXPOSURE_S)[:, None] * _down(camera, draw.wind_deg)
    hit = depth[corner[:, 1].astype(int), corner[:, 0].astype(int)]
    kept = (z < hit) & (end[:, 2] > NEAREST_M / 2)
    width = focal * kinds.size_m / z
    blur = focal * (APERTURE_M if draw.kind == "rain" else FLAKE_APERTURE_M) * np.abs(1 / z - 1 / focus_m)
    streaks = _Streaks(
        _pixels(camera, begin)[kept], _pixels(camera, end)[kept], width[kept], kinds.opacity[kept], blur[kept]
    )
    return streaks.draw(depth.shape)


def _down(camera: Camera, wind_deg: float) -> NDArray[np.float64]:
    """The way things fall, a unit vector in the camera's frame; wind blows them along the image."""
    down = camera.world_from_camera[:3, :3].T @ [0.0, 0.0, -1.0]
    across = np.array([1.0, 0.0, 0.0]) - down * down[0]
    length = float(np.linalg.norm(across))
    tilt = np.deg2rad(wind_deg) if length > 1e-6 else 0.0
    return np.asarray(np.cos(tilt) * down + np.sin(tilt) * across / max(length, 1e-6))


def _pixels(camera: Camera, points: NDArray[np.float64]) -> NDArray[np.float64]:
    projected = points @ camera.intrinsics.T
    return projected[:, :2] / projected[:, 2:]


@dataclass(frozen=True)
class _Streaks:
    """Lines in the image: (N, 2) ends, (N,) widths in pixels, opacities, and radii of their blur."""

    begin: NDArray[np.float64]
    end: NDArray[np.float64]
    width: NDArray[np.float64]
    opacity: NDArray[np.float64]
    blur: NDArray[np.float64]

    def draw(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Sharp ones, and over them the blurred, in steps of blur that double."""
        cover = self._lines(self.blur < SHARP_PX, shape)
        step = SHARP_PX
        while (self.blur >= step).any():
            some = (self.blur >= step) & (self.blur < 2 * step)
            if some.any():
                soft = cv2.GaussianBlur(self._lines(some, shape), (0, 0), step * 0.7)
                cover = 1 - (1 - cover) * (1 - soft)
            step *= 2
        return cover

    def _lines(self, chosen: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.float32]:
        layer = np.zeros(shape, dtype=np.uint8)
        share = self.opacity[chosen] * np.minimum(self.width[chosen], 1.0)
        strongest = float(share.max(initial=1e-6))
        ends = np.round(np.stack([self.begin[chosen], self.end[chosen]], axis=1) * 2**SUBPIXEL_BITS)
        limit = 2**SUBPIXEL_BITS * 8 * max(shape)
        inside = (np.abs(ends) < limit).all(axis=(1, 2))
        order = np.argsort(share[inside], kind="stable")  # where they cross the stronger one is seen
        levels = np.round(255 * share[inside][order] / strongest).astype(int)
        thick = np.maximum(1, np.round(self.width[chosen][inside][order])).astype(int)
        for line, level, width in zip(
            ends[inside][order].astype(int).tolist(), levels.tolist(), thick.tolist(), strict=True
        ):
            cv2.line(layer, line[0], line[1], level, width, cv2.LINE_AA, SUBPIXEL_BITS)
        return layer.astype(np.float32) * np.float32(strongest / 255)
