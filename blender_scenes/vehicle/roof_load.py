"""On the roof: rails along its edges, bars across them, and a box on those."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.accessories import BOX, FLUSH, NO_LOAD, NO_RAILS, RAISED
from blender_scenes.vehicle.loft import lofted, oval, tube
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part, part
from blender_scenes.vehicle.probe import Line, along_at, down_on
from blender_scenes.vehicle.shapes import Mesh, joined, mirrored
from blender_scenes.vehicle.trim import Surface

RAIL_T = 6.22
"""Where along the roof's section the rails stand: a hand's breadth inside its edge."""
RAIL_UP_M = 0.048
SUNK_M = 0.012
BAR_UP_M = 0.055
"""From the middle of the roof to the middle of a bar."""
BOX_UP_M = 0.006
BOX_HALF_M, BOX_OVER_EDGE_M = 0.31, 0.05
BEHIND_SCREEN_M = 0.10
HIGH_ROOF_RISE_M = 0.42
"""How far behind the windscreen a roof that is higher than it has reached its height."""


def roof_load_parts(car: CarParameters, surface: Surface) -> list[Part]:
    """Rails, bars and box, as far as the car has them."""
    edge = along_at(surface, RAIL_T)
    parts = []
    if car.roof_rails != NO_RAILS:
        rail = _flush_rail(car, edge) if car.roof_rails == FLUSH else _raised_rail(car, edge)
        parts.append(part("body", "chrome" if car.handle_chrome else "trim", joined([rail, mirrored(rail)])))
    if car.roof_load != NO_LOAD:
        places = bar_places(car)
        heights = [float(down_on(surface, x, 0.0)[2]) + BAR_UP_M for x in places]
        parts += [_bars(car, edge, places, heights)]
        if car.roof_load == BOX:
            parts += [_roof_box(places, heights, _beside(edge, places))]
    return parts


def roof_span(car: CarParameters) -> tuple[float, float]:
    """x from where the roof is at its height behind the windscreen, and to its rear end."""
    high = car.screen_top < car.height - 0.1
    return car.header_x - (HIGH_ROOF_RISE_M if high else BEHIND_SCREEN_M), car.roof_end_x + 0.12


def bar_places(car: CarParameters) -> list[float]:
    """x of the bars: two, and on long roofs three."""
    front, rear = roof_span(car)
    inset = 0.10 if front - rear > 0.8 else 0.02
    reach = min(0.5 * (front - rear) - inset, 1.1 if car.box else 0.42)
    middle = (front + rear) / 2
    return [middle + reach, middle, middle - reach] if reach > 0.8 else [middle + reach, middle - reach]


def _raised_rail(car: CarParameters, edge: Line) -> Mesh:
    """A rail on feet, which comes down to the roof at both ends."""
    front, rear = roof_span(car)
    x = np.linspace(front, rear, 19)
    path = edge.at(x)
    from_end = np.minimum(front - x, x - rear)
    path[:, 2] += RAIL_UP_M * np.sqrt(np.clip(from_end / 0.13, 0, 1)) - SUNK_M
    rail = tube(path, oval(12, 0.016, 0.012, 2.6))
    feet = []
    for place in np.linspace(front - 0.2, rear + 0.2, 3)[1:2]:
        foot = edge.at(np.array([place]))[0]
        feet.append(_block(foot - [0, 0, SUNK_M], foot + [0, 0, RAIL_UP_M - SUNK_M], 0.06, 0.011))
    return joined([rail, *feet])


def _flush_rail(car: CarParameters, edge: Line) -> Mesh:
    """A strip that lies on the roof."""
    front, rear = roof_span(car)
    x = np.linspace(front, rear, 19)
    taper = np.sqrt(np.clip(np.minimum(front - x, x - rear) / 0.10, 0.06, 1))
    return tube(edge.at(x) + [0, 0, 0.004], oval(12, 0.017, 0.016, 2.4), taper)


def _bars(car: CarParameters, edge: Line, places: list[float], heights: list[float]) -> Part:
    """Bars of a wing's section, each on a foot at either end."""
    meshes = []
    for x, z in zip(places, heights, strict=True):
        foot = edge.at(np.array([x]))[0]
        over = 0.06 if car.roof_rails == RAISED else 0.015
        y = np.array([-foot[1] - over, foot[1] + over])
        bar = tube(np.stack([np.full(2, x), y, np.full(2, z)], axis=1), oval(14, 0.036, 0.012, 2.3))
        leg = _block(foot - [0, 0, SUNK_M], np.array([x, foot[1] - 0.012, z]), 0.045, 0.024)
        meshes += [bar, leg, mirrored(leg)]
    return part("body", "silver" if car.handle_chrome else "trim", joined(meshes))


def _block(low: NDArray, high: NDArray, half_x: float, half_y: float) -> Mesh:
    """A rounded post that tapers from `low` up to `high`."""
    rings = []
    for share, size in ((0.0, 1.0), (0.6, 0.85), (1.0, 0.7)):
        flat = oval(16, half_x * size, half_y * (0.6 + 0.4 * size), 4.0)
        rings.append(np.concatenate([flat, np.zeros((16, 1))], axis=1) + low + share * (high - low))
    return lofted(np.array(rings))


def _beside(edge: Line, places: list[float]) -> float:
    """y of a box's middle: to the right, as boxes often are, so that the roof's own middle stays in sight."""
    return BOX_HALF_M - BOX_OVER_EDGE_M - float(edge.at(np.array(places))[:, 1].min())


def _roof_box(places: list[float], heights: list[float], y: float) -> Part:
    """A box for skis: wedged at its nose, its lid's edge standing out."""
    rear, front = min(places) - 0.34, max(places) + 0.42
    low, half, tall = max(heights) + BOX_UP_M, BOX_HALF_M, 0.36
    along = np.array([0.0, 0.015, 0.05, 0.14, 0.5, 0.72, 0.86, 0.95, 0.985, 1.0])
    wide = np.array([0.55, 0.76, 0.90, 0.985, 1.0, 0.97, 0.87, 0.70, 0.52, 0.30])
    top = np.array([0.45, 0.70, 0.86, 0.97, 1.0, 0.93, 0.76, 0.54, 0.40, 0.25])
    slope = (heights[0] - heights[-1]) / (places[0] - places[-1])
    rings = []
    for share, w, t in zip(along, wide, top, strict=True):
        x = rear + share * (front - rear)
        floor = low + slope * (x - (places[0] + places[-1]) / 2) * 0.6
        ring = oval(36, half * w, tall / 2 * t, 4.2)
        ring[:, 1] = ring[:, 1] + tall / 2 * t + 0.05 * (1 - t) * tall
        lip = 1 + 0.03 * np.exp(-(((ring[:, 1] - 0.30 * tall) / 0.022) ** 2))
        rings.append(np.stack([np.full(36, x), y + ring[:, 0] * lip, floor + ring[:, 1] - 0.012], axis=1))
    return part("body", "gloss_black", lofted(np.array(rings)))
