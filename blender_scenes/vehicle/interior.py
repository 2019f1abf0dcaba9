"""What is seen through the glass: floor, seats in rows, dashboard, steering wheel, sometimes somebody at it."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.body import top_height
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part
from blender_scenes.vehicle.seams import door_lines
from blender_scenes.vehicle.shapes import Mesh, box, joined, rotated, superellipsoid, turned
from blender_scenes.vehicle.wheels import front_well_y

HIP_BELOW_BELT_M = 0.36
ROW_M = 0.82
SEAT_Y = 0.37
UNDER_ROOF_M = 0.13
INSIDE_WELL_M = 0.006
"""From the wall of a front wheel's well, which is deep where the wheels are steered far."""
LOW_SEAT_M = 0.34
"""Where less than this is left between hip and roof there is no seat."""


def interior_parts(car: CarParameters) -> list[Part]:
    """Everything inside; it hangs together with the floor, which stands on the body's."""
    seats = [solid for row, x in enumerate(_rows(car)) for solid in _row(car, x, front=row == 0)]
    parts = [
        Part("interior", "interior", *joined([*seats, *_dashboard(car)])),
        Part("interior", "trim", *joined([_floor(car), *_steering(car)])),
    ]
    if car.driver:
        parts.append(Part("interior", "interior", *joined(_driver(car))))
    return parts


def _hip(car: CarParameters) -> float:
    return car.belt_height - HIP_BELOW_BELT_M


def _front_row_x(car: CarParameters) -> float:
    return car.cowl_x - (1.12 if car.box else 1.02)


def _rows(car: CarParameters) -> list[float]:
    """x of the rows of seats, as many as there is room for behind the first."""
    _, pillar, last = door_lines(car)
    tail = car.axles[1] - 0.10
    if car.box:
        tail = (pillar - 0.35, last - 0.1, car.roof_end_x + 0.35)[car.glazing]
    elif car.bed:
        tail = car.backlight_x + 0.28
    first = _front_row_x(car)
    spacing = ROW_M if car.doors == 4 else 0.74
    return [first, *np.arange(first - spacing, tail, -spacing).tolist()]


def _row(car: CarParameters, x: float, front: bool) -> list[Mesh]:
    """Two seats or a bench: cushions on a plinth, backs that stay under the roof, head rests where there is room."""
    between_wheels = car.width / 2 - car.tyre_width - 0.04 - SEAT_Y
    hip, half = _hip(car), 0.25 if front else min(0.28, between_wheels)
    room = top_height(car, x - 0.2) - UNDER_ROOF_M - hip
    if room < LOW_SEAT_M:
        return []
    back = min(0.34, 0.5 * room)
    head = hip + 2 * back + 0.04
    solids = []
    for side in (1, -1):
        y = side * SEAT_Y
        solids.append(superellipsoid((x + 0.16, y, hip), (0.27, half, 0.09), 4, 7))
        solids.append(superellipsoid((x - 0.14, y, hip + back - 0.01), (0.075, half * 0.95, back), 3.5, 7))
        if head + 0.085 < hip + room + 0.06:
            solids.append(superellipsoid((x - 0.19, y, head), (0.05, 0.13, 0.085), 3, 6))
    wide, end = SEAT_Y + 0.12, x + 0.34
    if end > car.axles[0] - car.arch_radius:
        wide = min(wide, front_well_y(car) - INSIDE_WELL_M)
    plinth = box(np.array([x - 0.06, -wide, car.clearance + 0.02]), np.array([end, wide, hip]))
    return [*solids, plinth]


def _floor(car: CarParameters) -> Mesh:
    """A slab on the body's floor, between the wheel wells."""
    half = min(car.width / 2 - car.tyre_width - 0.20, front_well_y(car) - INSIDE_WELL_M)
    tail = min(_rows(car)[-1] - 0.3, car.axles[1] + 0.4)
    nose = min(car.cowl_x - 0.1, car.axles[0] + 0.25)
    high = min(car.clearance + 0.20, _hip(car) - 0.12)
    return box(np.array([tail, -half, car.clearance + 0.012]), np.array([nose, half, high]))


def _dashboard(car: CarParameters) -> list[Mesh]:
    """The board, the hood over the instruments, and the console that stands on the floor."""
    x, top = car.cowl_x - 0.24, car.belt_height + 0.02
    board = superellipsoid((x, 0, top - 0.11), (0.25, 0.64, 0.11), 4, 8)
    hood = superellipsoid((x - 0.10, car.steering_side * SEAT_Y, top - 0.01), (0.12, 0.17, 0.05), 3, 7)
    console = box(np.array([x - 0.75, -0.11, car.clearance + 0.03]), np.array([x + 0.05, 0.11, _hip(car) + 0.08]))
    riser = box(np.array([x - 0.12, -0.14, car.clearance + 0.03]), np.array([x + 0.10, 0.14, top - 0.08]))
    return [board, hood, console, riser]


def _steering_centre(car: CarParameters) -> NDArray[np.float64]:
    return np.array([car.cowl_x - 0.55, car.steering_side * SEAT_Y, car.belt_height + 0.02])


def _steering(car: CarParameters) -> list[Mesh]:
    """The wheel with its spokes, and its column into the dashboard."""
    rim = turned(np.array([[0.172, 0.0], [0.185, 0.013], [0.198, 0.0], [0.185, -0.013], [0.172, 0.0]]), 28)
    spokes = box(np.array([-0.175, -0.012, -0.022]), np.array([0.175, 0.012, 0.022]))
    boss = turned(np.array([[0.0, 0.02], [0.06, 0.015], [0.05, -0.04], [0.03, -0.34], [0.0, -0.34]]), 16)
    tilt = np.radians(62)
    turn = np.array([[0, -np.sin(tilt), -np.cos(tilt)], [1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)]])
    turn[2] *= np.sign(np.linalg.det(turn))
    return [rotated(joined([rim, spokes, boss]), turn, _steering_centre(car))]


def _driver(car: CarParameters) -> list[Mesh]:
    """Head, body and arms of somebody at the wheel, no taller than the roof allows."""
    x, y, hip = _front_row_x(car), car.steering_side * SEAT_Y, _hip(car)
    tall = min(0.86, top_height(car, x - 0.05) - 0.07 - hip)
    head = np.array([x - 0.02, y, hip + tall - 0.13])
    solids = [
        superellipsoid((x - 0.02, y, hip + 0.36 * tall), (0.12, 0.20, 0.36 * tall), 2.6, 9),
        superellipsoid(tuple(head), (0.10, 0.078, 0.125), 2.1, 10),
        superellipsoid((x + 0.20, y, hip + 0.10), (0.28, 0.17, 0.08), 2.6, 7),
    ]
    centre = _steering_centre(car)
    for side in (1, -1):
        shoulder = np.array([x + 0.02, y + 0.19 * side, hip + 0.62 * tall])
        hand = centre + [0.02, 0.17 * side, 0.02]
        middle, reach = (shoulder + hand) / 2, (hand - shoulder) / 2
        arm = superellipsoid((0.0, 0.0, 0.0), (float(np.linalg.norm(reach)) + 0.05, 0.048, 0.048), 2.4, 7)
        forward = reach / np.linalg.norm(reach)
        aside = np.cross([0.0, 0.0, 1.0], forward)
        aside /= np.linalg.norm(aside)
        solids.append(rotated(arm, np.stack([forward, aside, np.cross(forward, aside)], axis=1), middle))
    return solids
