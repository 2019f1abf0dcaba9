"""The body's outer skin: sections across the car, lofted from tail to nose, and closed by a cap at each end.

Only the left half is built; `mirror` makes the other. Each vertex carries its loft coordinates, by which the regions
(glass, lamps, doors) are found whatever the shape has been bent to:

    X0      x before the nose and tail were bowed in plan and side view
    T       place along the section: 0 floor, 3 sill, 4.5 crease, 5 shoulder, 6 edge of roof or bonnet, 8 centre line
    SHOULDER, EDGE, EDGE_Y   heights of the shoulder and of the roof's edge at this X0, and the edge's y
"""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.bend import bend, raise_arches, ramp, smoothstep
from blender_scenes.vehicle.params import CarParameters, smooth_polyline
from blender_scenes.vehicle.trim import Surface

SECTIONS = 80
KNOT_T = (0.0, 1.0, 2.0, 2.94, 3.06, 3.7, 4.44, 4.56, 5.0, 6.0, 6.95, 7.05, 8.0)
PER_SPAN = (1, 2, 2, 1, 4, 5, 1, 3, 5, 5, 1, 3)
"""Points along a section between one knot and the next."""
CORNERS = (2.94, 3.06, 4.44, 4.56, 6.95, 7.05)
"""Knots at which the section turns within a finger's width: the sill, the crease, the bonnet's ridge."""
CREASE_RADIUS_M = 0.009
FILLET_M = 0.11
CAP_RINGS = 12
CROWN_M = 0.042


def build_skin(car: CarParameters) -> Surface:
    """The left half of the skin, all paint."""
    x = _stations(car)
    knots, heights = _section_knots(car, x)
    points, along = _curve(knots)
    size, count = points.shape[:2]
    x0 = np.repeat(x[:, None], count, axis=1)
    points = _filleted(car, x, points)
    grid = np.dstack([x0, points])
    coordinates = np.dstack(
        [x0, np.broadcast_to(along, (size, count)), *(np.repeat(h[:, None], count, 1) for h in heights)]
    )
    triangles = _grid_triangles(size, count)
    vertices, extra = [grid.reshape(-1, 3)], [coordinates.reshape(-1, 5)]
    for end in (0, size - 1):
        ring = np.arange(count) + end * count
        cap, cap_coordinates, cap_triangles = _cap(
            grid[end], coordinates[end], ring, sum(map(len, vertices)), 1.0 if end else -1.0
        )
        vertices.append(cap)
        extra.append(cap_coordinates)
        triangles = np.concatenate([triangles, cap_triangles])
    flat, carried = np.concatenate(vertices), np.concatenate(extra)
    bent = bend(car, flat)
    bent[np.abs(flat[:, 1]) < 1e-9, 1] = 0.0
    surface = Surface(
        vertices=bent,
        normals=np.zeros_like(bent),
        coordinates=carried,
        triangles=triangles,
        material=np.full(len(triangles), "paint", dtype="<U16"),
    )
    return raise_arches(car, surface)


def _stations(car: CarParameters) -> NDArray:
    """x of the sections: closer together in the rounded ends."""
    even = np.linspace(0, 1, SECTIONS)
    ends = FILLET_M * (1 - np.cos(np.linspace(0, np.pi / 2, 8)))
    inner = car.rear_x + FILLET_M + even * (car.front_x - car.rear_x - 2 * FILLET_M)
    tail = np.linspace(car.backlight_x, car.roof_end_x, 10) if car.box else ends[:0]
    return np.unique(np.concatenate([car.rear_x + ends, inner, car.front_x - ends, tail]).round(4))


def _section_knots(car: CarParameters, x: NDArray) -> tuple[NDArray, tuple[NDArray, NDArray, NDArray]]:
    """Knots (N, len(KNOT_T), 2) of y and z, and what the coordinates keep of them."""
    top = smooth_polyline(x, _centre_line(car), 0.09)
    share = (car.front_x - x) / (car.front_x - car.rear_x)
    belt = car.belt_height + car.belt_rise * (share - 0.4)
    drop = CROWN_M + car.bonnet_crown
    if car.bed:  # the bed's rail is higher than the belt, and flat
        belt = belt + (car.boot_height - 0.03 - belt) * ramp(-x, -car.backlight_x - 0.1, -car.backlight_x + 0.1)
    shoulder = _smooth_min(belt, top - drop, 0.03)
    floor = car.clearance + 0.05 * (ramp(x, car.axles[0], car.front_x) + ramp(-x, -car.axles[1], -car.rear_x)) ** 2
    half = _half_width(car, x)
    cabin = (top - drop - shoulder).clip(0)
    edge_y = 0.965 * half - 0.055 - car.tumblehome * cabin
    edge = top - CROWN_M
    ridge = car.bonnet_ridge * smoothstep(ramp(x, car.cowl_x - 0.02, car.cowl_x + 0.25))
    ridge = ridge * smoothstep(ramp(-x, -car.front_x + 0.06, -car.front_x + 0.45))
    bulge = car.bonnet_bulge * smoothstep(ramp(x, car.cowl_x - 0.01, car.cowl_x + 0.30))
    bulge = bulge * smoothstep(ramp(-x, -car.front_x + 0.03, -car.front_x + 0.28))
    y, z = [0 * x, 0.78 * half], [floor, floor]
    for side_y, side_z in _side_knots(car, x, half, floor, shoulder):
        y.append(side_y)
        z.append(side_z)
    y += [edge_y, 0.62 * edge_y, 0.58 * edge_y, 0 * x]
    z += [edge, top - 0.012 - ridge, top - 0.010 - 0.2 * ridge + 0.9 * bulge, top + bulge]
    return np.dstack([np.stack(y, axis=1), np.stack(z, axis=1)]), (shoulder, edge, edge_y)


def _half_width(car: CarParameters, x: NDArray) -> NDArray:
    """Half of the body's width: it bows a little all along, and draws in before the front and behind the rear axle."""
    bow = 1 - 0.010 * ((2 * x - car.front_x - car.rear_x) / (car.front_x - car.rear_x)) ** 2
    nose = 1 - car.nose_taper * ramp(x, car.axles[0] - 0.25, car.front_x) ** 2.2
    tail = 1 - car.tail_taper * ramp(-x, -car.axles[1] - 0.35, -car.rear_x) ** 2.2
    return np.asarray(car.width / 2 * bow * nose * tail)


def _side_knots(
    car: CarParameters, x: NDArray, half: NDArray, floor: NDArray, shoulder: NDArray
) -> list[tuple[NDArray, NDArray]]:
    """The flank from the sill's foot to the shoulder: sill, hollow doors, a crease, and the shelf below the glass."""
    between = smoothstep(ramp(x, car.axles[1] + 0.15, car.axles[1] + 0.75)) * smoothstep(
        ramp(-x, -car.axles[0] + 0.15, -car.axles[0] + 0.75)
    )
    haunch = car.haunch * np.exp(-(((x - car.axles[1] - 0.05) / 0.48) ** 2))
    sill = floor + 0.17
    rise = car.crease_rise * ((car.front_x - x) / (car.front_x - car.rear_x) - 0.5)
    crease = np.maximum(shoulder - car.crease_drop + rise, sill + 0.16)
    crease = np.minimum(crease, shoulder - 0.045)
    hollow = sill + 0.48 * (crease - sill)
    r = CREASE_RADIUS_M
    return [
        (0.945 * half, floor + 0.05),
        (half - 0.010 - 0.3 * car.scoop * between, sill - r),
        (half - 0.013 - 0.6 * car.scoop * between, sill + r),
        (half - 0.006 - car.scoop * between + 0.4 * haunch, hollow),
        (half + haunch - 0.001, crease - r),
        (half + haunch - 0.0035, crease + r),
        (half - car.catwalk + 0.7 * haunch, shoulder),
    ]


def top_height(car: CarParameters, x: float) -> float:
    """Height of the body's middle at x: bonnet, screens or roof."""
    return float(smooth_polyline(np.array([x]), _centre_line(car), 0.09)[0])


def _centre_line(car: CarParameters) -> list[tuple[float, float]]:
    """Knots of the profile, as one sees the car from the side."""
    middle = (car.header_x + car.roof_end_x) / 2
    bonnet = car.nose_top + 0.72 * (car.cowl_height - car.nose_top)
    foot = max(car.axles[0] + 0.12, car.cowl_x + 0.35)
    knots = [
        (car.front_x, car.nose_top),
        (foot, bonnet),
        (car.cowl_x, car.cowl_height),
        (car.header_x, car.screen_top),
        *([(car.header_x - 0.42, car.height - 0.012)] if car.screen_top < car.height - 0.1 else []),
        (middle, car.height),
        (car.roof_end_x, car.height - 0.05),
        (car.backlight_x, car.boot_height),
    ]
    if car.box:
        knots.append((car.rear_x, car.boot_height - 0.12))
    elif car.backlight_x > car.rear_x + 0.15:
        knots.append((car.rear_x, car.boot_height + (0.0 if car.bed else car.boot_lip - 0.03)))
    return knots


def _smooth_min(a: NDArray, b: NDArray, radius: float) -> NDArray:
    h = np.clip(0.5 + 0.5 * (b - a) / radius, 0, 1)
    return b * (1 - h) + a * h - radius * h * (1 - h)


def _curve(knots: NDArray) -> tuple[NDArray, NDArray]:
    """Cubic Hermite curves through the knots; tangents no longer than the shorter neighbour, so corners stay tight."""
    step = np.diff(knots, axis=1)
    length = np.linalg.norm(step, axis=2, keepdims=True).clip(1e-9)
    direction = step / length
    mean = direction[:, 1:] + direction[:, :-1]
    mean /= np.linalg.norm(mean, axis=2, keepdims=True).clip(1e-9)
    smooth = mean * np.minimum(length[:, 1:], length[:, :-1])
    corner = np.isin(KNOT_T[1:-1], CORNERS)[None, :, None]
    first, last = step[:, :1] * [1, 0], step[:, -1:] * [1, 0]
    leaving = np.concatenate([first, np.where(corner, step[:, 1:], smooth)], axis=1)
    arriving = np.concatenate([np.where(corner, step[:, :-1], smooth), last], axis=1)
    points, along = [], []
    for span, count in enumerate(PER_SPAN):
        final = span == len(PER_SPAN) - 1
        u = np.linspace(0, 1, count + 1)[: count + 1 if final else count][None, :, None]
        p, q, m, n = knots[:, span, None], knots[:, span + 1, None], leaving[:, span, None], arriving[:, span, None]
        points.append(
            (2 * u**3 - 3 * u**2 + 1) * p + (u**3 - 2 * u**2 + u) * m + (3 * u**2 - 2 * u**3) * q + (u**3 - u**2) * n
        )
        along.append(KNOT_T[span] + (KNOT_T[span + 1] - KNOT_T[span]) * u.ravel())
    return np.concatenate(points, axis=1), np.concatenate(along)


def _filleted(car: CarParameters, x: NDArray, points: NDArray) -> NDArray:
    """Sections near the ends drawn in along a quarter circle, so that sides run round into the caps."""
    distance = np.minimum(x - car.rear_x, car.front_x - x).clip(0, FILLET_M) / FILLET_M
    shrink = FILLET_M * (1 - np.sqrt(1 - (1 - distance) ** 2))
    low, high = points[..., 1].min(axis=1), points[..., 1].max(axis=1)
    middle, reach = (low + high) / 2, (high - low) / 2
    factor_y = 1 - shrink / points[..., 0].max(axis=1)
    factor_z = 1 - 0.45 * shrink / reach
    y = points[..., 0] * factor_y[:, None]
    z = middle[:, None] + (points[..., 1] - middle[:, None]) * factor_z[:, None]
    return np.dstack([y, z])


def _grid_triangles(rows: int, columns: int) -> NDArray:
    """Two triangles per cell, their fronts outward for a section that runs from the floor over the left to the top."""
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)[None, :]).ravel()
    a, b, c, d = corner, corner + 1, corner + columns, corner + columns + 1
    return np.concatenate([np.stack([a, b, d], 1), np.stack([a, d, c], 1)])


def _cap(
    section: NDArray, coordinates: NDArray, ring: NDArray, start: int, side: float
) -> tuple[NDArray, NDArray, NDArray]:
    """Rings (CAP_RINGS, count) that shrink the end section onto its vertical middle line."""
    count = len(ring)
    low, high = section[:, 2].min(), section[:, 2].max()
    goal = np.column_stack(
        [section[:, 0], np.zeros(count), low + (high - low) * (0.15 + 0.7 * (section[:, 2] - low) / (high - low))]
    )
    share = (np.arange(1, CAP_RINGS + 1) / CAP_RINGS)[:, None, None]
    rings = section * (1 - share) + goal * share
    rows = np.concatenate([ring[None], start + np.arange(CAP_RINGS * count).reshape(CAP_RINGS, count)])
    a, b, c, d = rows[:-1, :-1].ravel(), rows[:-1, 1:].ravel(), rows[1:, :-1].ravel(), rows[1:, 1:].ravel()
    triangles = np.concatenate([np.stack([a, b, d], 1), np.stack([a, d, c], 1)])
    carried = np.broadcast_to(coordinates, (CAP_RINGS, *coordinates.shape)).reshape(-1, coordinates.shape[1])
    return rings.reshape(-1, 3), carried, triangles if side > 0 else triangles[:, ::-1]
