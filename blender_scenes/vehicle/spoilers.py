"""At the tail's upper edge: lips, wings and roof spoilers, the high stop lamp, the rear wiper."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.accessories import DUCKTAIL, NO_SPOILER, WING
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part
from blender_scenes.vehicle.shapes import Mesh, box, joined, superellipsoid
from blender_scenes.vehicle.sweep import round_outline, swept
from blender_scenes.vehicle.tail import is_tall

LIP_OUTLINE = np.array([[0.055, -0.016], [0.030, 0.004], [-0.012, 0.026], [-0.030, 0.020], [-0.026, -0.018]])
DUCK_OUTLINE = np.array([[0.120, -0.016], [0.060, 0.012], [-0.030, 0.066], [-0.052, 0.060], [-0.030, -0.018]])
WING_OUTLINE = np.array([[0.10, 0.0], [0.04, 0.022], [-0.05, 0.030], [-0.10, 0.040], [-0.10, 0.030], [-0.02, -0.002]])
"""Sections: forward, up."""
WING_RISE = 0.13


def tail_edge_parts(car: CarParameters, skin: NDArray) -> list[Part]:
    """What the tail carries; pickups have their stop lamp over the rear window only."""
    if is_tall(car):
        return _upright_tail(car, skin)
    parts = [_stop_lamp(car, skin)]
    if car.spoiler != NO_SPOILER and not car.bed:
        parts += _boot_spoiler(car, skin)
    return parts


def _upright_tail(car: CarParameters, skin: NDArray) -> list[Part]:
    """A stop lamp under a spoiler, which vans lack, and a wiper on the glass."""
    roof = skin[(np.abs(skin[:, 1]) < 0.05) & (skin[:, 2] > car.height - 0.11) & (skin[:, 0] < 0)]
    x, _, z = roof[roof[:, 0].argmin()]  # where the roof ends: the tail's bow has moved it from roof_end_x
    half = 0.38 * car.width - car.tumblehome * (car.height - car.belt_height)
    parts = []
    if not car.box:
        spoiler = superellipsoid((x + 0.02, 0.0, z - 0.002), (car.spoiler_length, half, 0.030), 3.0, 10)
        parts.append(_part("paint", spoiler))
    reach = 0.06 if car.box else car.spoiler_length - 0.015
    lamp = box(np.array([x + 0.02 - reach, -0.13, z - 0.016]), np.array([x - 0.02, 0.13, z + 0.006]))
    parts.append(_part("lamp_rear", lamp))
    glass = skin[(np.abs(skin[:, 1]) < 0.25) & (skin[:, 0] < x - 0.05) & (skin[:, 2] > car.boot_height - 0.02)]
    foot = car.boot_height + 0.05
    ends = []
    for y, up in ((0.0, 0.0), (0.30, 0.045)):
        near = glass[np.argsort(np.abs(glass[:, 2] - foot - up), kind="stable")[:6]]
        ends.append(np.array([near[:, 0].min() - 0.012, y, foot + up]))
    return [*parts, _part("trim", swept(np.array(ends), round_outline(0.010, 6)))]


def _stop_lamp(car: CarParameters, skin: NDArray) -> Part:
    """A thin red strip where the roof meets the rear window."""
    near = skin[(np.abs(skin[:, 1]) < 0.12) & (skin[:, 2] > car.height - 0.14) & (skin[:, 0] < car.header_x - 0.3)]
    x, _, z = near[np.argmin(np.abs(near[:, 0] - (car.roof_end_x - 0.01)))]
    return _part("lamp_rear", superellipsoid((x - 0.005, 0.0, z - 0.002), (0.022, 0.10, 0.010), 4.0, 8))


def _boot_spoiler(car: CarParameters, skin: NDArray) -> list[Part]:
    half = car.width / 2 * (1 - car.tail_taper) - 0.16
    y = np.linspace(-half, half, 15)
    edge = np.array([_boot_edge(car, skin, abs(place)) for place in y])
    smooth = [np.polyval(np.polyfit(y**2, values, 2), y**2) for values in edge.T]
    line = np.stack([smooth[0], y, smooth[1]], 1)
    ends = np.minimum(1.0, 0.35 + 6 * (half - np.abs(y)) / half)
    if car.spoiler != WING:
        outline = DUCK_OUTLINE if car.spoiler == DUCKTAIL else LIP_OUTLINE
        return [_part("paint", swept(line, outline, ends))]
    blade = line + [0.06, 0.0, WING_RISE]
    blade[:, 2] = blade[:, 2].max()
    blade[:, 0] = blade[:, 0].mean()
    posts = []
    for side in (-1.0, 1.0):
        place = side * 0.55 * half
        _, z = _boot_edge(car, skin, abs(place))
        top = float(blade[0, 2])
        middle, tall = (z + top) / 2, (top - z) / 2 + 0.015
        posts.append(superellipsoid((float(blade[0, 0]), place, middle), (0.055, 0.012, tall), 4.0, 8))
    return [
        _part("gloss_black" if car.grille_bars == 1 else "paint", swept(blade, WING_OUTLINE)),
        _part("gloss_black", joined(posts)),
    ]


def _boot_edge(car: CarParameters, skin: NDArray, y: float) -> tuple[float, float]:
    """x and z of the boot lid's rear edge: the last place where the deck is nearly as high as it is anywhere."""
    behind = skin[(np.abs(np.abs(skin[:, 1]) - y) < 0.05) & (skin[:, 0] < car.rear_x + 0.42)]
    deck = behind[behind[:, 2] < car.boot_height + 0.10]
    high = deck[deck[:, 2] > deck[:, 2].max() - 0.035]
    last = high[high[:, 0].argmin()]
    return float(last[0]) + 0.012, float(last[2])


def _part(material: str, mesh: Mesh) -> Part:
    return Part("body", material, *mesh)
