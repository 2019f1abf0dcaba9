"""Doors and tailgates that stand open: panels taken out of the skin, lined inside, and swung about their hinges.

A panel is found by its gaps (see seams.py) while the skin still carries its loft coordinates; what is fixed to it
(mirror, handle, plate, wiper) is found by place, and all of it is turned together, so that keypoints follow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Label, Part
from blender_scenes.vehicle.seams import door_lines, tailgate_half_width, tailgate_hinge_x
from blender_scenes.vehicle.tail import bumper_top
from blender_scenes.vehicle.trim import SHOULDER, X0, Surface, T, boundary

PANEL_THICKNESS_M = 0.04
FIXED = ("interior", "wheel")
"""Names of parts that stay where they are, whatever is open beside them."""
STAYS = ("seam", "well", "bed")
"""Materials of the skin that stay with the body."""


@dataclass(frozen=True)
class Panel:
    """A piece of the body that stands open.

    Attributes:
        name: of its parts.
        chosen: (T,) triangles of the left half's skin that belong to it.
        sides: 1 for the left half, -1 for the right; both for a tailgate.
        turn: (3, 3) rotation about `hinge`.
        hinge: (3,) a point of the hinge's axis.
        carries: whether a point (N, 3) of what is fixed to the body belongs to it.
    """

    name: str
    chosen: NDArray[np.bool_]
    sides: tuple[int, ...]
    turn: NDArray[np.float64]
    hinge: NDArray[np.float64]
    carries: Callable[[NDArray], NDArray]


def open_panels(car: CarParameters, surface: Surface) -> list[Panel]:
    """The panels that this car has open."""
    panels = []
    for name, degrees in (
        ("door_FL", car.door_fl_deg),
        ("door_FR", car.door_fr_deg),
        ("door_RL", car.door_rl_deg),
        ("door_RR", car.door_rr_deg),
    ):
        if degrees:
            panels.append(_door(car, surface, name, degrees))
    if car.tailgate_deg:
        panels.append(_tailgate(car, surface, car.tailgate_deg))
    return panels


def _door(car: CarParameters, surface: Surface, name: str, degrees: float) -> Panel:
    front, pillar, last = door_lines(car)
    ahead_x, behind_x = (front, pillar) if name[-2] == "F" else (pillar, last)
    side = 1 if name[-1] == "L" else -1
    centre, carried = _centres(surface)
    tilt = 0.10 * (centre[:, 2] - car.clearance - 0.15) if name[-2] == "F" else 0.0
    window = surface.material == "glass_side"
    sheet = (centre[:, 2] > car.clearance + 0.15) & (centre[:, 2] < carried[:, SHOULDER] + 0.03) & (carried[:, T] > 1.8)
    inside = (centre[:, 0] < np.where(window, ahead_x + 0.6, ahead_x - tilt)) & (centre[:, 0] > behind_x)
    chosen = inside & (sheet | window) & (carried[:, T] < 6) & ~np.isin(surface.material, STAYS)
    used = surface.vertices[np.unique(surface.triangles[chosen & ~window])]
    hinge = used[used[:, 0] > used[:, 0].max() - 0.1].mean(axis=0) * [1, side, 1]
    angle = -side * np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]])

    def carries(points: NDArray) -> NDArray:
        x, y, z = points.T
        beside = (y * side > 0.36 * car.width) & (z > car.clearance + 0.15) & (z < car.belt_height + 0.35)
        return np.asarray(beside & (x < ahead_x + 0.35) & (x > behind_x - 0.02))

    return Panel(name, chosen, (side,), turn, hinge, carries)


def _tailgate(car: CarParameters, surface: Surface, degrees: float) -> Panel:
    half, foot, hinge_x = tailgate_half_width(car), bumper_top(car) + 0.035, tailgate_hinge_x(car)
    centre, carried = _centres(surface)
    chosen = (carried[:, X0] < hinge_x) & (centre[:, 1] < half) & (centre[:, 2] > foot)
    chosen &= ~np.isin(surface.material, STAYS)
    used = surface.vertices[np.unique(surface.triangles[chosen])]
    hinge = used[np.argmax(used[:, 0])] * [1, 0, 1]
    angle = np.radians(degrees)  # about y: the rear edge rises
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1.0, 0], [-np.sin(angle), 0, np.cos(angle)]])

    def carries(points: NDArray) -> NDArray:
        x, y, z = points.T
        on_edge = (x < hinge[0] + 0.10) & (z < hinge[2] + 0.06)
        on_wing = (x < hinge[0]) & (z < hinge[2] + 0.30)
        return np.asarray((on_edge | on_wing) & (np.abs(y) < half) & (z > foot))

    return Panel("tailgate", chosen, (1, -1), turn, hinge, carries)


def _centres(surface: Surface) -> tuple[NDArray, NDArray]:
    corners = surface.triangles
    return surface.vertices[corners].mean(axis=1), surface.coordinates[corners].mean(axis=1)


def lining(surface: Surface, chosen: NDArray) -> tuple[NDArray, NDArray]:
    """Vertices (V, 3) and triangles (T, 3) of a panel's inner side and its edges; its windows stay clear."""
    sheet = surface.triangles[chosen & ~np.char.startswith(surface.material, "glass")]
    _, first, welded = np.unique(surface.vertices.round(5), axis=0, return_index=True, return_inverse=True)
    used, local = np.unique(welded[sheet], return_inverse=True)  # pieces that were sunk hang together by their walls
    local = local.reshape(-1, 3)
    local = local[(local != np.roll(local, 1, axis=1)).all(axis=1)]
    outer = surface.vertices[first[used]]
    inner = outer - PANEL_THICKNESS_M * surface.normals[first[used]]
    on_midline = np.abs(outer[:, 1]) < 1e-6
    inner[on_midline, 1] = 0.0
    rim = boundary(local)
    a, b = rim[~on_midline[rim].all(axis=1)].T
    count = len(used)
    edges = np.concatenate([np.stack([b, a, a + count], 1), np.stack([b, a + count, b + count], 1)])
    return np.concatenate([outer, inner]), np.concatenate([local[:, ::-1] + count, edges])


def swing(parts: list[Part], first: int, labels: Mapping[str, list[Label]], panels: list[Panel]) -> list[Part]:
    """Turn each panel, and of the parts from number `first` on what is fixed to it; some have to be divided."""
    labelled = {part for places in labels.values() for part, _ in places}
    turned = list(parts)
    for panel in panels:
        for number, part in enumerate(list(turned)):
            if part.name == panel.name:
                turned[number] = _turned(part, panel)
            elif number >= first and not part.name.startswith(FIXED):
                carried = panel.carries(part.vertices[part.triangles].mean(axis=1))
                if carried.all():
                    turned[number] = _turned(part, panel)
                elif carried.any() and number not in labelled:
                    turned[number] = _only(part, ~carried)
                    turned.append(_turned(_only(part, carried), panel))
    return turned


def _only(part: Part, chosen: NDArray) -> Part:
    """Some triangles of a part, with the vertices that they use."""
    used, local = np.unique(part.triangles[chosen], return_inverse=True)
    normals, uv = (None if values is None else values[used] for values in (part.normals, part.uv))
    return replace(part, vertices=part.vertices[used], triangles=local.reshape(-1, 3), normals=normals, uv=uv)


def _turned(part: Part, panel: Panel) -> Part:
    normals = None if part.normals is None else part.normals @ panel.turn.T
    return replace(part, vertices=(part.vertices - panel.hinge) @ panel.turn.T + panel.hinge, normals=normals)
