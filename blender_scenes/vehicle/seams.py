"""The gaps between panels: doors, bonnet, tailgate, bumpers; and the mouldings that run along the side."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.fascia import lamp_frame
from blender_scenes.vehicle.fields import (
    SEAM_M,
    Field,
    above,
    ahead,
    behind,
    below,
    carve,
    coordinate,
    inward_of,
    outward_of,
    strip,
)
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.tail import bumper_top, is_tall, lamp_low
from blender_scenes.vehicle.trim import EDGE_Y, SHOULDER, X0, Surface, T

DOOR_CLEARS_ARCH_M = 0.07


def door_lines(car: CarParameters) -> tuple[float, float, float]:
    """x of the front door's leading edge, of the B pillar, and of the last door's rear edge."""
    if car.box:
        front = car.axles[0] + 0.04
        return front, front - 1.08, front - 2.16
    front = car.axles[0] - car.arch_radius - 0.09
    if car.bed:
        last = car.backlight_x + 0.16
        return front, last if car.doors == 2 else front - 0.53 * (front - last), last
    if car.doors == 2:
        pillar = max(front - 1.40, car.axles[1] + car.arch_radius + 0.12)
        return front, pillar, pillar
    return front, front - 0.46 * (front - car.axles[1] - 0.05), car.axles[1] + 0.05


def cut_seams(car: CarParameters, surface: Surface) -> Surface:
    """Mouldings first, then all gaps, which run across them."""
    for step in (_mouldings, _doors, _bonnet, _tailgate, _bumpers):
        surface = step(car, surface)
    return surface


def _mouldings(car: CarParameters, surface: Surface) -> Surface:
    side = coordinate(T, 2.2, 4.9)
    if car.rub_strip:
        z = car.clearance + 0.40
        along = [ahead(car.rear_x + 0.45), behind(car.front_x - 0.55)]
        surface = carve(surface, [above(z - 0.045), below(z + 0.045), *side, *along], "trim")
    if car.sunroof:
        length = min(0.95, car.header_x - car.roof_end_x - 0.25)
        roof = [*coordinate(T, 6.2, 9.0), *coordinate(X0, car.header_x - 0.20 - length, car.header_x - 0.20)]
        surface = carve(surface, [*roof, lambda v, c: v[:, 1] - c[:, EDGE_Y] + 0.16], "gloss_black")
    return surface


def _doors(car: CarParameters, surface: Surface) -> Surface:
    front, pillar, last = door_lines(car)
    sill = car.clearance + 0.15
    upper: Field = lambda v, c: v[:, 2] - c[:, SHOULDER] - 0.02  # noqa: E731 - a field like its neighbours
    side = [*coordinate(T, 1.8, 5.3), above(sill - SEAM_M), upper]

    def beyond_arch(v: NDArray, axle: float) -> NDArray:
        return np.asarray(np.hypot(v[:, 0] - axle, v[:, 2] - car.tyre_radius) - car.arch_radius - DOOR_CLEARS_ARCH_M)

    def front_edge(v: NDArray, c: NDArray) -> NDArray:
        return np.maximum(v[:, 0] - front + 0.10 * (v[:, 2] - sill), -beyond_arch(v, car.axles[0]))

    def rear_edge(v: NDArray, c: NDArray) -> NDArray:
        return np.minimum(v[:, 0] - last, beyond_arch(v, car.axles[1]))

    lines: list[Field] = [front_edge, lambda v, c: v[:, 0] - pillar]
    if car.doors == 4:
        lines.append(rear_edge)
    for line in lines:
        surface = carve(surface, [*strip(line), *side], "seam", only=("paint", "trim", "clad"))
    bottom = [
        *strip(lambda v, c: v[:, 2] - sill),
        *coordinate(T, 1.6, 5.0),
        ahead(max(last, car.axles[1] + car.arch_radius + 0.02)),
        behind(min(front, car.axles[0] - car.arch_radius - 0.02)),
    ]
    surface = carve(surface, bottom, "seam", only=("paint", "trim", "clad"))
    if car.box:  # the rail of the sliding door
        rail = [*strip(lambda v, c: v[:, 2] - c[:, SHOULDER] + 0.16), *coordinate(T, 3.0, 5.0)]
        surface = carve(surface, [*rail, behind(last - 0.02), ahead(car.rear_x + 0.30)], "seam")
    return surface


def _bonnet(car: CarParameters, surface: Surface) -> Surface:
    bonnet = [*coordinate(T, 6.0, 9.0), *coordinate(X0, car.cowl_x, car.front_x - 0.10)]
    surface = carve(surface, [*strip(lambda v, c: v[:, 1] - 0.93 * c[:, EDGE_Y]), *bonnet], "seam")
    leading = [*strip(lambda v, c: c[:, X0] - car.front_x + 0.10), *coordinate(T, 6.0, 9.0)]
    return carve(surface, [*leading, lambda v, c: v[:, 1] - 0.93 * c[:, EDGE_Y]], "seam")


def tailgate_hinge_x(car: CarParameters) -> float:
    """X0 of the tailgate's or boot lid's upper edge."""
    return car.roof_end_x - 0.015 if is_tall(car) else car.backlight_x + 0.012


def tailgate_half_width(car: CarParameters) -> float:
    """y of the gap beside the tailgate."""
    return car.width * (0.43 if car.box else 0.33)


def _tailgate(car: CarParameters, surface: Surface) -> Surface:
    foot, y = bumper_top(car) + 0.035, tailgate_half_width(car)
    hinge_x = car.rear_x + 0.30 if car.bed else tailgate_hinge_x(car)
    gate: list[Field] = [lambda v, c: c[:, X0] - hinge_x, above(foot)]
    surface = carve(surface, [*strip(lambda v, c: v[:, 1] - y), *gate], "seam")
    if car.barn_doors:
        surface = carve(surface, [inward_of(SEAM_M), *gate], "seam")
    if not car.bed:
        upper = [*strip(lambda v, c: c[:, X0] - hinge_x), *coordinate(T, 5.6, 9.0), inward_of(y)]
        surface = carve(surface, upper, "seam")
    return carve(surface, [*strip(lambda v, c: v[:, 2] - foot), behind(car.rear_x + 0.25), inward_of(y)], "seam")


def _bumpers(car: CarParameters, surface: Surface) -> Surface:
    """From each arch to the lamp before or behind it."""
    high = car.tyre_radius + 0.62 * car.arch_radius
    nose, tail = lamp_frame(car), car.width / 2 * (1 - car.tail_taper)
    ends = (
        (car.axles[0], car.front_x - car.plan_bow, nose.low + 0.01, outward_of(nose.corner - 0.06), 1),
        (car.axles[1], car.rear_x + 0.6 * car.plan_bow, lamp_low(car) - 0.03, outward_of(tail - 0.03), -1),
    )
    for axle, end, low, beside, sign in ends:
        slope = (low - high) / (end - axle)
        line: Field = lambda v, c, s=slope, x=axle: v[:, 2] - high - s * (v[:, 0] - x)  # type: ignore[misc] # noqa: E731
        reach = ahead(axle) if sign > 0 else behind(axle)
        surface = carve(surface, [*strip(line), *coordinate(T, 1.8, 5.0), beside, reach], "seam", only=("paint",))
    return surface
