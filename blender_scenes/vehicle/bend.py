"""The straight skin bent into a car's: nose and tail bowed in plan and side view, lips round the wheel arches."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.params import CarParameters, smooth_polyline
from blender_scenes.vehicle.trim import Surface, T, split

LIP_M = 0.024
"""Width of the flat lip round a wheel arch."""


def ramp(x: NDArray, start: float, end: float) -> NDArray:
    """0 at start, 1 at end, straight between."""
    return np.clip((x - start) / (end - start), 0, 1)


def smoothstep(value: NDArray) -> NDArray:
    """0..1 with level ends."""
    return value * value * (3 - 2 * value)


def bend(car: CarParameters, flat: NDArray) -> NDArray:
    """Bow the ends: in plan, so that the middle of the car stands forward, and in side view, bumpers before bonnet."""
    x, y, z = flat.T
    aside = np.clip(np.abs(y) / (car.width / 2), 0, 1.1)
    cowl_end = max(car.front_x - 0.3, car.cowl_x + 0.02)
    front = car.plan_bow * np.interp(
        x, [0.0, max(car.header_x, 0.05), car.cowl_x, cowl_end, car.front_x], [0.0, 0.3, 0.45, 0.75, 1.0]
    )
    rear = (
        0.6
        * car.plan_bow
        * np.interp(-x, [0.0, -car.roof_end_x, -car.backlight_x + 0.01, -car.rear_x + 0.02], [0.0, 0.3, 0.8, 1.0])
    )
    lean = (0.085 - 0.045 * car.blunt) * (1 - 0.4 * car.nose_square)
    ledge = car.bumper_step + car.bumper_out
    nose = smooth_polyline(
        z,
        [
            (0.0, -0.20),
            (car.clearance + 0.03, -0.07),
            (car.clearance + 0.14, -0.012),
            (car.clearance + 0.24, 0.0),
            (car.clearance + 0.31, 0.0),
            (car.clearance + 0.335, -ledge),
            (max(car.nose_top - 0.20, car.clearance + 0.35), -0.2 * lean - ledge),
            (car.nose_top - 0.07, -0.6 * lean - ledge),
            (car.nose_top + 0.03, -lean - ledge),
            (car.nose_top + 0.60, -lean - ledge - 0.03),
        ],
        0.022,
    )
    step = car.clearance + 0.40
    tail = smooth_polyline(
        z,
        [
            (0.0, -0.2),
            (car.clearance + 0.10, -0.03),
            (car.clearance + 0.20, 0.0),
            (step - 0.06, 0.0),
            (step, -0.02),
            (step + 0.025, -0.055),
            (car.boot_height, -0.07),
            (car.height, -0.09) if car.box else (2.0, -0.3),
        ],
        0.03,
    )
    forward = smoothstep(ramp(x, car.axles[0] + 0.1, car.front_x))
    backward = smoothstep(ramp(-x, -car.axles[1] + 0.1, -car.rear_x))
    bent = flat.copy()
    bent[:, 0] = x - front * aside ** (2 + 1.5 * car.nose_square) + rear * aside**2 + nose * forward - tail * backward
    return bent


def _flare(car: CarParameters, vertices: NDArray, coordinates: NDArray) -> NDArray:
    """How far the side stands out round the wheels: a flat lip, a step, and a swelling that runs out into the side."""
    x, _, z = vertices.T
    side = np.clip((coordinates[:, T] - 1.6) / 0.6, 0, 1) * np.clip((5.2 - coordinates[:, T]) / 0.6, 0, 1)
    out = np.zeros(len(vertices))
    for axle in car.axles:
        beyond = np.hypot(x - axle, z - car.tyre_radius) - car.arch_radius
        lip = 1 - ramp(beyond, LIP_M + 0.001, LIP_M + 0.011)
        out += 0.005 * lip + car.flare * (1 - smoothstep(ramp(beyond, 0.0, 0.17)))
        out += car.arch_flare * (1 - smoothstep(ramp(beyond, 0.03, 0.19)))
    return out * side


def raise_arches(car: CarParameters, surface: Surface) -> Surface:
    """The skin with a row of vertices along both edges of each arch's lip, the lips raised, and normals."""
    for axle in car.axles:
        for radius in (car.arch_radius + LIP_M, car.arch_radius + LIP_M + 0.012):
            ring = np.hypot(surface.vertices[:, 0] - axle, surface.vertices[:, 2] - car.tyre_radius) - radius
            surface = split(surface, ring, surface.vertices[:, 1] > 0.7 * car.width / 2)
    raised = surface.vertices.copy()
    raised[:, 1] += _flare(car, raised, surface.coordinates)
    return replace(surface, vertices=raised, normals=smooth_normals(raised, surface.triangles))


def smooth_normals(vertices: NDArray, triangles: NDArray) -> NDArray[np.float64]:
    """Unit normals (V, 3), by area; those on the plane of symmetry lie in it."""
    a, b, c = vertices[triangles].transpose(1, 0, 2)
    face = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], face)
    normals[np.abs(vertices[:, 1]) < 1e-9, 1] = 0.0
    return normals / np.linalg.norm(normals, axis=1, keepdims=True).clip(1e-12)
