"""The body's outer skin: sections across the car, lofted from tail to nose, and closed by a cap at each end.

Only the left half is built; `mirror` makes the other. Each vertex carries its loft coordinates, by which the regions
(glass, lamps, doors) are found whatever the shape has been bent to:

    X0      x before the nose and tail were bowed in plan and side view
    T       place along the section: 0 floor, 4 widest, 5 shoulder, 6 edge of the roof or bonnet, 8 centre line
    SHOULDER, EDGE, EDGE_Y   heights of the shoulder and of the roof's edge at this X0, and the edge's y
"""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.params import CarParameters, smooth_polyline
from blender_scenes.vehicle.trim import Surface

X0, T, SHOULDER, EDGE, EDGE_Y = range(5)
SECTIONS = 80
PER_SPAN = (1, 2, 3, 6, 6, 5, 5, 3)
"""Points along a section between one knot and the next."""
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
    bent = _bend(car, flat)
    bent[:, 1] += _flare(car, bent, carried)
    bent[np.abs(flat[:, 1]) < 1e-9, 1] = 0.0
    return Surface(
        vertices=bent,
        normals=smooth_normals(bent, triangles),
        coordinates=carried,
        triangles=triangles,
        material=np.full(len(triangles), "paint", dtype="<U16"),
    )


def smooth_normals(vertices: NDArray, triangles: NDArray) -> NDArray[np.float64]:
    """Unit normals (V, 3), by area; those on the plane of symmetry lie in it."""
    a, b, c = vertices[triangles].transpose(1, 0, 2)
    face = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], face)
    normals[np.abs(vertices[:, 1]) < 1e-9, 1] = 0.0
    return normals / np.linalg.norm(normals, axis=1, keepdims=True).clip(1e-12)


def _stations(car: CarParameters) -> NDArray:
    """x of the sections: closer together in the rounded ends."""
    even = np.linspace(0, 1, SECTIONS)
    ends = FILLET_M * (1 - np.cos(np.linspace(0, np.pi / 2, 8)))
    inner = car.rear_x + FILLET_M + even * (car.front_x - car.rear_x - 2 * FILLET_M)
    return np.unique(np.concatenate([car.rear_x + ends, inner, car.front_x - ends]).round(6))


def _section_knots(car: CarParameters, x: NDArray) -> tuple[NDArray, tuple[NDArray, NDArray, NDArray]]:
    """Knots (N, 9, 2) of y and z, and what the coordinates keep of them."""
    top = smooth_polyline(x, _centre_line(car), 0.09)
    share = (car.front_x - x) / (car.front_x - car.rear_x)
    belt = car.belt_height + car.belt_rise * (share - 0.4)
    drop = CROWN_M + car.bonnet_crown
    if car.bed:  # the bed's rail is higher than the belt, and flat
        belt = belt + (car.boot_height - 0.03 - belt) * _ramp(-x, -car.backlight_x - 0.1, -car.backlight_x + 0.1)
    shoulder = _smooth_min(belt, top - drop, 0.03)
    floor = car.clearance + 0.05 * (_ramp(x, car.axles[0], car.front_x) + _ramp(-x, -car.axles[1], -car.rear_x)) ** 2
    half = car.width / 2 * (1 - car.nose_taper * _ramp(x, car.axles[0] - 0.25, car.front_x) ** 2.2)
    half = half * (1 - car.tail_taper * _ramp(-x, -car.axles[1] - 0.35, -car.rear_x) ** 2.2)
    cabin = (top - drop - shoulder).clip(0)
    edge_y = 0.965 * half - 0.055 - car.tumblehome * cabin
    edge = top - CROWN_M
    ones = np.ones_like(x)
    y = np.stack(
        [0 * ones, 0.78 * half, 0.965 * half, 0.99 * half, half, 0.965 * half, edge_y, 0.6 * edge_y, 0 * ones], axis=1
    )
    widest = floor + 0.66 * (shoulder - floor)
    z = np.stack([floor, floor, floor + 0.06, floor + 0.17, widest, shoulder, edge, top - 0.011, top], axis=1)
    return np.dstack([y, z]), (shoulder, edge, edge_y)


def _centre_line(car: CarParameters) -> list[tuple[float, float]]:
    """Knots of the profile, as one sees the car from the side."""
    middle = (car.header_x + car.roof_end_x) / 2
    bonnet = car.nose_height + 0.72 * (car.cowl_height - car.nose_height)
    knots = [
        (car.front_x, car.nose_height),
        (car.axles[0] + 0.12, bonnet),
        (car.cowl_x, car.cowl_height),
        (car.header_x, car.height - 0.035),
        (middle, car.height),
        (car.roof_end_x, car.height - 0.05),
        (car.backlight_x, car.boot_height),
    ]
    if car.backlight_x > car.rear_x + 0.15:
        knots.append((car.rear_x, car.boot_height - (0.0 if car.bed else 0.03)))
    return knots


def _smooth_min(a: NDArray, b: NDArray, radius: float) -> NDArray:
    h = np.clip(0.5 + 0.5 * (b - a) / radius, 0, 1)
    return b * (1 - h) + a * h - radius * h * (1 - h)


def _ramp(x: NDArray, start: float, end: float) -> NDArray:
    return np.clip((x - start) / (end - start), 0, 1)


def _smoothstep(value: NDArray) -> NDArray:
    return value * value * (3 - 2 * value)


def _curve(knots: NDArray) -> tuple[NDArray, NDArray]:
    """Cubic Hermite curves through the knots; tangents no longer than the shorter neighbour, so corners stay tight."""
    step = np.diff(knots, axis=1)
    length = np.linalg.norm(step, axis=2, keepdims=True).clip(1e-9)
    direction = step / length
    tangent = np.zeros_like(knots)
    mean = direction[:, 1:] + direction[:, :-1]
    mean /= np.linalg.norm(mean, axis=2, keepdims=True).clip(1e-9)
    tangent[:, 1:-1] = mean * np.minimum(length[:, 1:], length[:, :-1])
    tangent[:, 0], tangent[:, -1] = step[:, 0] * [1, 0], step[:, -1] * [1, 0]
    points, along = [], []
    for span, count in enumerate(PER_SPAN):
        last = span == len(PER_SPAN) - 1
        u = np.linspace(0, 1, count + 1)[: count + 1 if last else count][None, :, None]
        p, q = knots[:, span, None], knots[:, span + 1, None]
        m, n = tangent[:, span, None], tangent[:, span + 1, None]
        points.append(
            (2 * u**3 - 3 * u**2 + 1) * p + (u**3 - 2 * u**2 + u) * m + (3 * u**2 - 2 * u**3) * q + (u**3 - u**2) * n
        )
        along.append(span + u.ravel())
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


def _bend(car: CarParameters, flat: NDArray) -> NDArray:
    """Bow the ends: in plan, so that the middle of the car stands forward, and in side view, bumpers before bonnet."""
    x, y, z = flat.T
    share = np.clip(np.abs(y) / (car.width / 2), 0, 1.1) ** 2
    front = car.plan_bow * np.interp(
        x, [0.0, car.header_x, car.cowl_x, car.front_x - 0.3, car.front_x], [0.0, 0.3, 0.45, 0.75, 1.0]
    )
    rear = (
        0.6
        * car.plan_bow
        * np.interp(-x, [0.0, -car.roof_end_x, -car.backlight_x + 0.01, -car.rear_x + 0.02], [0.0, 0.3, 0.8, 1.0])
    )
    lean = 0.085 - 0.045 * car.blunt
    nose = smooth_polyline(
        z,
        [
            (0.0, -0.20),
            (car.clearance + 0.04, -0.06),
            (car.clearance + 0.16, -0.005),
            (car.clearance + 0.30, 0.0),
            (car.nose_height - 0.20, -0.25 * lean),
            (car.nose_height - 0.06, -0.6 * lean),
            (car.nose_height + 0.04, -0.9 * lean),
        ],
        0.035,
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
            (2.0, -0.3),
        ],
        0.03,
    )
    forward = _smoothstep(_ramp(x, car.axles[0] + 0.1, car.front_x))
    backward = _smoothstep(_ramp(-x, -car.axles[1] + 0.1, -car.rear_x))
    bent = flat.copy()
    bent[:, 0] = x - front * share + rear * share + nose * forward - tail * backward
    return bent


def _flare(car: CarParameters, vertices: NDArray, coordinates: NDArray) -> NDArray:
    """How far the side stands out: arches' lips, and a crease along the shoulder."""
    x, _, z = vertices.T
    side = np.clip((coordinates[:, T] - 1.6) / 0.6, 0, 1) * np.clip((5.2 - coordinates[:, T]) / 0.6, 0, 1)
    out = np.zeros(len(vertices))
    for axle in car.axles:
        radius = np.hypot(x - axle, z - car.tyre_radius)
        out += car.flare * np.exp(-(((radius - car.arch_radius - 0.015) / 0.05) ** 2))
        out -= 0.5 * car.flare * np.exp(-(((radius - car.arch_radius - 0.16) / 0.08) ** 2))
    waist = coordinates[:, SHOULDER] - 0.10
    out += car.crease * np.exp(-(((z - waist) / 0.022) ** 2))
    lower = car.clearance + 0.24
    out -= 0.8 * car.crease * np.exp(-(((z - lower) / 0.05) ** 2)) * _ramp(np.abs(x), 1.6, 0.9)
    return out * side
