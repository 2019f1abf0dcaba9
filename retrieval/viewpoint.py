"""Viewpoints: what a dataset says of them, and how far apart two are."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.coco import ImageRecord, Instance
from retrieval.overlap import pairs

UNKNOWN = (float("nan"), float("nan"))
VIEWS = ("F", "FL", "L", "BL", "B", "BR", "R", "FR")
"""Eighths of the circle, by the azimuth of their middle from 0 in steps of 45 degrees."""


def viewpoint(extra: Mapping[str, Any]) -> tuple[float, float]:
    """Azimuth and elevation in degrees that a dataset gives of an image; NaN where it does not."""
    angles = extra.get("azimuth_deg"), extra.get("elevation_deg")
    if all(isinstance(angle, (int, float)) and np.isfinite(angle) for angle in angles):
        return float(angles[0]), float(angles[1])  # type: ignore[arg-type]
    return UNKNOWN


def viewpoint_of(record: ImageRecord, instance: Instance) -> tuple[float, float]:
    """Of one labelled instance: the image's, where it is alone; of several each has its own azimuth, by its pose."""
    azimuth, elevation = viewpoint(record.extra)
    if len(record.instances) == 1:
        return azimuth, elevation
    return UNKNOWN if instance.azimuth_deg is None else (instance.azimuth_deg, elevation)


def viewpoints_of(record: ImageRecord | None, boxes: Sequence[NDArray]) -> list[tuple[float, float]]:
    """Of boxes (4,) detected in an image: as `viewpoint_of` the instance that each lies on; UNKNOWN where on none.

    An image without labels may say a viewpoint of itself; it is that of all.
    """
    if record is None:
        return [UNKNOWN] * len(boxes)
    if len(record.instances) < 2:
        return [viewpoint(record.extra)] * len(boxes)
    found = dict(pairs(np.array(boxes), [instance.bbox for instance in record.instances]))
    return [
        viewpoint_of(record, record.instances[found[number]]) if number in found else UNKNOWN
        for number in range(len(boxes))
    ]


MIDDLE_SIDE = {"FBL": "L", "FBR": "R", "FLR": "F", "BLR": "B"}
"""Of three sides the one between the two others."""


def named_view(azimuth_deg: float) -> str:
    """The one of VIEWS that an azimuth lies in."""
    return VIEWS[round(azimuth_deg / 45) % 8]


def off_middle_deg(azimuth_deg: float, view: str) -> float:
    """How far an azimuth lies from the middle of one of VIEWS, 0..180 degrees."""
    return abs((azimuth_deg - 45.0 * VIEWS.index(view) + 180.0) % 360.0 - 180.0)


def shows_sides(azimuth_deg: float, sides: str) -> bool:
    """Whether a vehicle seen from an azimuth shows the sides that a name says, as a person names them.

    One side: within 22.5 degrees of square-on. Two: anywhere between square-on to one and to the other, however little
    is seen of one of them. Three ("FBL": a side with both ends): about the middle one. Any other name: never.
    """
    name = MIDDLE_SIDE.get(sides, sides)
    if name not in VIEWS:
        return False
    return off_middle_deg(azimuth_deg, name) <= (22.5 if len(name) == 1 else 45.0)


def view_rotation(azimuth_deg: ArrayLike, elevation_deg: ArrayLike) -> NDArray[np.float64]:
    """Rotations (..., 3, 3) from the frame of the line of sight to the vehicle's, angles (...,) in degrees.

    Columns: towards the camera, to the camera's right as it looks at the vehicle, up in its image.
    """
    azimuth, elevation = np.radians(np.asarray(azimuth_deg, float)), np.radians(np.asarray(elevation_deg, float))
    ca, sa, ce, se = np.cos(azimuth), np.sin(azimuth), np.cos(elevation), np.sin(elevation)
    towards = np.stack([ce * ca, ce * sa, se], axis=-1)
    right = np.stack([-sa, ca, np.zeros_like(ca)], axis=-1)
    up = np.stack([-se * ca, -se * sa, ce], axis=-1)
    return np.stack([towards, right, up], axis=-1)


def geodesic_deg(first: NDArray, second: NDArray) -> NDArray[np.float64]:
    """The angle of the rotation between two rotations (..., 3, 3), (...,) degrees, 0..180."""
    cosine = ((first * second).sum(axis=(-2, -1)) - 1) / 2
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
