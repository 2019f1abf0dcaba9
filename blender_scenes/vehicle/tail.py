"""The car's back: tail lamps with their red, amber and clear parts, plate recess, bumper trim and reflectors."""

from collections.abc import Callable

from numpy.typing import NDArray

from blender_scenes.vehicle.fields import (
    Field,
    above,
    around_corner,
    behind,
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
from blender_scenes.vehicle.sturdy import LOWER_HALF, PAINTED
from blender_scenes.vehicle.trim import Surface

Plane = Callable[[NDArray], NDArray]
FINE_M = 0.06
LAMP_FINE_M = 0.036
Points = list[tuple[float, float]]
WEDGE, UPRIGHT, HOOK, BAR, BLOCK = range(5)


def is_tall(car: CarParameters) -> bool:
    """Whether the rear window stands over the bumper: no boot lid behind it."""
    return car.backlight_x < car.rear_x + 0.15


def plate_height(car: CarParameters) -> float:
    """z of the rear plate's middle."""
    return car.clearance + (0.57 if is_tall(car) else 0.545)


def bumper_top(car: CarParameters) -> float:
    """z of the step between the rear bumper and what is above it."""
    return car.clearance + 0.40


def lamp_low(car: CarParameters) -> float:
    """z of the tail lamp's lowest point."""
    return min(z for _, z in lamp_outline(car))


def lamp_family(car: CarParameters) -> int:
    """The tail lamp's family: upright ones only where the tail is tall enough."""
    family = car.rear_lamp_family
    if car.bed or car.box:
        return UPRIGHT
    if family == UPRIGHT and not is_tall(car):
        return BLOCK
    return family


def lamp_outline(car: CarParameters) -> Points:
    """The tail lamp's outline, from the midline outwards and on round the corner."""
    corner = car.width / 2 * (1 - car.tail_taper)
    inner, outer = corner + 0.06 - 0.75 * car.lamp_width, corner + 0.10 + 0.8 * car.lamp_wrap
    high = (car.belt_height + 0.02) if is_tall(car) else car.boot_height - (0.25 if car.bed else 0.09)
    deep = 0.9 * car.lamp_height
    return [
        [
            (inner, high - 0.75 * deep),
            (corner, high - 1.15 * deep),
            (corner + 0.08, high - 1.1 * deep),
            (outer, high + 0.02),
            (corner, high + 0.01),
            (inner - 0.05, high - 0.1 * deep),
        ],
        [
            (corner - 0.13, high - 0.30),
            (corner + 0.05, high - 0.28),
            (corner + 0.12, high + 0.06),
            (corner + 0.03, high + 0.20),
            (corner - 0.06, high + 0.14),
            (corner - 0.10, high - 0.05),
        ],
        [
            (inner + 0.04, high - 1.3 * deep),
            (corner + 0.04, high - 1.45 * deep),
            (outer - 0.04, high + 0.01),
            (corner, high),
            (inner - 0.08, high - 0.05),
            (inner - 0.06, high - 0.55 * deep),
            (inner + 0.14, high - 0.55 * deep),
            (inner + 0.10, high - 0.85 * deep),
        ],
        [
            (-0.3, high - 0.42 * deep),
            (inner, high - 0.42 * deep),
            (corner, high - 0.85 * deep),
            (corner + 0.09, high - 0.8 * deep),
            (outer, high + 0.01),
            (corner, high),
            (-0.3, high - 0.13 * deep),
        ],
        [
            (inner + 0.02, high - 1.2 * deep),
            (corner + 0.05, high - 1.25 * deep),
            (outer - 0.02, high - 0.35 * deep),
            (outer - 0.05, high + 0.01),
            (inner + 0.05, high),
            (inner, high - 0.3 * deep),
        ],
    ][lamp_family(car)]


def cut_rear(car: CarParameters, surface: Surface) -> Surface:
    """Carve everything at the back."""
    near = behind(car.rear_x + 0.55)
    plane = around_corner(car.rear_x + 0.6 * car.plan_bow + 0.10, -1)
    lamp = grown(outline(lamp_outline(car), plane, near), -0.004)
    surface = carve(sharpen(surface, lamp, LAMP_FINE_M), [lamp], "lamp_rear")
    surface = _lamp_parts(car, surface, lamp, plane)
    surface = _plate_recess(car, surface, near)
    return _bumper(car, surface, near)


def _lamp_parts(car: CarParameters, surface: Surface, lamp: Field, plane: Plane) -> Surface:
    """Inside the red lens: a bright band, a clear reversing lamp and an amber indicator."""
    corner = car.width / 2 * (1 - car.tail_taper)
    points = lamp_outline(car)
    low, high = min(z for _, z in points), max(z for _, z in points)
    family, deep = lamp_family(car), high - low
    outward: Field = lambda v, c: corner - 0.12 - plane(v)[:, 0]  # noqa: E731 - a field like its neighbours
    if family == UPRIGHT:
        bands = [("lamp_amber", 0.52, 0.66), ("lamp_reverse", 0.16, 0.30)]
        outward = grown(outward, 0.2)
    elif family == HOOK:
        bands = [("lamp_amber", 0.36, 0.50), ("lamp_reverse", 0.52, 0.62)]
    else:
        bands = [("lamp_amber", 0.18, 0.36), ("lamp_reverse", 0.50, 0.68)]
    inside = grown(lamp, -0.014)
    for number, (material, start, end) in enumerate(bands):
        shift = 0.0 if number == 0 or family == UPRIGHT else 0.09
        zone = [above(low + start * deep), below(low + end * deep), grown(outward, shift), inside]
        if number and family != UPRIGHT:
            zone.append(lambda v, c: plane(v)[:, 0] - corner + 0.02)
        surface = carve(surface, zone, material, only=("lamp_rear",))
    rim = [lambda v, c: -0.030 - lamp(v, c), lambda v, c: lamp(v, c) + 0.018]
    return carve(surface, rim, "lamp_glow", only=("lamp_rear",))


def _plate_recess(car: CarParameters, surface: Surface, near: Field) -> Surface:
    half, z = car.plate_width / 2, plate_height(car)
    if car.rear_lamp_family == BAR and not is_tall(car):
        return surface
    hollow: Points = [(-0.3, z - 0.12), (half + 0.05, z - 0.12), (half + 0.09, z + 0.125), (-0.3, z + 0.125)]
    field = outline(hollow, face_on, near)
    surface = carve(sharpen(surface, field, 0.05), [field], "recess")
    if car.bed:
        return surface
    garnish = [near, above(z + 0.130), below(z + 0.165), lambda v, c: v[:, 1] - half - 0.12]
    material = ("chrome", "gloss_black", "paint", "chrome")[car.grille_bars]
    return carve(surface, garnish, material)


def _bumper(car: CarParameters, surface: Surface, near: Field) -> Surface:
    corner = car.width / 2 * (1 - car.tail_taper)
    floor = car.clearance
    wide = corner * (0.5, 0.62, 0.9, 0.75)[car.bumper_family]
    top = floor + (0.11, 0.15, 0.12, 0.19)[car.bumper_family]
    diffuser: Points = [(-0.3, floor - 0.1), (wide + 0.05, floor - 0.1), (wide - 0.03, top), (-0.3, top)]
    field = outline(diffuser, face_on, near)
    surface = carve(sharpen(surface, field, FINE_M), [field], "trim")
    if car.bumper_cover != PAINTED:
        high = floor + (0.20 if car.bumper_cover == LOWER_HALF else 0.385)
        surface = carve(surface, [behind(car.axles[1]), below(high)], "trim")
    if car.bumper_family == 3 or car.skid_plate:
        skid = [near, below(floor + 0.08), lambda v, c: v[:, 1] - 0.4]
        surface = carve(surface, skid, "silver", only=("trim",))
    z, y = floor + 0.24, corner - 0.20
    wide, tall = ((0.09, 0.011), (0.06, 0.009), (0.012, 0.05), (0.11, 0.008))[car.bumper_family]
    reflector = [near, above(z - tall), below(z + tall), outward_of(y - wide), inward_of(y + wide)]
    return carve(surface, reflector, "lamp_rear", only=("paint", "trim"))
