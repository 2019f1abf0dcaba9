"""Two roof lines laid over one another: which place along one vehicle is which place along the other.

Dynamic time warping (Sakoe and Chiba 1978) of height and slope, after the axles have been laid over one another.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.vehicle_profile import COLUMNS, VehicleProfile

SLOPE_WEIGHT, PLACE_WEIGHT, STEP_COST = 0.15, 1.5, 0.002


@dataclass(frozen=True)
class ProfileMatch:
    """Pairs of places x along the two vehicles, metres, both rising; and how unlike the two are."""

    reference_x: NDArray[np.float64]
    model_x: NDArray[np.float64]
    cost: float


def rough_x(reference: VehicleProfile, model: VehicleProfile, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places along the reference carried to the model such that ends and axles meet."""
    return np.asarray(np.interp(x, _anchors(reference), _anchors(model)))


def match_profiles(reference: VehicleProfile, model: VehicleProfile) -> ProfileMatch:
    """Lay the reference's roof line over the model's."""
    ours, theirs = _places(model), rough_x(reference, model, _places(reference))
    mine, other = model.roof_line / model.height, reference.roof_line / reference.height
    slope_mine, slope_other = np.gradient(mine) * COLUMNS, np.gradient(other) * COLUMNS
    cost = (
        (other[:, None] - mine[None]) ** 2
        + SLOPE_WEIGHT * (np.tanh(slope_other / 4)[:, None] - np.tanh(slope_mine / 4)[None]) ** 2
        + PLACE_WEIGHT * ((theirs[:, None] - ours[None]) / model.length) ** 2
    )
    path = _cheapest_path(cost)
    rows, columns = path[:, 0], path[:, 1]
    return ProfileMatch(_places(reference)[rows], ours[columns], float(cost[rows, columns].mean()))


def matched_x(match: ProfileMatch, x: float) -> float:
    """A place along the reference carried to the model."""
    used, first = np.unique(match.reference_x, return_inverse=True)
    mean = np.bincount(first, match.model_x) / np.bincount(first)
    return float(np.interp(x, used, mean))


def _anchors(profile: VehicleProfile) -> NDArray[np.float64]:
    return np.array([-profile.length / 2, profile.rear_axle, profile.front_axle, profile.length / 2])


def _places(profile: VehicleProfile) -> NDArray[np.float64]:
    return np.asarray(((np.arange(COLUMNS) + 0.5) / COLUMNS - 0.5) * profile.length)


def _cheapest_path(cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """(P, 2) steps from the first corner of a cost table (N, N) to the last, one row and/or one column at a time."""
    rows, columns = cost.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(rows):
        above = np.minimum(total[i, 1:] + STEP_COST, total[i, :-1])
        running = np.inf
        line = total[i + 1]
        for j in range(columns):
            running = min(float(above[j]), running + STEP_COST) + float(cost[i, j])
            line[j + 1] = running
    steps = []
    i, j = rows, columns
    while i and j:
        steps.append((i - 1, j - 1))
        back = (total[i - 1, j - 1], total[i - 1, j] + STEP_COST, total[i, j - 1] + STEP_COST)
        best = int(np.argmin(back))
        i, j = i - (best != 2), j - (best != 1)
    return np.array(steps[::-1])
