"""What stands on the roof: rails, cross bars, a roof box, an antenna."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.accessories import BOX, FIN, FLUSH, NO_ANTENNA, NO_LOAD, NO_RAILS, WHIP_FRONT
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part
from blender_scenes.vehicle.shapes import Mesh, joined, mirrored, superellipsoid
from blender_scenes.vehicle.sweep import round_outline, swept

BAR = np.array([[0.022, -0.010], [0.028, 0.0], [0.022, 0.010], [-0.022, 0.010], [-0.028, 0.0], [-0.022, -0.010]])
"""Section of a cross bar, wide and flat."""
BAR_RISE = {NO_RAILS: 0.075, FLUSH: 0.075}
"""Height of a cross bar over the roof's edge where no raised rail carries it."""
BOX_WIDTH, BOX_HEIGHT, BOX_LENGTH = 0.58, 0.32, 1.9


def roof_parts(car: CarParameters, skin: NDArray) -> list[Part]:
    """All of it."""
    parts = []
    if car.roof_rails != NO_RAILS:
        rail = _rail(car, skin)
        material = "chrome" if car.handle_chrome else "trim"
        parts.append(_part(material, joined([rail, mirrored(rail)])))
    if car.roof_load != NO_LOAD and not car.bed and not car.box:
        parts += _load(car, skin)
    if car.antenna != NO_ANTENNA:
        parts.append(_antenna(car, skin))
    return parts


def _edge(car: CarParameters) -> float:
    """y of the rails."""
    return car.width / 2 * 0.965 - 0.105 - car.tumblehome * (car.height - 0.09 - car.belt_height)


def _rail(car: CarParameters, skin: NDArray) -> Mesh:
    x = np.linspace(car.header_x - 0.15, car.roof_end_x + 0.12, 14)
    y = _edge(car)
    lift = 0.006 if car.roof_rails == FLUSH else 0.036
    z = np.array([roof_z(skin, place, y) + lift for place in x])
    z[[0, -1]] -= lift + 0.012
    section = round_outline(0.016 if car.roof_rails == FLUSH else 0.017)
    return swept(np.stack([x, np.full_like(x, y), z], 1), section)


def _load(car: CarParameters, skin: NDArray) -> list[Part]:
    y = _edge(car)
    places = np.array([car.header_x - 0.32, max(car.roof_end_x + 0.30, car.header_x - 1.35)])
    rise = BAR_RISE.get(car.roof_rails, 0.060)
    bars, tops = [], []
    for x in places:
        top = roof_z(skin, x, y) + rise
        across = np.array([[x, -y - 0.03, top], [x, 0.0, top + 0.008], [x, y + 0.03, top]])
        bars.append(swept(across, BAR))
        for side in (-1.0, 1.0):
            foot = roof_z(skin, x, y) - 0.012
            middle, half = (foot + top) / 2, (top - foot) / 2 + 0.004
            bars.append(superellipsoid((x, side * y, middle), (0.034, 0.022, half), 4.0, 8))
        tops.append(top)
    parts = [_part("silver" if car.window_chrome else "trim", joined(bars))]
    if car.roof_load == BOX:
        level = float(np.mean(tops))
        length = min(BOX_LENGTH, car.header_x - car.roof_end_x + 0.75)
        middle = float(places.mean()) - 0.04
        shell = superellipsoid((0.0, 0.0, 0.0), (length / 2, BOX_WIDTH / 2, BOX_HEIGHT / 2), 4.0, 18)
        nose = 1 - 0.38 * (shell[0][:, 0] / length * 2).clip(0) ** 2  # lower towards the front
        shell[0][:, 2] = (shell[0][:, 2] + BOX_HEIGHT / 2) * nose
        # beside the middle, as boxes often are: the roof's own middle stays in sight
        box = shell[0] + [middle, -y + BOX_WIDTH / 2 - 0.05, level - 0.004]
        parts.append(_part("gloss_black", (box, shell[1], shell[2])))
    return parts


def _antenna(car: CarParameters, skin: NDArray) -> Part:
    if car.antenna == FIN:
        x = car.roof_end_x + 0.20
        return _part("paint", _fin((x, 0.0, roof_z(skin, x, 0.0))))
    x = car.header_x - 0.10 if car.antenna == WHIP_FRONT else car.roof_end_x + 0.14
    z = roof_z(skin, x, 0.0)
    foot = superellipsoid((x, 0.0, z + 0.004), (0.030, 0.016, 0.014), 2.4, 7)
    length = 0.42 if car.antenna == WHIP_FRONT else 0.26
    way = np.array([-0.72, 0.0, 0.69])
    steps = np.linspace(0.0, length, 6)[:, None]
    wire = swept([x, 0.0, z + 0.008] + steps * way, round_outline(0.0045, 6), np.linspace(1.0, 0.55, 6))
    return _part("trim", joined([foot, wire]))


def _fin(foot: tuple[float, float, float]) -> Mesh:
    """A shark fin: leaning back, narrow at its upper edge."""
    length, width, height = 0.095, 0.030, 0.068
    shell = superellipsoid((0.0, 0.0, 0.0), (length, width, height), 2.3, 14)
    v = shell[0]
    v[:, 2] = v[:, 2].clip(-0.012)
    up = (v[:, 2] / height).clip(0)
    v[:, 0] = v[:, 0] * (1 - 0.45 * up) - 0.085 * up
    v[:, 1] *= 1 - 0.72 * up
    return v + np.array(foot), shell[1], shell[2]


def roof_z(skin: NDArray, x: float, y: float) -> float:
    """Height of the roof there: the mean of the nearest points, as seen from above."""
    roof = skin[skin[:, 2] > 1.15]
    return float(roof[np.argsort(np.hypot(roof[:, 0] - x, roof[:, 1] - y), kind="stable")[:4], 2].mean())


def _part(material: str, mesh: Mesh) -> Part:
    return Part("body", material, *mesh)
