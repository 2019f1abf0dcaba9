"""Which piece of the skin is what: glass, lamps, grille, seams, arches. Each is cut out along the lines of fields."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.body import EDGE, EDGE_Y, SHOULDER, X0, T
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.trim import Surface, paint, sink, split

Field = Callable[[NDArray, NDArray], NDArray]
"""Of vertices (N, 3) and loft coordinates (N, 5); a piece is where all its fields are negative."""
SEAM_M = 0.0035
BLACK_PILLAR_M = 0.032


def carve(surface: Surface, fields: Sequence[Field], material: str, only: Sequence[str] = ("paint",)) -> Surface:
    """Cut out the piece where all fields are negative and name it; pieces that have a name not in `only` keep it."""
    for i, field in enumerate(fields):
        others = [f(surface.vertices, surface.coordinates) for j, f in enumerate(fields) if j != i]
        zone = np.max(others, axis=0) < 0.02 if others else None
        surface = split(surface, field(surface.vertices, surface.coordinates), zone)
    inside = np.max([f(surface.centres, surface.centre_coordinates) for f in fields], axis=0) < 0
    return paint(surface, inside & np.isin(surface.material, list(only)), material)


def cut_body(car: CarParameters, surface: Surface, clad: bool) -> Surface:
    """The skin with all its pieces named and sunk in; `clad` gives it dark plastic round the arches and sills."""
    for step in (_glass, _front, _rear):
        surface = step(car, surface)
    surface = _cladding(car, surface) if clad else surface
    surface = _wells(car, surface)
    surface = _seams(car, surface)
    return _sunk(car, surface)


def above(height: float, slope: float = 0.0, start: float = 0.0) -> Field:
    """Inside where z > height, the line rising outwards by `slope` from y = start on."""
    return lambda v, c: height + slope * (v[:, 1] - start).clip(0) - v[:, 2]


def below(height: float, slope: float = 0.0, start: float = 0.0) -> Field:
    """Inside where z < height; see `above`."""
    return lambda v, c: v[:, 2] - height - slope * (v[:, 1] - start).clip(0)


def inward_of(y: float, slope: float = 0.0, height: float = 0.0) -> Field:
    """Inside where y < `y`, which grows with z over `height` by `slope`."""
    return lambda v, c: v[:, 1] - y - slope * (v[:, 2] - height)


def outward_of(y: float, slope: float = 0.0, height: float = 0.0) -> Field:
    """Inside where y > `y`; see `inward_of`."""
    return lambda v, c: y + slope * (v[:, 2] - height) - v[:, 1]


def ahead(x: float) -> Field:
    """Inside where the vertex is further forward than x."""
    return lambda v, c: x - v[:, 0]


def behind(x: float) -> Field:
    """Inside where the vertex is further back than x."""
    return lambda v, c: v[:, 0] - x


def coordinate(number: int, low: float, high: float) -> list[Field]:
    """Inside where a loft coordinate lies between two values."""
    return [lambda v, c: low - c[:, number], lambda v, c: c[:, number] - high]


def disc(y: float, z: float, radius: float) -> Field:
    """Inside a circle as seen from the front."""
    return lambda v, c: np.hypot(v[:, 1] - y, v[:, 2] - z) - radius


def round_arch(axle: float, height: float, radius: float) -> Field:
    """Inside a circle as seen from the side."""
    return lambda v, c: np.hypot(v[:, 0] - axle, v[:, 2] - height) - radius


def door_lines(car: CarParameters) -> tuple[float, float, float]:
    """x of the front door's leading edge, of the B pillar, and of the last door's rear edge."""
    front = car.axles[0] - car.arch_radius - 0.09
    if car.doors == 2:
        pillar = front - 1.28
        return front, pillar, pillar
    return front, front - 0.46 * (front - car.axles[1] - 0.05), car.axles[1] + 0.05


def _glass(car: CarParameters, surface: Surface) -> Surface:
    _, pillar, last = door_lines(car)
    side: list[Field] = [
        *coordinate(T, 4.9, 6.0),
        lambda v, c: c[:, SHOULDER] + 0.018 - v[:, 2],
        lambda v, c: v[:, 2] - c[:, EDGE] + 0.035,
        *coordinate(X0, car.backlight_x + 0.26, car.cowl_x - 0.14),
    ]
    surface = carve(surface, side, "glass_side")
    screen: list[Field] = [
        lambda v, c: v[:, 1] - c[:, EDGE_Y] + 0.045,
        *coordinate(T, 6.0, 9.0),
        *coordinate(X0, car.header_x + 0.05, car.cowl_x - 0.015),
    ]
    surface = carve(surface, screen, "glass_front")
    back: list[Field] = [
        lambda v, c: v[:, 1] - c[:, EDGE_Y] + 0.07,
        *coordinate(T, 6.0, 9.0),
        *coordinate(X0, car.backlight_x + 0.035, car.roof_end_x - 0.045),
    ]
    surface = carve(surface, back, "glass_rear")
    pillars = {pillar} | ({last - 0.02} if car.doors == 4 else set())
    for x in sorted(pillars):
        strip = [ahead(x - BLACK_PILLAR_M), behind(x + BLACK_PILLAR_M)]
        surface = carve(surface, strip, "pillar", only=("glass_side",))
    return surface


def lamp_box(car: CarParameters) -> tuple[float, float, float, float]:
    """Front lamp as seen from the front: inner y, outer y of its bowls, lower and upper z at the inner end."""
    high = car.nose_height - 0.085
    outer = car.width / 2 * (1 - car.nose_taper)
    return outer - car.lamp_width, outer - 0.06, high - car.lamp_height, high


def _front(car: CarParameters, surface: Surface) -> Surface:
    near = ahead(car.front_x - car.plan_bow - 0.34)
    inner, outer, low, high = lamp_box(car)
    slope = (0.03, 0.12, 0.20)[car.lamp_family]
    taper = (0.0, -0.35, 0.25)[car.lamp_family]
    lamp = [near, above(low, slope + 0.10, inner), below(high, slope * 0.5, inner), outward_of(inner, taper, low)]
    surface = carve(surface, lamp, "lamp_front")
    middle = (low + high) / 2
    for share in (0.32, 0.74):
        y = inner + share * (outer - inner)
        bowl = [near, disc(y, middle + (slope + 0.03) * (y - inner), 0.30 * car.lamp_height)]
        surface = carve(surface, bowl, "lamp_bulb", only=("lamp_front",))
    surface = _grille(car, surface, min(car.grille_width, inner - 0.03), high)
    low_top = car.clearance + (0.24, 0.19, 0.28)[car.bumper_family]
    width = car.width * (0.30, 0.36, 0.24)[car.bumper_family]
    intake = [ahead(car.front_x - 0.35), above(car.clearance + 0.08), below(low_top), inward_of(width, -0.4, low_top)]
    surface = carve(surface, intake, "intake")
    if car.bumper_family != 1:
        y = car.width * 0.385
        fog = [near, disc(y, car.clearance + 0.20, 0.042)]
        surface = carve(surface, fog, "lamp_bulb")
    lip = [ahead(car.front_x - 0.40), below(car.clearance + 0.055)]
    return carve(surface, lip, "trim")


def _grille(car: CarParameters, surface: Surface, width: float, high: float) -> Surface:
    family = car.grille_family
    high -= 0.015
    depth = (car.grille_height, car.grille_height + 0.16, 0.075, car.grille_height + 0.06)[family]
    low = max(high - depth, car.clearance + 0.43)
    slope = (0.25, -0.12, 0.9, 0.0)[family]
    frame = [ahead(car.front_x - 0.35), above(low - 0.014), below(high + 0.012), inward_of(width + 0.014, slope, high)]
    surface = carve(surface, frame, "chrome" if family != 3 else "trim")
    hole = [ahead(car.front_x - 0.35), above(low), below(high), inward_of(width, slope, high)]
    surface = carve(surface, hole, "grille", only=("chrome", "trim"))
    count = max(1, round((high - low) / (0.045, 0.06, 0.03, 0.05)[family]))
    for bar in range(1, count):
        z = low + (high - low) * bar / count
        strip = [above(z - 0.006), below(z + 0.006)]
        surface = carve(surface, strip, "grille_bar", only=("grille",))
    return surface


def _rear(car: CarParameters, surface: Surface) -> Surface:
    near = behind(car.rear_x + 0.42)
    tall = car.backlight_x < car.rear_x + 0.15
    high = (car.belt_height + 0.02) if tall else car.boot_height - 0.10
    outer = car.width / 2 * (1 - car.tail_taper)
    if car.rear_lamp_family == 0:
        lamp = [near, above(high - 0.17), below(high), outward_of(outer - 0.36)]
    elif car.rear_lamp_family == 1 and tall:
        lamp = [near, above(high - 0.30), below(high + 0.12), outward_of(outer - 0.17)]
    else:
        lamp = [
            near,
            above(high - 0.15, -0.08, outer - 0.42),
            below(high, 0.06, outer - 0.42),
            outward_of(outer - 0.42, 0.4, high),
        ]
    surface = carve(surface, lamp, "lamp_rear")
    clear = [near, above(high - 0.075), below(high - 0.035), outward_of(outer - 0.26), inward_of(outer - 0.14)]
    surface = carve(surface, clear, "lamp_reverse", only=("lamp_rear",))
    if car.bumper_family != 0:
        diffuser = [behind(car.rear_x + 0.45), below(car.clearance + 0.14)]
        surface = carve(surface, diffuser, "trim")
    reflector = [near, above(0.40), below(0.43), outward_of(outer - 0.30), inward_of(outer - 0.14)]
    return carve(surface, reflector, "lamp_rear")


def _cladding(car: CarParameters, surface: Surface) -> Surface:
    for axle in car.axles:
        surface = carve(surface, [round_arch(axle, car.tyre_radius, car.arch_radius + 0.055)], "trim")
    return carve(surface, [below(car.clearance + 0.13)], "trim")


def _wells(car: CarParameters, surface: Surface) -> Surface:
    for axle in car.axles:
        well = [round_arch(axle, car.tyre_radius, car.arch_radius), outward_of(_well_depth(car))]
        surface = carve(surface, well, "well", only=("paint", "trim"))
    return surface


def _well_depth(car: CarParameters) -> float:
    return car.width / 2 - car.tyre_width - 0.14


def _seams(car: CarParameters, surface: Surface) -> Surface:
    front, pillar, last = door_lines(car)
    sill = car.clearance + 0.15
    upper: Field = lambda v, c: v[:, 2] - c[:, SHOULDER] - 0.02  # noqa: E731 - a field like its neighbours
    side = [*coordinate(T, 1.8, 5.3), above(sill - SEAM_M), upper]

    def rear_edge(v: NDArray, c: NDArray) -> NDArray:
        arch = np.hypot(v[:, 0] - car.axles[1], v[:, 2] - car.tyre_radius) - car.arch_radius - 0.07
        return np.minimum(v[:, 0] - last, arch)

    lines: list[Field] = [lambda v, c: v[:, 0] - front + 0.10 * (v[:, 2] - sill), lambda v, c: v[:, 0] - pillar]
    if car.doors == 4:
        lines.append(rear_edge)
    for line in lines:
        surface = carve(surface, [*_strip(line), *side], "seam", only=("paint", "trim"))
    bottom = [
        *_strip(lambda v, c: v[:, 2] - sill),
        *coordinate(T, 1.6, 5.0),
        ahead(max(last, car.axles[1] + car.arch_radius + 0.02)),
    ]
    surface = carve(surface, [*bottom, behind(front)], "seam", only=("paint", "trim"))
    bonnet = [*coordinate(T, 6.0, 9.0), *coordinate(X0, car.cowl_x, car.front_x - 0.10)]
    surface = carve(surface, [*_strip(lambda v, c: v[:, 1] - 0.93 * c[:, EDGE_Y]), *bonnet], "seam")
    leading = [*_strip(lambda v, c: c[:, X0] - car.front_x + 0.10), *coordinate(T, 6.0, 9.0)]
    surface = carve(surface, [*leading, lambda v, c: v[:, 1] - 0.93 * c[:, EDGE_Y]], "seam")
    gate = [behind(car.rear_x + 0.30), above(0.64)]
    y = car.width * 0.33
    surface = carve(surface, [*_strip(lambda v, c: v[:, 1] - y), *gate], "seam")
    return carve(surface, [*_strip(lambda v, c: v[:, 2] - 0.64), behind(car.rear_x + 0.25), inward_of(y)], "seam")


def _strip(line: Field) -> list[Field]:
    return [lambda v, c: line(v, c) - SEAM_M, lambda v, c: -line(v, c) - SEAM_M]


def _sunk(car: CarParameters, surface: Surface) -> Surface:
    def inward(depth: float) -> NDArray:
        moved = surface.vertices - depth * surface.normals
        moved[np.abs(surface.vertices[:, 1]) < 1e-9, 1] = 0.0
        return moved

    for material, depth, wall in (
        ("glass_side", 0.006, "trim"),
        ("glass_front", 0.003, "trim"),
        ("glass_rear", 0.004, "trim"),
        ("pillar", 0.004, "trim"),
        ("lamp_front", 0.004, "trim"),
        ("lamp_bulb", 0.012, "chrome"),
        ("lamp_rear", -0.006, "lamp_rear"),
        ("lamp_reverse", -0.004, "lamp_rear"),
        ("seam", 0.006, "seam"),
    ):
        surface = sink(surface, material, inward(depth), wall)
    for material, depth in (("grille", 0.045), ("grille_bar", 0.008), ("intake", 0.06)):
        surface = sink(surface, material, surface.vertices - [depth, 0, 0], "trim")
    flat = surface.vertices.copy()
    flat[:, 1] = np.minimum(flat[:, 1], _well_depth(car))
    return sink(surface, "well", flat, "well")
