"""How much a surface looks like a vehicle in a given pose: long, mirrored, on wheels, mirrors ahead of the middle."""

import numpy as np
from numpy.typing import NDArray

COUNT = 6000
GRID = 24
Samples = NDArray[np.float64]
"""(N, 3) points spread evenly over a surface."""


def sample_surface(corners: NDArray[np.float64], count: int = COUNT) -> Samples:
    """`count` points on triangles (T, 3, 3), as many to each as its area asks for; the same ones every time."""
    sides = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.cumsum(np.linalg.norm(sides, axis=1))
    if not len(area) or area[-1] == 0:
        return corners.reshape(-1, 3)
    step = np.arange(count)
    pick = np.searchsorted(area, (step + 0.5) / count * area[-1]).clip(max=len(corners) - 1)
    # two low-discrepancy coordinates, folded into the triangle
    u, v = (step * 0.7548776662466927) % 1, (step * 0.5698402909980532) % 1
    folded = u + v > 1
    u, v = np.where(folded, 1 - u, u), np.where(folded, 1 - v, v)
    a, b, c = corners[pick].transpose(1, 0, 2)
    return np.asarray(a + u[:, None] * (b - a) + v[:, None] * (c - a))


def shape_score(samples: Samples, axes: NDArray[np.float64]) -> float:
    """The higher, the more `axes` (3, 3), rows forward, left, up, are those of a vehicle; about 0 to 10."""
    posed = samples @ axes.T
    low, high = posed.min(axis=0), posed.max(axis=0)
    size = np.maximum(high - low, 1e-12)
    unit = (posed - (low + high) / 2) / (size / 2)
    length = 3.0 * (size[0] >= size.max() * 0.999)
    return length + 3.0 * _mirrored(unit) + 2.0 * _stands(unit) + _looks_ahead(unit)


def _mirrored(unit: Samples) -> float:
    """Overlap of the surface with its mirror image from left to right, 0..1, in a coarse grid."""
    cells = {tuple(cell) for cell in _cells(unit)}
    other = {tuple(cell) for cell in _cells(unit * [1, -1, 1])}
    return len(cells & other) / max(len(cells | other), 1)


def _cells(unit: Samples) -> NDArray[np.int64]:
    return np.floor((unit + 1) / 2 * (GRID - 1e-6)).astype(np.int64)


def _stands(unit: Samples) -> float:
    """-1..1: a roof is near the middle line; wheels, at the other end, are far from it."""

    def share_in_the_middle(slab: Samples) -> float:
        return float((np.abs(slab[:, 1]) < 0.5).mean()) if len(slab) else 0.0

    top, bottom = unit[unit[:, 2] > 0.85], unit[unit[:, 2] < -0.85]
    narrower = np.abs(unit[unit[:, 2] < 0][:, 1]).mean() - np.abs(unit[unit[:, 2] > 0][:, 1]).mean()
    return share_in_the_middle(top) - share_in_the_middle(bottom) + float(np.nan_to_num(narrower))


def _looks_ahead(unit: Samples) -> float:
    """-2..2: what stands out widest at the windows' height is the mirrors, ahead; the roof lies behind the middle."""
    band = unit[(unit[:, 2] > -0.1) & (unit[:, 2] < 0.7)]
    widest = band[np.abs(band[:, 1]) > 0.93] if len(band) else band
    mirrors = float(np.clip(widest[:, 0].mean() * 2, -1, 1)) if len(widest) else 0.0
    roof = unit[unit[:, 2] > 0.8]
    return mirrors - float(np.clip(roof[:, 0].mean() * 2, -1, 1) if len(roof) else 0.0)
