"""Solids behind and beside the lamps' lenses: reflector bowls, projectors, fog lamps."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.bumper import fog_centre, fog_outline
from blender_scenes.vehicle.fascia import lamp_field, lamp_frame
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part
from blender_scenes.vehicle.shapes import Mesh, joined, mirrored, rotated, turned

FORWARD = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
"""Turns a solid's y axis forward."""
SEGMENTS = 20


def lamp_parts(car: CarParameters, skin: NDArray) -> list[Part]:
    """Two bowls or projectors in each head lamp, and the fog lamps."""
    bowls, lenses = [], []
    frame, field = lamp_frame(car), lamp_field(car)
    reach = frame.corner - frame.inner
    for share in (0.34, 0.74) if car.lamp_family != 2 else (0.30, 0.56, 0.82):
        y = frame.inner + share * reach
        heights = np.linspace(frame.low - 0.02, frame.high + 0.06, 40)
        line = np.stack([np.full(40, car.front_x - car.plan_bow * 0.6), np.full(40, y), heights], 1)
        inside = field(line, line)
        radius = min(0.82 * -float(inside.min()), 0.075)
        if radius < 0.018:
            continue
        z = float(heights[inside.argmin()])
        centre = np.array([_front_x(skin, y, z) - 0.012 - 0.45 * radius, y, z])
        bowls.append(rotated(turned(_bowl(radius), SEGMENTS), FORWARD, centre))
        lenses.append(rotated(turned(_ball(0.52 * radius), SEGMENTS), FORWARD, centre))
    if fog_outline(car, frame.corner):
        y, z = fog_centre(car, frame.corner)
        centre = np.array([_front_x(skin, y, z) - 0.024, y, z])
        bowls.append(rotated(turned(_bowl(0.038), SEGMENTS), FORWARD, centre))
        lenses.append(rotated(turned(_ball(0.030), SEGMENTS), FORWARD, centre))
    return [_pair("lamp_chrome", bowls), _pair("lamp_bulb", lenses)]


def _pair(material: str, solids: list[Mesh]) -> Part:
    left = joined(solids)
    vertices, triangles, normals = joined([left, mirrored(left)])
    return Part("body", material, vertices, triangles, normals)


def _front_x(skin: NDArray, y: float, z: float) -> float:
    """How far forward the skin reaches there: the mean of the nearest points, as seen from the front."""
    front = skin[skin[:, 0] > 0.8]
    distance = np.hypot(front[:, 1] - y, front[:, 2] - z)
    return float(front[np.argsort(distance, kind="stable")[:3], 0].mean())


def _bowl(radius: float) -> NDArray:
    """A ring with a hollow inside, as profile: radius and depth."""
    r = radius
    return np.array([[r, -0.05], [r, 0.0], [0.97 * r, 0.004], [0.88 * r, 0.002], [0.66 * r, -0.02], [0.40 * r, -0.035]])


def _ball(radius: float) -> NDArray:
    """A projector's lens: a flat dome."""
    angle = np.linspace(0, np.pi / 2, 5)
    dome = np.stack([radius * np.cos(angle), 0.45 * radius * np.sin(angle) - 0.01], 1)
    return np.concatenate([[[radius, -0.04]], dome])
