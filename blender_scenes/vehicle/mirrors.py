"""Door mirrors: four housings, each with its glass sunk in a rim, and what carries it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.accessories import ROUNDED, SLIM, TALL, WEDGE
from blender_scenes.vehicle.loft import lofted, oval, rounded_path, tube
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part, part
from blender_scenes.vehicle.probe import from_left
from blender_scenes.vehicle.shapes import Mesh, joined, mirrored
from blender_scenes.vehicle.trim import Surface

POINTS = 26
"""Round an outline."""
RIM_M = 0.007
GLASS_DEPTH_M = 0.010
SUNK_M = 0.03
"""How deep what carries a mirror reaches into the door."""
GLASS_TO_BACK = np.array([[0.0, 0.97], [0.05, 1.0], [0.25, 1.0], [0.5, 0.95], [0.72, 0.84], [0.88, 0.66], [0.97, 0.4]])
"""Rings of a housing: share of the depth from the glass forward, and share of the outline."""


@dataclass(frozen=True)
class Housing:
    """A kind of mirror.

    Attributes:
        outline: (M, 2) of y and z round the middle of the housing, as seen from the front.
        depth: from the glass forward.
        out: from the door to the middle of the housing.
        up: from the belt line to the middle of the housing.
        lean: how far the front is swept back per metre outwards.
        material: of the housing.
    """

    outline: NDArray[np.float64]
    depth: float
    out: float
    up: float
    lean: float
    material: str


def mirror_root(car: CarParameters, surface: Surface) -> NDArray[np.float64]:
    """Where the left mirror stands on the door, (3,): below the window's front corner."""
    return from_left(surface, car.cowl_x - 0.30, car.belt_height + 0.03)


def mirror_parts(car: CarParameters, surface: Surface, root: NDArray[np.float64]) -> list[Part]:
    """Both door mirrors; the first part of each side is the housing."""
    kind = HOUSINGS[car.mirror_shape]()
    centre = root + [0.02, kind.out, kind.up]
    housing, glass = _housing(kind, centre)
    carrier = CARRIERS[car.mirror_shape](root, centre, surface)
    parts = []
    for name, turn in (("mirror_LEFT", lambda m: m), ("mirror_RIGHT", mirrored)):
        parts += [
            part(name, kind.material, turn(housing)),
            part(name, "trim", turn(carrier)),
            part(name, "chrome", turn(glass)),
        ]
    return parts


def opposite_pair(vertices: NDArray[np.float64]) -> tuple[int, int]:
    """Two vertices of a housing (V, 3) between which, as nearly as can be, its middle lies.

    A label of two vertices survives a file's rounding and renumbering; the mean of all would lean to the finer end.
    """
    middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    off = np.linalg.norm(vertices[:, None] + vertices[None] - 2 * middle, axis=2)
    first, second = np.unravel_index(int(off.argmin()), off.shape)
    return int(first), int(second)


def _housing(kind: Housing, centre: NDArray) -> tuple[Mesh, Mesh]:
    """The shell with a hollow at its rear, and the glass in it."""
    y, z = kind.outline.T
    back = -0.4 * kind.depth
    inner = 1 - RIM_M / np.abs(kind.outline).max(axis=0).min()

    def ring(x: float, share: float) -> NDArray:
        swept = x - kind.lean * y * share * (x - back) / kind.depth
        return np.stack([swept, y * share, z * share], axis=1) + centre

    shell = [ring(back + along * kind.depth, share) for along, share in GLASS_TO_BACK]
    hollow = [ring(back + GLASS_DEPTH_M, inner), ring(back, inner)]
    glass = [ring(back + GLASS_DEPTH_M - 0.002, inner - 0.004), ring(back + GLASS_DEPTH_M + 0.004, inner - 0.004)]
    return lofted(np.array(hollow + shell)), lofted(np.array(glass))


def _rounded() -> Housing:
    return Housing(oval(POINTS, 0.108, 0.076, 3.0), 0.15, 0.135, 0.062, 0.35, "paint")


def _wedge() -> Housing:
    """High at its outer end, low at the door, with a sharp lower edge."""
    shape = oval(POINTS, 0.118, 0.074, 3.4)
    share = shape[:, 0] / 0.118
    shape[:, 1] *= 1.0 + 0.16 * share
    shape[:, 1] += 0.014 * share
    shape[:, 0] += np.where(share > 0, 0.25 * shape[:, 1] * share, 0.0)
    return Housing(shape, 0.155, 0.142, 0.058, 0.55, "paint")


def _tall() -> Housing:
    return Housing(oval(POINTS, 0.092, 0.165, 4.5), 0.115, 0.185, 0.115, 0.15, "trim")


def _stalk() -> Housing:
    shape = oval(POINTS, 0.106, 0.056, 2.7)
    shape[:, 1] += 0.012 * shape[:, 0] / 0.106
    return Housing(shape, 0.125, 0.156, 0.088, 0.60, "paint")


def _foot(root: NDArray, centre: NDArray, surface: Surface) -> Mesh:
    """A short arm from the corner of the window, flat and as deep as a hand."""
    start, end = root + [0.0, -SUNK_M, -0.012], centre + [-0.005, -0.03, -0.045]
    middle = (start + end) / 2 + [0, 0, -0.008]
    return tube(np.array([start, middle, end]), oval(16, 0.040, 0.018, 3.0), np.array([1.15, 1.0, 0.9]))


def _two_arms(root: NDArray, centre: NDArray, surface: Surface) -> Mesh:
    """Brackets above and below, as a truck's mirror has them."""
    arms = []
    for up in (-0.085, 0.095):
        high = float(centre[2] + up)
        foot = from_left(surface, float(root[0]), high)
        path = np.array([foot - [0, SUNK_M, 0], foot + [0.01, 0.03, 0], centre + [0.0, -0.05, up]])
        arms.append(tube(path, oval(12, 0.022, 0.013, 3.0)))
    return joined(arms)


def _on_stalk(root: NDArray, centre: NDArray, surface: Surface) -> Mesh:
    """A thin arm out of the door's shoulder, bent upwards."""
    foot = from_left(surface, float(root[0]) + 0.01, float(root[2]) - 0.045)
    path = rounded_path(
        np.array([foot - [0, SUNK_M, 0], foot + [0.0, 0.095, 0.012], centre + [0.0, -0.025, -0.030]]), 0.04
    )
    return tube(path, oval(12, 0.026, 0.010, 2.5))


HOUSINGS: dict[int, Callable[[], Housing]] = {
    ROUNDED: _rounded,
    WEDGE: _wedge,
    TALL: _tall,
    SLIM: _stalk,
}
CARRIERS: dict[int, Callable[[NDArray, NDArray, Surface], Mesh]] = {
    ROUNDED: _foot,
    WEDGE: _foot,
    TALL: _two_arms,
    SLIM: _on_stalk,
}
