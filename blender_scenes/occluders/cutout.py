"""A user's picture with alpha as an upright, flat figure that faces +x."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from blender_scenes.occluders.outline import OPAQUE, opaque_triangles
from blender_scenes.occluders.thing import Thing
from blender_scenes.surroundings.shape import of_one
from pipeline.errors import RenderError

type Array = NDArray[np.floating]
OUTLINE_PX = 256
"""The longer side of the picture from which the outline is taken."""


def make_cutout(picture: Path, height_m: float) -> Thing:
    """What is opaque in the picture stands on the ground, so high; metres.

    Raises:
        RenderError: the picture cannot be read, has no alpha, or nothing in it is opaque.
    """
    alpha = _alpha(picture)
    high, wide = alpha.shape
    scale = min(1.0, OUTLINE_PX / max(high, wide))
    size = max(1, round(wide * scale)), max(1, round(high * scale))
    small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    corners = opaque_triangles(small).reshape(-1, 2)
    if not len(corners):
        raise RenderError(f"{picture}: nothing in the picture is opaque (alpha of at least {OPAQUE:g})")
    points, index = np.unique(corners.round(6), axis=0, return_inverse=True)
    low, far = points.min(axis=0), points.max(axis=0)
    metres = height_m / (far[1] - low[1])
    across = (points[:, 0] - (low[0] + far[0]) / 2) * metres
    # who looks from +x towards it has +y on the right
    vertices = np.stack([np.zeros(len(points)), across, (far[1] - points[:, 1]) * metres], axis=1)
    uv = np.stack([points[:, 0] / size[0], 1 - points[:, 1] / size[1]], axis=1)
    return Thing(of_one("picture", vertices, index.reshape(-1, 3)), picture=picture, uv=uv)


def opaque_colours(picture: Path) -> Array:
    """The picture's colours (H, W, 3), 0..1, sRGB; what is not opaque has those of the opaque pixel next to it.

    Else the outline would have an edge of the colour that hides under transparent pixels, often black.
    """
    pixels = _read(picture)
    _, nearest = distance_transform_edt(_alpha(picture) < OPAQUE, return_indices=True)
    return (pixels[tuple(nearest)][..., 2::-1] / np.iinfo(pixels.dtype).max).astype(np.float32)


def _alpha(picture: Path) -> Array:
    """Its alpha channel, 0..1."""
    pixels = _read(picture)
    return pixels[..., 3].astype(np.float64) / np.iinfo(pixels.dtype).max


def _read(picture: Path) -> NDArray:
    """Blue, green, red, alpha."""
    pixels = cv2.imread(str(picture), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim != 3 or pixels.shape[2] != 4:
        raise RenderError(f"{picture}: must be a picture with four channels, the last of them alpha")
    return pixels
