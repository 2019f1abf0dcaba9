"""Wheels: tyre, rim, brake and hub; what fills the rim is in rims.py."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part
from blender_scenes.vehicle.rims import rim_face
from blender_scenes.vehicle.shapes import Mesh, box, joined, rotated, turned

DISH_M = (0.015, 0.010, 0.020, 0.012, 0.028)
"""How far spokes fall back at the hub."""
AXLE_M = 0.13
"""How far the hub carrier reaches in beyond the tyre, to the wall of the well."""
TYRE_CLEAR_M = 0.012
"""From a steered tyre to the wall of its well."""
HUB_VERTEX = 0
"""In a wheel's first part: the middle of the hub's outer face."""


def wheel_parts(car: CarParameters, name: str, x: float, side: int) -> list[Part]:
    """One wheel; its first part is the hub. `side` is 1 on the left, -1 on the right."""
    radius, half = car.tyre_radius, car.tyre_width / 2
    rim = radius * car.rim_share
    centre = np.array([x, side * _centre_y(car), radius])
    longer = (rear_well_y(car) - front_well_y(car)) / np.cos(_steer_angle(car, side)) if x > 0 else 0.0
    face, holes = rim_face(car.rim_design, rim, half - 0.016, DISH_M[car.rim_design % len(DISH_M)])
    pieces = [
        ("rim", _hub(rim, half)),
        ("tyre", _tyre(radius, rim, half)),
        ("rim", joined([_lip(rim, half), face])),
        ("disc", turned(np.array([[0.02, half - 0.115], [0.62 * rim, half - 0.115], [0.62 * rim, half - 0.135]]), 40)),
        ("trim", joined([_caliper(rim, half), _axle(half, half + AXLE_M + longer)])),
        ("well", joined([_barrel(rim, half), *([holes] if holes else [])])),
    ]
    mirror = np.eye(3) if side > 0 else np.diag([-1.0, -1.0, 1.0])
    turn = _steered(car, side) @ mirror if x > 0 else mirror
    return [Part(name, material, *rotated(mesh, turn, centre)) for material, mesh in pieces]


def rear_well_y(car: CarParameters) -> float:
    """y of the inner wall of a rear wheel's well, metres: there is room for an axle."""
    return car.width / 2 + car.track_out - car.tyre_width - 0.14


def front_well_y(car: CarParameters) -> float:
    """y of the inner wall of both front wells, metres: deeper where the tyre needs it, as it is steered."""
    return min(rear_well_y(car), steered_tyre_inner_y(car) - TYRE_CLEAR_M)


def steered_tyre_inner_y(car: CarParameters) -> float:
    """How near to the midline a front tyre comes, as the wheels are steered; metres."""
    r, across = _tyre_profile(car.tyre_radius, car.tyre_radius * car.rim_share, car.tyre_width / 2).T
    angles = np.abs([_steer_angle(car, side) for side in (1, -1)])[:, None]
    return float(_centre_y(car) - (r * np.sin(angles) + across * np.cos(angles)).max())


def _centre_y(car: CarParameters) -> float:
    """y of the middle of a left wheel."""
    return car.width / 2 + car.track_out - car.tyre_width / 2 - 0.012


def _steer_angle(car: CarParameters, side: int) -> float:
    """Radians to the left: the inner wheel turns further, so that both roll round one point."""
    angle = np.radians(car.steer_deg)
    if angle:
        half_track = side * np.sign(angle) * (car.width - car.tyre_width) / 2
        angle = np.sign(angle) * np.arctan2(car.wheelbase, car.wheelbase / np.tan(abs(angle)) - half_track)
    return float(angle)


def _steered(car: CarParameters, side: int) -> NDArray[np.float64]:
    """The front wheel's rotation about z."""
    angle = _steer_angle(car, side)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])


def _hub(rim: float, half: float) -> Mesh:
    """A flat disc of triangles round one vertex, which is the keypoint."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    face = half - 0.012
    outer = np.stack([0.15 * rim * np.cos(angle), np.full(24, face - 0.004), 0.15 * rim * np.sin(angle)], 1)
    vertices = np.vstack([[0.0, face, 0.0], outer])
    around = np.arange(24)
    triangles = np.stack([np.zeros(24, int), 1 + (around + 1) % 24, 1 + around], 1)
    normals = np.tile([0.0, 1.0, 0.0], (25, 1))
    drum = turned(np.array([[0.15 * rim, face - 0.004], [0.16 * rim, face - 0.02], [0.16 * rim, half - 0.12]]), 24)
    return joined([(vertices, triangles, normals), drum])


def _tyre(radius: float, rim: float, half: float) -> Mesh:
    return turned(_tyre_profile(radius, rim, half))


def _tyre_profile(radius: float, rim: float, half: float) -> NDArray[np.float64]:
    """Points (N, 2): distance from the axle, and place along it."""
    wall = np.array([0.0, 0.35, 0.7, 1.0]) * (radius - 0.018 - rim) + rim
    bulge = half - 0.010 + np.array([-0.006, 0.010, 0.008, -0.012])
    outer = [
        [rim - 0.004, half - 0.03],
        *zip(wall, bulge, strict=True),
        [radius - 0.005, half - 0.032],
        [radius, half - 0.05],
    ]
    inner = [[r, -y] for r, y in reversed(outer)]
    return np.array(outer + inner)


def _lip(rim: float, half: float) -> Mesh:
    """The rim's edge and how it runs into the barrel."""
    profile = [
        [rim + 0.004, half - 0.016],
        [rim, half - 0.006],
        [rim - 0.014, half - 0.010],
        [rim - 0.022, half - 0.03],
        [rim - 0.026, half - 0.15],
    ]
    return turned(np.array(profile))


def _barrel(rim: float, half: float) -> Mesh:
    """The dark back of the wheel."""
    return turned(np.array([[0.0, half - 0.15], [rim, half - 0.15]]), 40)


def _axle(half: float, end: float) -> Mesh:
    """The hub carrier, from the wheel to the body: so far from the wheel's middle it ends."""
    return turned(np.array([[0.0, half - 0.13], [0.07, half - 0.13], [0.06, -end], [0.0, -end]]), 16)


def _caliper(rim: float, half: float) -> Mesh:
    """The brake, a block over the front of the disc."""
    return box(np.array([0.42 * rim, half - 0.14, -0.24 * rim]), np.array([0.66 * rim, half - 0.09, 0.24 * rim]))


def hub_positions(car: CarParameters) -> dict[str, tuple[float, int]]:
    """Keypoint name of each wheel to its axle's x and its side."""
    front, rear = car.axles
    return {"wheel_FL": (front, 1), "wheel_FR": (front, -1), "wheel_RL": (rear, 1), "wheel_RR": (rear, -1)}
