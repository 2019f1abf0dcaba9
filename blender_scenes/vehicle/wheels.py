"""Wheels: tyre, rim with spokes of several designs, brake disc and hub."""

import numpy as np

from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part
from blender_scenes.vehicle.shapes import Mesh, box, joined, rotated, turned

# spokes, their width at hub and rim as shares of the rim's radius, how far a pair is spread (radians), dish in metres
DESIGNS: tuple[tuple[int, float, float, float, float], ...] = (
    (5, 0.34, 0.26, 0.0, 0.015),
    (5, 0.15, 0.12, 0.20, 0.010),
    (6, 0.26, 0.16, 0.0, 0.020),
    (7, 0.20, 0.14, 0.0, 0.012),
    (8, 0.12, 0.11, 0.12, 0.008),
    (10, 0.13, 0.11, 0.0, 0.015),
    (12, 0.10, 0.08, 0.0, 0.020),
    (4, 0.40, 0.52, 0.0, 0.005),
)
HUB_VERTEX = 0
"""In a wheel's first part: the middle of the hub's outer face."""


def wheel_parts(car: CarParameters, name: str, x: float, side: int) -> list[Part]:
    """One wheel; its first part is the hub. `side` is 1 on the left, -1 on the right."""
    radius, half = car.tyre_radius, car.tyre_width / 2
    rim = radius * car.rim_share
    centre = np.array([x, side * (car.width / 2 - half - 0.012), radius])
    pieces = {
        "rim_hub": _hub(rim, half),
        "tyre": _tyre(radius, rim, half),
        "rim": _rim(car, rim, half),
        "disc": turned(np.array([[0.02, half - 0.115], [0.62 * rim, half - 0.115], [0.62 * rim, half - 0.135]]), 40),
        "well": turned(np.array([[0.0, half - 0.15], [rim, half - 0.15]]), 40),
    }
    turn = np.eye(3) if side > 0 else np.diag([-1.0, -1.0, 1.0])
    parts = []
    for material, mesh in pieces.items():
        vertices, triangles, normals = rotated(mesh, turn, centre)
        parts.append(Part(name, material.removesuffix("_hub"), vertices, triangles, normals))
    return parts


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
    wall = np.array([0.0, 0.35, 0.7, 1.0]) * (radius - 0.018 - rim) + rim
    bulge = half - 0.010 + np.array([-0.006, 0.010, 0.008, -0.012])
    outer = [
        [rim - 0.004, half - 0.03],
        *zip(wall, bulge, strict=True),
        [radius - 0.005, half - 0.032],
        [radius, half - 0.05],
    ]
    inner = [[r, -y] for r, y in reversed(outer)]
    return turned(np.array(outer + inner))


def _rim(car: CarParameters, rim: float, half: float) -> Mesh:
    lip = np.array(
        [
            [rim + 0.004, half - 0.016],
            [rim, half - 0.006],
            [rim - 0.014, half - 0.010],
            [rim - 0.022, half - 0.03],
            [rim - 0.026, half - 0.15],
        ]
    )
    spokes = [turned(lip)]
    count, inner, outer, spread, dish = DESIGNS[car.rim_design]
    for number in range(count):
        angle = 2 * np.pi * number / count + np.pi / 2
        for offset in (-spread, spread) if spread else (0.0,):
            spokes.append(_spoke(rim, half, inner * rim, outer * rim, angle + offset, dish))
    return joined(spokes)


def _spoke(rim: float, half: float, inner: float, outer: float, angle: float, dish: float) -> Mesh:
    """A bar from the hub to the rim, wider at one end, its face falling back by `dish` at the hub."""
    vertices, triangles, normals = box(
        np.array([0.10 * rim, half - 0.055, -0.5]), np.array([rim - 0.012, half - 0.016, 0.5])
    )
    along = (vertices[:, 0] - 0.10 * rim) / (0.9 * rim)
    vertices[:, 2] *= inner + (outer - inner) * along
    vertices[:, 1] -= dish * (1 - along) ** 2
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
    return rotated((vertices, triangles, normals), turn, np.zeros(3))


def hub_positions(car: CarParameters) -> dict[str, tuple[float, int]]:
    """Keypoint name of each wheel to its axle's x and its side."""
    front, rear = car.axles
    return {"wheel_FL": (front, 1), "wheel_FR": (front, -1), "wheel_RL": (rear, 1), "wheel_RR": (rear, -1)}
