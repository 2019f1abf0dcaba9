"""A vehicle's shape in a few numbers that need no labels: its sides, its roof line and where its wheels stand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COLUMNS = 160
MIDDLE = 0.12
"""Half-width of the strip along the middle whose highest points are the roof line, as a share of the width."""
SOLE, CHORD = 0.03, 0.09
"""Shares of the height: under the first only tyres reach; at the second a tyre's chord tells its radius."""
RADIUS = (0.17, 0.32)
"""Least and greatest radius of a wheel as a share of the height: a van's, an off-roader's."""
USUAL_RADIUS = 0.225


@dataclass(frozen=True)
class VehicleProfile:
    """Metres, vehicle frame but for the origin, which is under the middle of the bounding box.

    Attributes:
        length, width, height: width without mirrors.
        front_axle, rear_axle: x of the wheels' centres.
        radius: of the wheels.
        roof_line: (COLUMNS,) height of the middle of the vehicle in equal steps from tail to nose.
    """

    length: float
    width: float
    height: float
    front_axle: float
    rear_axle: float
    radius: float
    roof_line: NDArray[np.float64]


def measure_profile(points: NDArray[np.float64]) -> VehicleProfile:
    """The profile of a surface given by points (N, 3) spread over it; x forward, y left, z up, centred, ground at 0."""
    length, height = float(np.ptp(points[:, 0])), float(points[:, 2].max())
    body = points[(points[:, 2] > 0.25 * height) & (points[:, 2] < 0.5 * height)]
    width = 2 * float(np.quantile(np.abs(body[:, 1]), 0.995)) if len(body) else float(np.ptp(points[:, 1]))
    front, rear = (_axle(points, width, height, sign * length) for sign in (1, -1))
    radius = np.median([_radius(points, width, height, x) for x in (front, rear)])
    return VehicleProfile(length, width, height, front, rear, float(radius), _roof_line(points, length, width))


def _axle(points: NDArray, width: float, height: float, end: float) -> float:
    """x of the wheels in one half; `end` is the length, signed."""
    half = (points[:, 0] * end > 0) & (np.abs(points[:, 1]) > 0.25 * width)
    for share in (SOLE, 2 * SOLE, 4 * SOLE):
        soles = points[half & (points[:, 2] < share * height), 0]
        if len(soles) > 3:
            return float((np.quantile(soles, 0.02) + np.quantile(soles, 0.98)) / 2)
    return 0.29 * end


def _radius(points: NDArray, width: float, height: float, axle: float) -> float:
    """From the chord of a tyre a little over the ground."""
    rise = CHORD * height
    near = (np.abs(points[:, 0] - axle) < 0.3 * height) & (np.abs(points[:, 1]) > 0.25 * width)
    low = points[near & (points[:, 2] < rise), 0]
    if len(low) < 4:
        return USUAL_RADIUS * height
    chord = (np.quantile(low, 0.99) - np.quantile(low, 0.01)) / 2
    return float(np.clip((chord**2 + rise**2) / (2 * rise), RADIUS[0] * height, RADIUS[1] * height))


def _roof_line(points: NDArray, length: float, width: float) -> NDArray[np.float64]:
    middle = points[np.abs(points[:, 1]) < MIDDLE * width]
    column = ((middle[:, 0] / length + 0.5) * COLUMNS).astype(int).clip(0, COLUMNS - 1)
    top = np.full(COLUMNS, -np.inf)
    np.maximum.at(top, column, middle[:, 2])
    known = np.isfinite(top)
    places = np.arange(COLUMNS)
    return np.asarray(np.interp(places, places[known], top[known])) if known.any() else np.zeros(COLUMNS)
