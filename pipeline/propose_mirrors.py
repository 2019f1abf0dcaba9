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
FURTHEST = 0.4
"""Of what stands out there, that which does so by this share of the furthest counts: not arches, handles, rails."""
FEWEST = 4
Places = NDArray[np.float64]


def protruding_mirrors(
    points: NDArray[np.float64], profile: VehicleProfile, expected: Mapping[str, Places]
) -> dict[str, Places | None]:
    """The middles of the housings, by keypoint; None where nothing stands out on either side: there are no mirrors.

    `points`: (N, 3) spread over the surface, centred frame.
    """
    found: dict[str, Places | None] = {}
    for name, sign in (("mirror_LEFT", 1.0), ("mirror_RIGHT", -1.0)):
        if name not in expected:
            continue
        side = points[points[:, 1] * sign > 0] * [1, sign, 1]
        excess = _excess(side, profile)
        reached = (np.abs(side[:, 0] - expected[name][0, 0]) < REACH * profile.length) & (excess > 0)
        near = side[reached & (excess > FURTHEST * excess[reached].max(initial=0.0))]
        if len(near) >= FEWEST:
            low, high = np.quantile(near, 0.02, axis=0), np.quantile(near, 0.98, axis=0)
            found[name] = ((low + high) / 2 * [1, sign, 1])[None]
        else:
            found[name] = None
    return found if len({value is None for value in found.values()}) == 1 else {}


def _excess(side: NDArray, profile: VehicleProfile) -> NDArray[np.float64]:
    """(N,) metres by which points are further out than the side is, at their height, along most of the doors."""
    edges = np.linspace(LOW, HIGH, SLICES + 1) * profile.height
    number = np.digitize(side[:, 2], edges) - 1
    between = (side[:, 0] < profile.front_axle) & (side[:, 0] > profile.rear_axle)
    columns = ((side[:, 0] / profile.length + 0.5) * 40).astype(int)
    excess = np.zeros(len(side))
    for slice_number in range(SLICES):
        mine = number == slice_number
        here = mine & between
        if here.any():
            widest = [side[here & (columns == column), 1].max() for column in np.unique(columns[here])]
            limit = float(np.median(widest)) + STANDS_OUT * profile.width
            excess[mine] = (side[mine, 1] - limit).clip(0)
    return excess
