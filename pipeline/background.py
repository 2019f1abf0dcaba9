"""Another background behind the vehicles of a picture that was rendered on a plain floor.

The vehicles are cut out by exact coverage, not by the renderer's alpha, which is noisy at few samples. Their edges take
the colour of what lies just inside, so that no floor shines through. The shadow is what the floor lost of its light.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter1d

from pipeline.background_spec import BackgroundDraw
from pipeline.camera import Camera
from pipeline.images import Image, read_image
from pipeline.raster import project_triangles, rasterize
from pipeline.sensor import decode_light, encode_light

PLAIN = {"white": 255, "grey": 118}
"""sRGB; grey is the 18 % that exposure meters are set to."""
LEAST_CROP = 0.5
"""Of the longest side that fits into the picture."""
FINER = 4
"""Points per pixel along each axis in which coverage is counted."""
LIT_PERCENTILE = 90
ROWS_ALIKE = 24
"""So many parts of the height are lit each in its own way."""
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
SHADOW_SMOOTH_PX = 1.0
WINDOW_EDGE_PX = 8
"""Rendered around what is cut out, so that the denoiser sees both sides of its edges."""

type Mesh = tuple[NDArray[np.float64], NDArray[np.int64]]


@dataclass(frozen=True)
class Window:
    """Part of a picture, in whole pixels: columns left to right and rows top to bottom, the last ones not included."""

    left: int
    top: int
    right: int
    bottom: int


def put_behind(
    image: Image, cover: NDArray[np.float32], draw: BackgroundDraw, depth: NDArray[np.float32] | None = None
) -> Image:
    """The solids of `image` (H, W, 3) before the drawn background.

    Args:
        image: as rendered through a pinhole, on a plain floor; without shadow, within `window_of`.
        cover: (H, W) share of each pixel that solids fill, see `coverage`.
        draw: the background.
        depth: (H, W) metres along the camera's axis, inf where nothing is; only for a background that takes the shadow.

    Raises:
        ImageError: the picture that was drawn cannot be read.
    """
    one = np.ones(3, dtype=np.float32)
    light = decode_light(image, one)
    behind = decode_light(backdrop(draw, *cover.shape), one)
    if draw.takes_shadow:
        assert depth is not None
        behind = behind * shadow(light, (cover == 0) & np.isfinite(depth), (cover == 0) & np.isinf(depth))[..., None]
    share = cover[..., None]
    return encode_light((_spread(light, cover) * share + behind * (1 - share)).astype(np.float32))


def window_of(cover: NDArray[np.float32]) -> Window | None:
    """The least part of the picture that holds all that is covered (H, W), and a little more; None where nothing is."""
    rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
    if not len(rows):
        return None
    height, width = cover.shape
    return Window(
        max(0, int(columns[0]) - WINDOW_EDGE_PX),
        max(0, int(rows[0]) - WINDOW_EDGE_PX),
        min(width, int(columns[-1]) + 1 + WINDOW_EDGE_PX),
        min(height, int(rows[-1]) + 1 + WINDOW_EDGE_PX),
    )


def coverage(camera: Camera, solids: list[Mesh]) -> NDArray[np.float32]:
    """Share of each pixel (H, W) that solids fill."""
    scale = np.diag([FINER, FINER, 1.0])
    width, height = FINER * camera.width, FINER * camera.height
    fine = replace(camera, width=width, height=height, intrinsics=scale @ camera.intrinsics)
    filled = np.zeros((height, width), dtype=bool)
    for vertices, triangles in solids:
        filled |= rasterize(project_triangles(fine, vertices, triangles), width, height)[1] >= 0
    blocks = filled.reshape(camera.height, FINER, camera.width, FINER)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)


def shadow(light: NDArray[np.float32], floor: NDArray[np.bool_], free: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How much of its light each pixel of the floor (H, W) still has; 1 where it is free of floor and solids.

    What is lit is told row by row, since lamps reach less far than the floor does.
    """
    luminance = light @ LUMINANCE
    rows = np.flatnonzero(floor.any(axis=1))
    if not len(rows):
        return np.ones(floor.shape, dtype=np.float32)
    lit = np.array([np.percentile(luminance[row][floor[row]], LIT_PERCENTILE) for row in rows])
    lit = gaussian_filter1d(lit, len(floor) / ROWS_ALIKE, mode="nearest")
    left = np.ones(floor.shape, dtype=np.float32)
    left[rows] = np.minimum(luminance[rows] / np.maximum(lit, 1e-3)[:, None], 1.0)
    # under a solid's edge the floor's own value is not known: the nearest one's is
    known = floor | free
    return np.asarray(cv2.GaussianBlur(_nearest(np.where(floor, left, 1.0), known), (0, 0), SHADOW_SMOOTH_PX))


def backdrop(draw: BackgroundDraw, height: int, width: int) -> Image:
    """The background alone (height, width, 3): plain, or a crop of the drawn picture, mirrored every other time."""
    if draw.picture is None:
        return np.full((height, width, 3), PLAIN[draw.kind], dtype=np.uint8)
    picture = read_image(Path(draw.picture))
    rng = np.random.default_rng(draw.seed)
    largest = min(picture.shape[1] / width, picture.shape[0] / height)
    scale = largest * rng.uniform(LEAST_CROP, 1.0)
    size = max(1, int(width * scale)), max(1, int(height * scale))
    left, top = (int(rng.integers(0, whole - part + 1)) for whole, part in zip(picture.shape[1::-1], size, strict=True))
    crop = picture[top : top + size[1], left : left + size[0]]
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    how = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(np.ascontiguousarray(crop), (width, height), interpolation=how), dtype=np.uint8)


def _spread(light: NDArray[np.float32], cover: NDArray[np.float32]) -> NDArray[np.float32]:
    """Light (H, W, 3) whose partly covered pixels have the colour of the nearest that is wholly covered."""
    inside = cover == 1
    return np.where(((cover > 0) & ~inside)[..., None], _nearest(light, inside), light)


def _nearest(values: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Each pixel's own value where it is known, else that of the nearest pixel where it is."""
    if not known.any():
        return values
    rows, columns = distance_transform_edt(~known, return_distances=False, return_indices=True)
    return values[rows, columns]
