"""Points of a generated vehicle beyond the twenty of `vehicle20`, for other keypoint schemas to name."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.accessories import HIDDEN
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Label, Part
from blender_scenes.vehicle.seams import door_lines

SIDES = (("LEFT", 1.0), ("RIGHT", -1.0))
SOLID = ("paint", "trim", "chrome", "gloss_black")
TOP_EDGE_M = 0.05
"""How far below its highest point a pane's upper edge reaches."""


def further_labels(car: CarParameters, parts: Sequence[Part], root: NDArray[np.float64]) -> dict[str, list[Label]]:
    """Name to places. `root`: where the left mirror stands on the door, (3,)."""
    labels: dict[str, list[Label]] = {}
    for name, x, y, z in _goals(car, root):
        for side, sign in SIDES:
            labels[f"{name}_{side}"] = [_nearest(parts, SOLID, np.array([x, sign * y, z]))]
    for name, material in (("windshield_top", "glass_front"), ("rear_window_top", "glass_rear")):
        for side, sign in SIDES:
            labels[f"{name}_{side}"] = [_upper_corner(parts, material, sign)]
    labels |= _rear_plate(parts)
    middle = (car.front_x + car.rear_x) / 2
    flanks = [_nearest(parts, SOLID, np.array([middle, sign * car.width / 2, car.height / 2])) for _, sign in SIDES]
    if flanks[0][0] == flanks[1][0]:
        labels["centre"] = [(flanks[0][0], flanks[0][1] + flanks[1][1])]
    if car.exhaust != HIDDEN:
        labels["exhaust"] = [_nearest(parts, ("chrome",), np.array([car.rear_x, -0.3 * car.width, car.clearance]))]
    return labels


def _goals(car: CarParameters, root: NDArray) -> list[tuple[str, float, float, float]]:
    """Name, and x, y, z near which the left one of a pair is."""
    _, pillar, _ = door_lines(car)
    half = car.width / 2
    roof = half * 0.965 - 0.06 - car.tumblehome * (car.height - 0.09 - car.belt_height)
    return [
        ("front_corner", car.front_x - 0.10, half * (1 - car.nose_taper), car.clearance + 0.20),
        ("rear_corner", car.rear_x + 0.06, half * (1 - car.tail_taper), car.clearance + 0.22),
        ("pillar_top", pillar, roof, car.height - 0.07),
        ("quarter", car.rear_x + 0.04, half, car.belt_height - 0.10),
        ("mirror_root", float(root[0]), float(root[1]), float(root[2])),
    ]


def _upper_corner(parts: Sequence[Part], material: str, sign: float) -> Label:
    """Of a pane, along its upper edge the vertex that is furthest to one side."""
    number = next(n for n, part in enumerate(parts) if part.material == material)
    vertices = parts[number].vertices[np.unique(parts[number].triangles)]
    upper = vertices[:, 2] > vertices[:, 2].max() - TOP_EDGE_M
    corner = vertices[upper][np.argmax(vertices[upper, 1] * sign)]
    return number, (int(np.linalg.norm(parts[number].vertices - corner, axis=1).argmin()),)


def _rear_plate(parts: Sequence[Part]) -> Mapping[str, list[Label]]:
    """The middles of the rear plate's left and right edges."""
    plates = [n for n, part in enumerate(parts) if part.material == "plate" and part.vertices[:, 0].max() < 0]
    found = {}
    for side, sign in SIDES:
        vertices = parts[plates[0]].vertices
        edge = np.flatnonzero(vertices[:, 1] * sign > (vertices[:, 1] * sign).max() - 1e-6)
        found[f"rear_plate_{side}"] = [(plates[0], tuple(int(v) for v in edge))]
    return found


def _nearest(parts: Sequence[Part], materials: Sequence[str], goal: NDArray) -> Label:
    """The vertex of the body's parts of those materials that is nearest to `goal`."""
    best: tuple[float, Label] | None = None
    for number, part in enumerate(parts):
        if part.material in materials and part.name == "body":
            distance = np.linalg.norm(part.vertices - goal, axis=1)
            vertex = int(distance.argmin())
            if best is None or distance[vertex] < best[0]:
                best = (float(distance[vertex]), (number, (vertex,)))
    assert best is not None
    return best[1]
