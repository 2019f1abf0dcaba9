"""Door mirrors: four housings, each with its glass and what carries it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.accessories import TALL
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part
from blender_scenes.vehicle.shapes import Mesh, joined, mirrored, superellipsoid


class Housing(NamedTuple):
    """A mirror's shape: half of its length, width and height; how boxy; where it is from its root; how it leans."""

    radii: tuple[float, float, float]
    power: float
    offset: tuple[float, float, float]
    sweep: float
    """Back per outward."""
    taper: float
    """Share of the height lost from the middle to the tip."""
    arms: tuple[float, ...]
    """Height of the arms over the root."""


HOUSINGS = (
    Housing((0.070, 0.106, 0.076), 2.8, (0.02, 0.122, 0.055), 0.0, 0.0, (0.015,)),
    Housing((0.082, 0.112, 0.070), 3.4, (0.02, 0.128, 0.058), 0.22, 0.22, (0.012,)),
    Housing((0.058, 0.088, 0.128), 4.5, (0.03, 0.140, 0.090), 0.05, 0.0, (0.020, 0.130)),
    Housing((0.074, 0.104, 0.056), 2.6, (0.02, 0.150, 0.075), 0.12, 0.12, (0.035,)),
)


def mirror_parts(car: CarParameters, root: NDArray[np.float64]) -> list[Part]:
    """Both mirrors; the first part of each side is the housing. `root`: on the left door, below the window's corner."""
    shape = HOUSINGS[car.mirror_shape]
    centre = root + shape.offset
    back = -0.4 * shape.radii[0]
    housing = _leaning(superellipsoid((0.0, 0.0, 0.0), shape.radii, shape.power, 11), shape)
    housing[0][housing[0][:, 0] < back, 0] = back  # flat where the glass is
    _, wide, high = shape.radii
    pane = superellipsoid((0.0, 0.0, 0.0), (0.003, 0.83 * wide, 0.78 * high), 2.6, 6)
    glass = _leaning(pane, shape)
    glass[0][:, 0] = back - 0.001 + pane[0][:, 0]
    arms = []
    for rise in shape.arms:
        start, end = root + [0.02, -0.02, min(rise, 0.035)], root + [0.02, shape.offset[1] - 0.4 * wide, rise]
        middle, half = (start + end) / 2, abs(end - start) / 2
        arms.append(superellipsoid(tuple(middle), (0.033, half[1] + 0.02, half[2] + 0.018), 3.0, 8))
    parts = []
    for name, turn in (("mirror_LEFT", lambda m: m), ("mirror_RIGHT", mirrored)):
        parts += [
            _part(
                name, "paint" if car.mirror_shape != TALL or car.handle_chrome else "trim", turn(_at(housing, centre))
            ),
            _part(name, "trim", turn(joined(arms))),
            _part(name, "chrome", turn(_at(glass, centre))),
        ]
    return parts


def _leaning(mesh: Mesh, shape: Housing) -> Mesh:
    vertices = mesh[0].copy()
    out = vertices[:, 1] / shape.radii[1]
    vertices[:, 2] *= 1 - shape.taper * out
    vertices[:, 0] -= shape.sweep * vertices[:, 1].clip(0)
    return vertices, mesh[1], mesh[2]


def _at(mesh: Mesh, centre: NDArray) -> Mesh:
    return mesh[0] + centre, mesh[1], mesh[2]


def _part(name: str, material: str, mesh: Mesh) -> Part:
    return Part(name, material, *mesh)
