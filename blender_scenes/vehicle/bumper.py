"""The front bumper: lower intake, fog lamps in their corners, skid plate, and how much of it is dark plastic."""

from blender_scenes.vehicle.fields import Field, above, ahead, below, carve, face_on, grown, outline, sharpen
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.sturdy import LOWER_HALF, PAINTED
from blender_scenes.vehicle.trim import Surface

Points = list[tuple[float, float]]
FINE_M = 0.065
STEP_M = 0.322
"""Over the car's floor: where the bumper's face ends; see bend.py."""
FOG_RIM_M = 0.014
INTAKE_ACROSS = 2
"""The family whose intake leaves no place for fog lamps."""


def cut_bumper(car: CarParameters, surface: Surface, corner: float) -> Surface:
    """Carve the bumper's face; `corner` is the |y| at which the front turns into the side."""
    floor, family = car.clearance, car.bumper_family
    half = car.width / 2
    top = min(floor + (0.26, 0.20, 0.28, 0.24)[family] + car.intake_taller, floor + STEP_M - 0.03)
    wide = half * (0.62, 0.52, 0.80, 0.56)[family]
    low = floor + (0.085, 0.075, 0.09, 0.10)[family]
    if car.skid_plate:
        surface = _shape(car, surface, skid_outline(car), "skid", ("paint",))
    elif family == 3 or car.cladding > 0.085:
        skid: Points = [(-0.3, floor - 0.1), (wide + 0.1, floor - 0.1), (wide - 0.02, low - 0.01), (-0.3, low - 0.01)]
        surface = _shape(car, surface, skid, "silver", ("paint",))
    intake: Points = [(-0.3, low), (wide - 0.06, low), (wide, top - 0.03), (wide - 0.05, top), (-0.3, top)]
    if family == INTAKE_ACROSS:
        intake = [(-0.3, low), (wide, low), (wide + 0.02, top - 0.06), (wide - 0.14, top), (-0.3, top)]
    surface = _shape(car, surface, intake, "intake", ("paint",))
    bar = [ahead(car.front_x - 0.45), above(0.5 * (low + top) - 0.012), below(0.5 * (low + top) + 0.010)]
    surface = carve(surface, bar, "grille_bar", only=("intake",))
    return _cover(car, _fog_pockets(car, surface, corner), corner)


def _fog_pockets(car: CarParameters, surface: Surface, corner: float) -> Surface:
    pocket = fog_outline(car, corner)
    if not pocket:
        return surface
    material = "gloss_black" if car.bumper_family in (1, 3) and not car.fog_corner else "intake_fog"
    if car.fog_corner:
        field = outline(pocket, face_on, _face(car))
        rim = "trim" if car.bumper_cover == PAINTED else "gloss_black"
        surface = carve(sharpen(surface, field, FINE_M), [grown(field, FOG_RIM_M)], rim)
    return _shape(car, surface, pocket, material, ("paint", "trim", "gloss_black"))


def _cover(car: CarParameters, surface: Surface, corner: float) -> Surface:
    """Dark plastic up to a line that rises towards the corners, or up to the step."""
    if car.bumper_cover == PAINTED:
        return surface
    line: Field = below(car.clearance + STEP_M)
    if car.bumper_cover == LOWER_HALF:
        line = below(car.clearance + 0.12, 0.34, 0.45 * corner)
    high = below(car.clearance + STEP_M)
    return carve(surface, [line, high, ahead(car.axles[0])], "trim")


def _face(car: CarParameters) -> Field:
    return ahead(car.front_x - car.plan_bow - 0.45)


def _shape(car: CarParameters, surface: Surface, points: Points, material: str, only: tuple[str, ...]) -> Surface:
    field = outline(points, face_on, _face(car))
    return carve(sharpen(surface, field, FINE_M), [field], material, only=only)


def skid_outline(car: CarParameters) -> Points:
    """The plate under the bumper, drawn up into two horns that stand before the intake."""
    half, floor = car.width / 2, car.clearance
    foot, inner = 0.60 * half, 0.36 * half
    return [
        (-0.3, floor - 0.12),
        (foot + 0.06, floor - 0.12),
        (foot, floor + 0.07),
        (foot - 0.05, floor + 0.165),
        (inner + 0.05, floor + 0.165),
        (inner, floor + 0.105),
        (-0.3, floor + 0.105),
    ]


def fog_centre(car: CarParameters, corner: float) -> tuple[float, float]:
    """y and z of the fog lamp."""
    y, z = car.width * (0.375, 0.37, 0.0, 0.385)[car.bumper_family], (0.185, 0.20, 0.0, 0.21)[car.bumper_family]
    return min(y, corner - 0.10) if car.fog_corner else y, car.clearance + z


def fog_outline(car: CarParameters, corner: float) -> Points:
    """The pocket round the fog lamp; none where the intake reaches all the way."""
    y, z = fog_centre(car, corner)
    a, b = 0.085, 0.062
    if car.bumper_family == INTAKE_ACROSS:
        return []
    if car.fog_corner:
        c = 0.075
        return [
            [(y - 0.10, z - 0.06), (y + 0.06, z - c), (y + c, z + 0.09), (y + 0.03, z + 0.10), (y - 0.11, z)],
            [(y - 0.07, z - c), (y + c, z - c), (y + c, z + 0.10), (y - 0.01, z + 0.09), (y - 0.09, z - 0.02)],
            [],
            [(y - 0.12, z + 0.01), (y - 0.02, z - c), (y + c, z - c), (y + c, z + 0.07), (y - 0.10, z + 0.06)],
        ][car.bumper_family]
    return [
        [(y - a, z - b), (y + a, z - 0.8 * b), (y + a, z + 0.6 * b), (y + 0.5 * a, z + b), (y - 0.6 * a, z + 0.5 * b)],
        [(y - a, z - 0.5 * b), (y - 0.2 * a, z - b), (y + a, z - b), (y + a, z + 1.4 * b), (y + 0.6 * a, z + 1.6 * b)],
        [],
        [(y - 0.5 * a, z - 1.2 * b), (y + a, z - 1.2 * b), (y + a, z + 1.6 * b), (y + 0.1 * a, z + 1.2 * b)],
    ][car.bumper_family]
