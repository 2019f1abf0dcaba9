"""Where other vehicles stand around the target: next to each other, never in each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.traffic_spec import Slot, TrafficDraw

AWAY: dict[Slot, tuple[int, float]] = {"ahead": (0, 1.0), "behind": (0, -1.0), "left": (1, 1.0), "right": (1, -1.0)}
"""Slot to the axis (x or y) along which vehicles follow each other, and its sense."""


@dataclass(frozen=True)
class Footprint:
    """A vehicle's box seen from above, in its own frame: low and high corner, (2,) metres each."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def turned(self, turn_rad: float) -> "Footprint":
        """The box around it when it is turned about its origin, counterclockwise."""
        cos, sin = np.cos(turn_rad), np.sin(turn_rad)
        corners = np.array([[x, y] for x in (self.low[0], self.high[0]) for y in (self.low[1], self.high[1])])
        placed = corners @ np.array([[cos, sin], [-sin, cos]])
        return Footprint(placed.min(axis=0), placed.max(axis=0))


def footprint_of(vertices: NDArray[np.float64]) -> Footprint:
    """Of a mesh (V, 3) in the vehicle frame."""
    return Footprint(vertices[:, :2].min(axis=0), vertices[:, :2].max(axis=0))


def place_traffic(target: Footprint, others: Sequence[tuple[TrafficDraw, Footprint]]) -> list[NDArray[np.float64]]:
    """world_from_vehicle (4, 4) of each; the target stands at the origin, along +x.

    On each side the first stands `gap_m` from the target, the next as far from the one before it.
    """
    taken: list[Footprint] = [target]
    poses = []
    for draw, own in others:
        turn = np.radians(draw.turn_deg)
        box = own.turned(turn)
        axis, sign = AWAY[draw.slot]
        across = 1 - axis
        shift = np.zeros(2)
        middle = (target.low + target.high) / 2
        shift[across] = middle[across] + draw.offset_m - (box.low[across] + box.high[across]) / 2
        low, high = box.low[across] + shift[across], box.high[across] + shift[across]
        in_the_way = [b for b in taken if b.low[across] < high + draw.gap_m and b.high[across] > low - draw.gap_m]
        if sign > 0:
            edge = max([b.high[axis] for b in in_the_way], default=0.0)
            shift[axis] = edge + draw.gap_m - box.low[axis]
        else:
            edge = min([b.low[axis] for b in in_the_way], default=0.0)
            shift[axis] = edge - draw.gap_m - box.high[axis]
        taken.append(Footprint(box.low + shift, box.high + shift))
        pose = np.eye(4)
        pose[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
        pose[:2, 3] = shift
        poses.append(pose)
    return poses
