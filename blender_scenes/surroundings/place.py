"""From what was drawn to a place: laid out around the vehicle, then cleared for the camera."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from blender_scenes.surroundings.clearance import CLEARANCE_M, cleared, free_room, step_height
from blender_scenes.surroundings.layout import Layout, Site
from blender_scenes.surroundings.places_built import lay_parking, lay_street, lay_yard
from blender_scenes.surroundings.places_green import lay_country, lay_suburb
from pipeline.camera import Camera
from pipeline.seeds import stream_rng
from pipeline.surroundings_spec import SurroundingsDraw

LAYERS: Mapping[str, Callable[[Site], None]] = {
    "street": lay_street,
    "parking": lay_parking,
    "suburb": lay_suburb,
    "country": lay_country,
    "yard": lay_yard,
}
SKEW_DEG: Mapping[str, float] = {"street": 3.0, "parking": 2.0, "suburb": 3.0, "country": 12.0, "yard": 180.0}
"""Nobody parks quite straight; in a yard cars stand anyhow."""


def lay_out(draw: SurroundingsDraw, ground: str, box: NDArray[np.float64], camera: Camera) -> Layout:
    """The place around a vehicle in the box (2, 3), world frame, as seen by the camera; empty for "none"."""
    if draw.place == "none":
        return Layout()
    rng = stream_rng(draw.seed, 0, "surroundings.layout")
    heading = math.radians(float(rng.uniform(-1, 1)) * SKEW_DEG[draw.place])
    heading += math.pi * int(rng.integers(2))
    half = _half_extent(box, heading) + CLEARANCE_M + 0.05
    site = Site(
        rng=rng,
        density=draw.density,
        distance_m=draw.distance_m,
        half_length=float(half[0]),
        half_width=float(half[1]),
        step_m=step_height(box, camera),
        ground=ground,
    )
    LAYERS[draw.place](site)
    return cleared(site.done(heading), free_room(box, camera))


def _half_extent(box: NDArray[np.float64], heading: float) -> NDArray[np.float64]:
    """Half of the room (2,) that the vehicle takes along a frame turned by `heading`, about the origin."""
    corners = np.array([(x, y) for x in box[:, 0] for y in box[:, 1]])
    c, s = math.cos(heading), math.sin(heading)
    return np.abs(corners @ np.array([[c, -s], [s, c]])).max(axis=0)
