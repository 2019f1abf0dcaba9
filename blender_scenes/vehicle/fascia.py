"""The car's face: head lamps, grille, lower intake, fog lamps and trim, in families that real cars belong to."""

from dataclasses import dataclass

import numpy as np

from blender_scenes.vehicle.bumper import Points, cut_bumper
from blender_scenes.vehicle.fields import (
    Field,
    above,
    ahead,
    around_corner,
    below,
    carve,
    face_on,
    grown,
    inward_of,
    outline,
    outward_of,
    sharpen,
)
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.trim import Surface

FINE_M = 0.06
LOW_GRILLE_M = 0.35
"""Over the car's floor: no grille reaches down into the bumper's step."""
LAMP_FINE_M = 0.034
RAISED_FRAME = {"chrome": "frame_chrome", "gloss_black": "frame_black"}


@dataclass(frozen=True)
class LampFrame:
    """Where a front lamp lies, as seen from the front and on round the corner."""

    inner: float
    outer: float
    low: float
    high: float
    corner: float  # |y| at which the front turns into the side


def lamp_frame(car: CarParameters) -> LampFrame:
    """Ends of the lamp in the plane of `around_corner`, and its heights at the inner end."""
    high = car.nose_top - 0.085 - 0.25 * car.bonnet_crown
    corner = car.width / 2 * (1 - car.nose_taper)
    depth = car.lamp_height * (1.0, 0.95, 0.62, 1.15)[car.lamp_family]
    return LampFrame(corner + 0.03 - car.lamp_width, corner + car.lamp_wrap, high - depth, high, corner)


def lamp_outline(car: CarParameters) -> Points:
    """The lamp's outline, anticlockwise from its inner end."""
    f = lamp_frame(car)
    h, d = f.high, f.high - f.low
    rise = (0.03 + 0.10 * car.lamp_wrap) * (1 - 0.6 * car.nose_lift)  # a bonnet that lies flat leaves less room

    def at(share: float) -> float:
        return f.inner + share * (f.outer - f.inner)

    return [
        [
            (at(0), h - 0.55 * d),
            (at(0.30), h - d),
            (at(0.78), h - 0.85 * d),
            (at(1), h + rise),
            (at(0.6), h),
            (at(0), h - 0.16 * d),
        ],
        [
            (at(0.02), h - d),
            (at(0.92), h - 0.84 * d),
            (at(1), h + 0.5 * rise - 0.1 * d),
            (at(0.9), h + 0.8 * rise),
            (at(0), h - 0.04 * d),
        ],
        [
            (at(-0.1), h - 0.6 * d),
            (at(0.1), h - d),
            (at(0.9), h - 0.7 * d),
            (at(1.05), h + rise),
            (at(0.5), h + 0.04),
            (at(-0.1), h - 0.22 * d),
        ],
        [
            (at(0), h - 0.35 * d),
            (at(0.22), h - 0.95 * d),
            (at(0.62), h - d),
            (at(0.9), h - 0.35 * d),
            (at(1), h + 2.0 * rise),
            (at(0.4), h + 0.02),
            (at(0.05), h - 0.1 * d),
        ],
    ][car.lamp_family]


def lamp_field(car: CarParameters) -> Field:
    """The left front lamp."""
    zone = ahead(car.front_x - car.plan_bow - 0.60)
    plane = around_corner(car.front_x - car.plan_bow - 0.10, 1)
    return grown(outline(lamp_outline(car), plane, lambda v, c: np.maximum(zone(v, c), 0.1 - v[:, 1])), -0.004)


def grille_outline(car: CarParameters) -> Points:
    """The grille's outline; it runs on across the midline."""
    f = lamp_frame(car)
    high, floor = f.high - 0.012, car.clearance
    widest = f.inner - 0.02
    width = min(car.grille_width, widest)
    width += car.grille_reach * (widest - width)
    tall = min(high - car.grille_height, max(high - car.grille_height - car.grille_taller, floor + LOW_GRILLE_M))
    slim = max(high - 0.085 - 0.8 * car.grille_taller, floor + LOW_GRILLE_M)
    return [
        [(-0.3, tall), (width - 0.07, tall), (width, high - 0.035), (width - 0.01, high), (-0.3, high)],
        [
            (-0.3, floor + 0.285),
            (width - 0.10, floor + 0.285),
            (width + 0.02, high - 0.16),
            (width - 0.04, high),
            (-0.3, high),
        ],
        [(-0.3, slim), (f.inner - 0.05, slim + 0.025), (f.inner - 0.015, high), (-0.3, high)],
        [
            (-0.3, tall - 0.04),
            (width - 0.09, tall - 0.04),
            (width, 0.5 * (tall + high)),
            (width - 0.03, high),
            (-0.3, high),
        ],
        [(-0.3, tall - 0.07), (width - 0.14, tall - 0.07), (width - 0.05, high), (-0.3, high)],
        [(-0.3, tall + 0.03), (0.1, tall + 0.03), (width, high - 0.055), (width + 0.03, high), (-0.3, high - 0.02)],
    ][car.grille_family]


def cut_front(car: CarParameters, surface: Surface) -> Surface:
    """Carve everything at the front."""
    surface = _lamps(car, surface)
    surface = cut_bumper(car, surface, lamp_frame(car).corner)
    surface = _grille(car, surface)
    lip = [ahead(car.front_x - 0.42), below(car.clearance + 0.06)]
    return carve(surface, lip, "trim")


def _lamps(car: CarParameters, surface: Surface) -> Surface:
    field = lamp_field(car)
    surface = carve(sharpen(surface, field, LAMP_FINE_M), [field], "lamp_front")
    line = (0.020, 0.014)[car.steering_side > 0]
    strip = [lambda v, c: -line - field(v, c) - 0.008, lambda v, c: field(v, c) + line - 0.008]
    middle = 0.5 * (lamp_frame(car).low + lamp_frame(car).high)
    upper: Field = (below, above)[car.lamp_family % 2](middle + 0.01, 0.10, lamp_frame(car).inner)
    return carve(surface, [*strip, upper], "lamp_led", only=("lamp_front",))


def _grille(car: CarParameters, surface: Surface) -> Surface:
    points = grille_outline(car)
    hole = outline(points, face_on, ahead(car.front_x - 0.45))
    surface = sharpen(surface, hole, FINE_M)
    frame = (0.016, 0.012, 0.010, 0.022, 0.020, 0.014)[car.grille_family] + car.grille_frame
    material = ("chrome", "gloss_black", "chrome")[car.frame_chrome]
    if car.grille_frame:
        material = RAISED_FRAME[material]
    surface = carve(surface, [grown(hole, frame)], material, only=("paint", "gloss_black", "chrome"))
    surface = carve(surface, [hole], "grille", only=(material,))
    return _bars(car, surface, points, hole)


def _bars(car: CarParameters, surface: Surface, points: Points, hole: Field) -> Surface:
    """Bars across the grille: none (a mesh shows), horizontal or vertical, chrome or dark."""
    low, high = min(z for _, z in points), max(z for _, z in points)
    style = 3 if car.grille_family == 4 else car.grille_bars
    if car.grille_family in (1, 3) and style != 2:
        return surface
    material = "grille_chrome" if style in (1, 3) else "grille_bar"
    inside = grown(hole, -0.003)
    if style == 3:
        for y in np.arange(0.02, max(y for y, _ in points), 0.075):
            bar = [outward_of(y - 0.014), inward_of(y + 0.014), inside]
            surface = carve(surface, bar, material, only=("grille",))
        return surface
    count = max(2, round((high - low) / (0.045, 0.065, 0.055, 0.05)[car.grille_bars]))
    half = (0.006, 0.011, 0.009)[style]
    for number in range(1, count):
        z = low + (high - low) * number / count
        drop = 0.06 if car.grille_family == 5 else 0.0
        bar = [above(z - half - drop, drop / 0.4), below(z + half - drop, drop / 0.4), inside]
        surface = carve(surface, bar, material, only=("grille",))
    return surface
