"""What is fixed to the body: plates, badges, wipers."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part, part
from blender_scenes.vehicle.shapes import Mesh, box, joined, rotated, turned
from blender_scenes.vehicle.tail import is_tall


def plate_part(car: CarParameters, skin: NDArray, end: int, z: float) -> Part:
    """A licence plate on the nose (end 1) or the tail (-1), its uv upright and readable from outside."""
    width, height = car.plate_width, 0.11 if car.plate_width > 0.42 else 0.165
    near = skin[
        (np.abs(skin[:, 1]) < width / 2) & (np.abs(skin[:, 2] - z) < height / 2 + 0.03) & (skin[:, 0] * end > 0)
    ]
    x = end * (np.abs(near[:, 0]).max() + 0.006)
    columns, rows = 9, 5
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    y = (u - 0.5) * width * end
    vertices = np.stack([np.full_like(u, x), y, z + (v - 0.5) * height], -1).reshape(-1, 3)
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    triangles = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + columns + 1], 1),
            np.stack([corner, corner + columns + 1, corner + columns], 1),
        ]
    )
    normals = np.tile([float(end), 0.0, 0.0], (len(vertices), 1))
    return Part("plate", "plate", vertices, triangles, normals, np.stack([u.ravel(), v.ravel()], 1))


def plate_backing(plate: Part) -> Part:
    """What holds a plate: a shallow box that reaches back into the body."""
    end = float(np.sign(plate.vertices[0, 0]))
    low, high = plate.vertices.min(axis=0), plate.vertices.max(axis=0)
    front, back = plate.vertices[0, 0] - end * 0.002, plate.vertices[0, 0] - end * 0.10
    grown = np.array([0.0, 0.012, 0.010])
    box_low = np.array([min(front, back), low[1], low[2]]) - grown
    box_high = np.array([max(front, back), high[1], high[2]]) + grown
    return part("plate", "trim", box(box_low, box_high))


def rear_wiper_parts(car: CarParameters, skin: NDArray) -> list[Part]:
    """A wiper on the glass of an upright tail."""
    if not is_tall(car):
        return []
    roof = skin[(np.abs(skin[:, 1]) < 0.05) & (skin[:, 2] > car.height - 0.11) & (skin[:, 0] < 0)]
    x = roof[:, 0].min()  # where the roof ends: the tail's bow has moved it from roof_end_x
    glass = skin[(np.abs(skin[:, 1]) < 0.25) & (skin[:, 0] < x - 0.05) & (skin[:, 2] > car.boot_height - 0.02)]
    foot = car.boot_height + 0.05
    ends = []
    for y, up in ((0.0, 0.0), (0.30, 0.045)):
        near = glass[np.argsort(np.abs(glass[:, 2] - foot - up), kind="stable")[:6]]
        ends.append(np.array([near[:, 0].min() - 0.012, y, foot + up]))
    return [part("body", "trim", _bar(ends[0], ends[1], 0.009))]


def badge_parts(car: CarParameters, skin: NDArray, heights: tuple[float, float]) -> list[Part]:
    """A round badge on the nose and on the tail, at the given heights."""
    discs = []
    for end, z in zip((1, -1), heights, strict=True):
        near = skin[(np.abs(skin[:, 1]) < 0.06) & (np.abs(skin[:, 2] - z) < 0.06) & (skin[:, 0] * end > 0)]
        x = end * np.abs(near[:, 0]).max() if len(near) else end * abs(car.front_x)
        disc = turned(np.array([[0.052, -0.02], [0.052, 0.004], [0.044, 0.008], [0.030, 0.006], [0.001, 0.008]]), 28)
        turn = np.array([[0, end, 0], [-end, 0, 0], [0, 0, 1.0]])
        discs.append(rotated(disc, turn, np.array([x, 0.0, z])))
    return [part("body", "chrome", joined(discs))]


def wiper_parts(car: CarParameters, skin: NDArray) -> list[Part]:
    """Two wipers at rest along the foot of the windscreen."""
    inside = (skin[:, 0] > car.cowl_x - 0.35) & (skin[:, 0] < car.cowl_x + 0.01) & (skin[:, 2] > car.cowl_height - 0.03)
    screen = skin[inside]
    bars = []
    for y0, y1 in ((0.48, -0.02), (-0.05, -0.52)):
        ends = []
        for y, up in ((y0, 0.03), (y1, 0.07)):
            lower = np.abs(screen[:, 1] - y) < 0.08
            near = screen[lower]
            z = near[:, 2].min() + up
            x, slope = np.polynomial.polynomial.polyfit(near[:, 2] - z, near[:, 0], 1)
            ends.append(np.array([x + 0.012, y, z + 0.010 * abs(slope) + 0.006]))
        bars.append(_bar(ends[0], ends[1], 0.008))
    return [part("body", "trim", joined(bars))]


def _bar(start: NDArray, end: NDArray, half: float) -> Mesh:
    """A square bar between two points."""
    length = float(np.linalg.norm(end - start))
    mesh = box(np.array([0.0, -half, -half]), np.array([length, half, half]))
    forward = (end - start) / length
    aside = np.cross([0.0, 0.0, 1.0], forward)
    aside = aside / np.linalg.norm(aside) if np.linalg.norm(aside) > 1e-9 else np.array([0.0, 1.0, 0.0])
    return rotated(mesh, np.stack([forward, aside, np.cross(forward, aside)], axis=1), start)
