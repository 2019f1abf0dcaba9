"""What hangs below: exhaust pipes, a tow bar, mud flaps."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.accessories import BOTH_SIDES, HIDDEN, TWIN
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part
from blender_scenes.vehicle.shapes import Mesh, box, joined, mirrored, rotated, superellipsoid, turned
from blender_scenes.vehicle.sweep import round_outline, swept

PIPE_RADIUS, PIPE_LENGTH = 0.034, 0.20
FLAP_HIGH_M = 0.11
"""Height of a mud flap's lower edge over the ground."""
BACKWARDS = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
"""Turns y to -x."""


def underside_parts(car: CarParameters, skin: NDArray) -> list[Part]:
    """All of it."""
    parts = []
    if car.exhaust != HIDDEN:
        parts.append(Part("body", "chrome", *_exhaust(car, skin)))
    if car.tow_bar:
        parts.append(Part("body", "trim", *_tow_bar(car, skin)))
    if car.mud_flaps:
        flaps = _mud_flaps(car)
        parts.append(Part("body", "trim", *joined([flaps, mirrored(flaps)])))
    return parts


def _exhaust(car: CarParameters, skin: NDArray) -> Mesh:
    inner, outer = PIPE_RADIUS - 0.005, PIPE_RADIUS
    profile = [[0.001, -PIPE_LENGTH], [outer, -PIPE_LENGTH], [outer, 0.0], [inner, 0.0], [inner, -0.10], [0.001, -0.10]]
    pipe = turned(np.array(profile), 18)
    away = 0.30 * car.width
    places = {BOTH_SIDES: [-away, away], TWIN: [-away, -away + 2.3 * PIPE_RADIUS]}.get(car.exhaust, [-away])
    pipes = []
    for y in places:
        x, z = _lower_edge(car, skin, y)
        pipes.append(rotated(pipe, BACKWARDS, np.array([x - 0.02, y, z + 0.012])))
    return joined(pipes)


def _tow_bar(car: CarParameters, skin: NDArray) -> Mesh:
    x, z = _lower_edge(car, skin, 0.0)
    low = max(z + 0.01, 0.22)
    arm = np.array([[x + 0.16, 0.0, low], [x, 0.0, low], [x - 0.07, 0.0, low + 0.01], [x - 0.095, 0.0, low + 0.09]])
    ball = superellipsoid((x - 0.097, 0.0, low + 0.115), (0.025, 0.025, 0.025), 2.0, 9)
    return joined([swept(arm, round_outline(0.018)), ball])


def _mud_flaps(car: CarParameters) -> Mesh:
    outside = car.width / 2 - 0.02
    flaps = []
    for axle in car.axles:
        x = axle - car.arch_radius - 0.03
        low = np.array([x - 0.006, outside - car.tyre_width - 0.02, FLAP_HIGH_M])
        flaps.append(box(low, np.array([x + 0.006, outside, car.clearance + 0.09])))
    return joined(flaps)


def _lower_edge(car: CarParameters, skin: NDArray, y: float) -> tuple[float, float]:
    """x and z of the rear bumper's lower edge."""
    near = skin[(np.abs(np.abs(skin[:, 1]) - abs(y)) < 0.07) & (skin[:, 0] < car.rear_x + 0.25)]
    low = near[near[:, 2] < near[:, 2].min() + 0.05]
    return float(low[:, 0].min()), float(low[:, 2].min())
