"""Door mirrors found as what stands out of a vehicle's sides at the height of its windows."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pipeline.vehicle_profile import VehicleProfile

SLICES = 14
LOW, HIGH = 0.5, 0.9
"""Where mirrors are looked for, as shares of the height."""
REACH, STANDS_OUT = 0.12, 0.015
"""How far from where they are expected, as a share of the length; how far out of the side, of the width."""
FEWEST = 6
Places = NDArray[np.float64]


def protruding_mirrors(
    points: NDArray[np.float64], profile: VehicleProfile, expected: Mapping[str, Places]
) -> dict[str, Places]:
    """The middles of the housings, by keypoint; empty where nothing stands out on both sides.

    `points`: (N, 3) spread over the surface, centred frame.
    """
    found = {}
    for name, sign in (("mirror_LEFT", 1.0), ("mirror_RIGHT", -1.0)):
        if name not in expected:
            continue
        side = points[points[:, 1] * sign > 0] * [1, sign, 1]
        out = side[_standing_out(side, profile)]
        near = out[np.abs(out[:, 0] - expected[name][0, 0]) < REACH * profile.length]
        if len(near) >= FEWEST:
            low, high = np.quantile(near, 0.02, axis=0), np.quantile(near, 0.98, axis=0)
            found[name] = ((low + high) / 2 * [1, sign, 1])[None]
    return found if len(found) == 2 else {}


def _standing_out(side: NDArray, profile: VehicleProfile) -> NDArray[np.bool_]:
    """Points further out than the side is, at their height, along most of the doors."""
    edges = np.linspace(LOW, HIGH, SLICES + 1) * profile.height
    number = np.digitize(side[:, 2], edges) - 1
    between = (side[:, 0] < profile.front_axle) & (side[:, 0] > profile.rear_axle)
    columns = ((side[:, 0] / profile.length + 0.5) * 40).astype(int)
    out = np.zeros(len(side), dtype=bool)
    for slice_number in range(SLICES):
        here = (number == slice_number) & between
        if here.any():
            widest = [side[here & (columns == column), 1].max() for column in np.unique(columns[here])]
            limit = float(np.median(widest)) + STANDS_OUT * profile.width
            out |= (number == slice_number) & (side[:, 1] > limit)
    return out
