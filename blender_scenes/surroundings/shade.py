"""How much of the sky and the sun the surroundings take, and how a camera makes up for it."""

import math

import numpy as np
from numpy.typing import NDArray

from blender_scenes.surroundings.layout import Item, Layout
from pipeline.plan import LightDraw

Array = NDArray[np.float64]
EYE_M = 0.9
"""About the middle of a vehicle's height."""
SUN_SHARE = 0.72
"""Of the light on a clear day."""
MADE_UP = 0.55
"""Of what is missing, in stops: pictures in the shade are a little darker all the same."""


def exposure_stops(layout: Layout, light: LightDraw) -> float:
    """Stops to expose longer by, so that a vehicle in the shade is as well seen as one in the open; at most 2.5."""
    if light.kind == "studio" or not layout.items:
        return 0.0
    skyline = _skyline(layout)
    sky = float(np.mean(np.cos(skyline) ** 2))  # of a diffuse sky over a level surface
    if light.kind != "sky":
        return MADE_UP * min(2.5, -math.log2(max(sky, 0.1)))
    at = int(light.azimuth_deg % 360)
    lit = float(skyline[at] < math.radians(light.sun_elevation_deg))
    share = SUN_SHARE * lit + (1 - SUN_SHARE) * sky
    return MADE_UP * min(2.5, -math.log2(max(share, 0.05)))


def _skyline(layout: Layout) -> Array:
    """How high the surroundings reach, seen from the vehicle, for each degree of azimuth: (360,) radians."""
    skyline = np.zeros(360)
    for item in layout.items:
        if item.top() > EYE_M + 0.5:
            first, last, height = _outline(item)
            skyline[np.arange(first, last + 1) % 360] = np.maximum(skyline[np.arange(first, last + 1) % 360], height)
    return skyline


def _outline(item: Item) -> tuple[int, int, float]:
    """The degrees of azimuth between which a thing stands, and the angle to its top."""
    corners = item.footprint()
    middle = corners.mean(axis=0)
    towards = math.atan2(middle[1], middle[0])
    off = (np.arctan2(corners[:, 1], corners[:, 0]) - towards + np.pi) % (2 * np.pi) - np.pi
    near = min(float(np.linalg.norm(middle)), float(np.linalg.norm(corners, axis=1).min()))
    first, last = np.degrees(towards + off.min()), np.degrees(towards + off.max())
    return math.floor(first), math.ceil(last), math.atan2(item.top() - EYE_M, max(near, 0.5))
