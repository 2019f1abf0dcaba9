"""Numbers of images that may differ between photos and renders: scale, truncation, brightness, colour, blur."""

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import Image, read_image
from pipeline.seeds import stream_rng
from pipeline.sensor import decode_light, encode_light
from pipeline.sensor_light import blur_kernel
from retrieval.differences import LEVELS, difference
from retrieval.pixel_measures import LUMA, MEASURES, as_seen, blur
from retrieval.shift_images import Pictures
from retrieval.shift_measure import Measured
from retrieval.shift_parts import CurveRecord, EstimatesRecord, PropertyRecord

RADII_PX = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Of the discs that renders are blurred with to learn what a blur measure means."""
BLURRED = 40
"""Renders that are."""
VIEWED = (
    ("fill", "size of the whole vehicle", "share of the image"),
    ("elevation_deg", "height of the camera", "degrees"),
)
"""Read from keypoints: name, label, unit."""


def compare_properties(
    held: tuple[Pictures, Measured], real: tuple[Pictures, Measured], views: tuple[EstimatesRecord, EstimatesRecord]
) -> tuple[PropertyRecord, ...]:
    """A record of each number; `views` are those of the renders and the photos."""
    sides = held, real
    found = [_record("box_size", "size of the found box", "share of the image", *_measured(sides, "box_size"))]
    cut = _measured(sides, "truncated")
    found.append(_record("truncated", "cut off by the image's border", "share of images", *cut, statistic="mean"))
    for name, label, unit in VIEWED:
        if all(one.names for one in views):
            known = [{one.name: one.group for one in pictures.pictures} for pictures, _ in sides]
            values = [np.array(getattr(one, name)) for one in views]
            groups = [np.array([of.get(n, n) for n in one.names]) for one, of in zip(views, known, strict=True)]
            found.append(_record(name, label, unit, values, groups))
    return (*found, *(_record(one.name, one.label, one.unit, *_measured(sides, one.name)) for one in MEASURES))


def blur_curve(pictures: Pictures, measured: Measured, size: int) -> CurveRecord:
    """What a known blur does to the measure on renders: so that a measured one can be told as a radius in pixels."""
    usable = np.flatnonzero(measured.found)
    chosen = np.sort(stream_rng(0, 0, "shift.blur").permutation(usable)[:BLURRED])
    rows = []
    for number in chosen:
        image = read_image(pictures.pictures[number].path)
        box = measured.detections[number][0].bbox
        rows.append([_blur_of(disc_blurred(image, radius), box, size) for radius in RADII_PX])
    middle = np.median(np.array(rows), axis=0)
    return CurveRecord(n=len(rows), radius_px=RADII_PX, blur=tuple(map(float, np.maximum.accumulate(middle))))


def disc_blurred(image: Image, radius: float) -> Image:
    """An image out of focus, as `sensor.blur_px` of a spec would have it."""
    kernel = blur_kernel(radius, 0.0, 0.0)
    light = decode_light(image, np.ones(3, dtype=np.float32))
    return encode_light(cv2.filter2D(light, -1, kernel, borderType=cv2.BORDER_REFLECT_101))


def _blur_of(image: Image, box: NDArray, size: int) -> float:
    return blur(as_seen(image, box, size).astype(np.float32) @ LUMA / 255)


Sides = tuple[list[NDArray], list[NDArray]]
"""Values of renders and photos, and the vehicle of each."""


def _measured(sides: tuple[tuple[Pictures, Measured], tuple[Pictures, Measured]], name: str) -> Sides:
    values, groups = [], []
    for pictures, measured in sides:
        every = measured.pixels[name] if name in measured.pixels else getattr(measured, name)
        values.append(every[measured.found])
        groups.append(pictures.groups[measured.found])
    return values, groups


def _record(
    name: str,
    label: str,
    unit: str,
    values: Sequence[NDArray],
    groups: Sequence[NDArray],
    statistic: Literal["median", "mean"] = "median",
) -> PropertyRecord:
    of = np.median if statistic == "median" else np.mean
    found = difference(values[0], values[1], groups[0], groups[1], of)
    return PropertyRecord(
        name=name,
        label=label,
        unit=unit,
        statistic=statistic,
        n_synthetic=found.n[0],
        n_real=found.n[1],
        levels=LEVELS,
        synthetic=found.synthetic,
        real=found.real,
        synthetic_value=found.values[0],
        real_value=found.values[1],
        shift=found.shift,
        interval=found.interval,
        superiority=found.superiority,
        p_value=found.p_value,
    )
