"""A picture through a lens: how much wider the ideal one must be, and how it is bent."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.camera import Camera
from pipeline.images import Image

KERNEL_PX = 5
"""How far the interpolation reaches over the last point, and a pixel more.

It is Lanczos' (8 x 8): OpenCV's cubic (a = -0.75) moves a spot by up to 0.06 px, which labels would not follow; this
one by 0.014 (tests/pipeline/test_lens.py).
"""
TABLE = 16384
"""Steps over the squared radius of the image; the nearest is within a thousandth of a pixel."""


@dataclass(frozen=True)
class Margin:
    """Whole pixels that the ideal picture has more than the finished one, on each side."""

    left: int
    top: int
    right: int
    bottom: int

    def rendered(self, camera: Camera) -> Camera:
        """The pinhole that renders the ideal picture; `camera` itself where there is nothing to add."""
        if camera.distortion is None and self == NO_MARGIN:
            return camera
        return camera.widened(self.left, self.top, self.right, self.bottom)


NO_MARGIN = Margin(0, 0, 0, 0)


def margin_for(camera: Camera, chromatic_aberration_px: float = 0.0) -> Margin:
    """As little as leaves no border of the finished picture black."""
    if camera.distortion is None and chromatic_aberration_px == 0:
        return NO_MARGIN
    reach = KERNEL_PX + abs(chromatic_aberration_px)
    low, high = camera.ideal_bounds
    before = np.maximum(np.ceil(reach - low), 0).astype(int)
    after = np.maximum(np.ceil(reach + high - [camera.width, camera.height]), 0).astype(int)
    return Margin(int(before[0]), int(before[1]), int(after[0]), int(after[1]))


def warp_image(ideal: Image, camera: Camera, margin: Margin, chromatic_aberration_px: float = 0.0) -> Image:
    """What the lens of `camera` makes of the ideal picture (H + top + bottom, W + left + right, 3).

    Red and blue are magnified against green, which labels follow, so that they lie `chromatic_aberration_px` apart in
    the corners: lateral chromatic aberration, the glass bending short waves more than long ones.
    """
    if camera.distortion is None and chromatic_aberration_px == 0:
        return ideal
    x, y, scale = _rays(camera)
    centre = camera.intrinsics[:2, 2] + [margin.left, margin.top] - 0.5  # OpenCV counts from the first pixel's middle
    if chromatic_aberration_px == 0:
        return _remapped(ideal, x * scale, y * scale, centre)
    corner = float(np.hypot(camera.width, camera.height)) / 2
    spread = chromatic_aberration_px / 2 / corner
    channels = cv2.split(ideal)
    bent = [
        _remapped(channel, x * (scale / (1 + sign * spread)), y * (scale / (1 + sign * spread)), centre)
        for channel, sign in zip(channels, (1, 0, -1), strict=True)
    ]
    return cv2.merge(bent)


def _rays(camera: Camera) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Pixel centres from the principal point, (W,) and (H, 1), and ideal over pictured radius (H, W)."""
    centre, focal = camera.intrinsics[:2, 2], camera.intrinsics[0, 0]
    x = (np.arange(camera.width) + 0.5 - centre[0]).astype(np.float32)
    y = (np.arange(camera.height) + 0.5 - centre[1]).astype(np.float32)[:, None]
    if camera.distortion is None:
        return x, y, np.ones((camera.height, camera.width), dtype=np.float32)
    squared = x * x + y * y
    step = float(squared.max()) / (TABLE - 1)
    table = camera.distortion.undistort_scale(np.sqrt(np.arange(TABLE) * step) / focal).astype(np.float32)
    squared *= np.float32(1.0 / step)
    squared += np.float32(0.5)
    return x, y, table[np.minimum(squared.astype(np.int32), TABLE - 1)]


def _remapped(image: Image, x: NDArray, y: NDArray, centre: NDArray) -> Image:
    return cv2.remap(
        image,
        x + np.float32(centre[0]),
        y + np.float32(centre[1]),
        cv2.INTER_LANCZOS4,
        borderMode=cv2.BORDER_REFLECT_101,
    )
