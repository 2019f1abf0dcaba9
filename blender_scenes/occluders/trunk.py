"""The trunk of a man of 1.75 m, and what is worn about it; metres."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from blender_scenes.occluders.body import Build, Limb
from blender_scenes.occluders.loft import creased, loft, pipe, profile, rings_along, torus
from blender_scenes.surroundings.shape import Shape, ball, join

Array = NDArray[np.float64]
SIDES = 32
# height, half depth, half width, shift forward
TRUNK = (
    (0.780, 0.045, 0.060, -0.004),
    (0.815, 0.090, 0.130, -0.006),
    (0.860, 0.110, 0.160, -0.010),
    (0.930, 0.119, 0.171, -0.013),
    (1.000, 0.112, 0.164, -0.006),
    (1.080, 0.100, 0.143, 0.000),
    (1.140, 0.100, 0.141, 0.002),
    (1.240, 0.109, 0.151, 0.005),
    (1.320, 0.114, 0.160, 0.006),
    (1.385, 0.104, 0.160, 0.000),
    (1.430, 0.091, 0.146, -0.009),
    (1.460, 0.074, 0.108, -0.016),
    (1.482, 0.064, 0.078, -0.018),
    (1.500, 0.060, 0.064, -0.017),
)
WAIST_M, NECK_M = 1.06, 1.482


def trunk_rings(build: Build, low: float, high: float, ease: float, rows: int = 30) -> Array:
    """Rings (rows, SIDES, 3) about the trunk between two heights, `ease` off the skin (less at the neck)."""
    z = np.linspace(low, high, rows)
    depth, width, shift = profile(TRUNK, z).T
    woman = float(np.clip((0.95 - build.shoulders) / 0.1, 0, 1))
    width = width * np.interp(z, [0.95, 1.12, 1.3], [build.hips, 1 - 0.06 * woman, build.shoulders + 0.02])
    bust = woman * 0.022 * np.exp(-(((z - 1.285) / 0.055) ** 2))
    belly = max(build.girth - 1.02, 0.0) * 0.28 * np.exp(-(((z - 1.09) / 0.13) ** 2))
    stout = np.interp(z, [1.35, 1.48], [build.girth, 1.0])
    loose = ease * np.interp(z, [1.40, NECK_M], [1.0, 0.35])
    path = np.stack([shift + bust + 0.7 * belly, np.zeros(rows), z], axis=1)
    half = np.stack([depth * stout + bust + 0.6 * belly + loose, width * stout + 0.4 * belly + loose], axis=1)
    return rings_along(path, half, sides=SIDES, power=2.25)


def seat(slot: str, build: Build, ease: float) -> Shape:
    """The upper part of trousers."""
    return loft(slot, trunk_rings(build, 0.785, WAIST_M, ease, 18))


def top(slot: str, build: Build, hem: float, ease: float, rng: np.random.Generator, front: str | None = None) -> Shape:
    """What is worn about the trunk, from the hem to the neck; where `front` is given, open in front before that."""
    rings = creased(trunk_rings(build, hem, NECK_M + 0.004, ease), rng, 0.003 + 0.05 * ease, 2.5)
    middle = rings[0].mean(axis=0)
    hemmed = np.concatenate([(middle + 0.9 * (rings[1] - middle))[None], rings])
    shape = loft(slot, hemmed, (False, False))
    if front is None:
        return shape
    column = np.arange(len(shape.triangles)) % SIDES
    row = np.arange(len(shape.triangles)) % (SIDES * (len(hemmed) - 1)) // SIDES
    wide = np.where(row > 0.72 * len(hemmed), 2, 1)
    inner = (column < wide) | (column >= SIDES - wide)
    return Shape(shape.vertices, shape.triangles, (slot, front), inner.astype(np.int64))


def skirt(
    slot: str,
    build: Build,
    legs: tuple[Limb, Limb],
    hem: float,
    flare: float,
    rng: np.random.Generator,
    above: tuple[float, float] = (WAIST_M, 0.012),
) -> Shape:
    """Cloth that hangs about both legs: a skirt, or a whole coat; `above` is how high it reaches and how far off."""
    high, ease = above
    z = np.linspace(0.92, hem, 16)
    down = np.linspace(0, 1, 16)
    span = np.array([_span(legs, height) for height in z])
    low = np.minimum(span[:, 0] - 0.100 - ease, -0.132 - ease) - flare * down
    far = np.maximum(span[:, 1] + 0.100 + ease, 0.106 + ease) + flare * down
    path = np.stack([(low + far) / 2, np.zeros(16), z], axis=1)
    wide = 0.174 * build.hips * build.girth + ease
    half = np.stack([(far - low) / 2, wide + (flare + 0.01) * down], axis=1)
    below = rings_along(path[::-1], half[::-1], sides=SIDES, power=3.0)
    rings = np.concatenate([below, trunk_rings(build, 0.97, high, ease, 8 if high < 1.2 else 26)])
    return loft(slot, creased(rings, rng, 0.004, 1.0), (False, False))


def _span(legs: tuple[Limb, Limb], height: float) -> tuple[float, float]:
    """How far back and forward the legs' middle lines are at a height."""
    at = [float(np.interp(height, leg.joints[::-1, 2], leg.joints[::-1, 0])) for leg in legs]
    return min(at), max(at)


def collar(slot: str, build: Build, kind: str, rng: np.random.Generator) -> Shape:
    """About the neck: a ribbed band, a collar that stands and folds, or a hood that lies on the back."""
    if kind == "band":
        return torus(slot, (-0.014, 0, NECK_M + 0.004), (0.25, 0, 1), 0.066, 0.007, (26, 6))
    z = np.array([1.462, 1.48, 1.506, 1.512, 1.490, 1.462])
    wide = np.array([0.068, 0.066, 0.064, 0.070, 0.078, 0.092])
    path = np.stack([np.full(6, -0.014), np.zeros(6), z], axis=1)
    rings = rings_along(path[:3], np.stack([wide, wide], axis=1)[:3], sides=24)
    outer = rings_along(path[3:][::-1], np.stack([wide, wide], axis=1)[3:][::-1], sides=24)[::-1]
    rings = np.concatenate([rings, outer])
    # lower in front than behind
    rings[..., 2] -= np.clip(rings[..., 0] + 0.014, 0, None) * 0.35
    parts = [loft(slot, rings, (False, False))]
    if kind == "hood":
        parts.append(ball(slot, (-0.105, 0, 1.462), (0.058, 0.118, 0.062), rng, 0.05))
    return join(parts)


def reflective(slot: str, build: Build, ease: float) -> Shape:
    """The bands of a safety vest."""
    bands = [trunk_rings(build, z, z + 0.05, ease + 0.012, 4) for z in (1.06, 1.20)]
    return join([loft(slot, band, (False, False)) for band in bands])


def backpack(slot: str, strap: str, build: Build, ease: float) -> Shape:
    """A backpack and its straps."""
    z = np.array([1.00, 1.02, 1.10, 1.25, 1.36, 1.42, 1.44])
    half = np.array(
        [[0.03, 0.09], [0.065, 0.125], [0.09, 0.145], [0.085, 0.145], [0.07, 0.13], [0.045, 0.10], [0.015, 0.06]]
    )
    path = np.stack([np.full(7, -0.20) * build.girth, np.zeros(7), z], axis=1)
    parts = [loft(slot, rings_along(path, half, sides=20, power=3.0))]
    pocket = path[1:4] + [-0.075, 0, 0.0]
    parts.append(loft(slot, rings_along(pocket, half[1:4] * [0.45, 0.75], sides=16, power=3.0)))
    for side in (-1, 1):
        way = [(1.38, 150), (1.44, 125), (1.468, 90), (1.43, 52), (1.34, 40), (1.22, 48), (1.12, 80), (1.07, 130)]
        parts.append(pipe(strap, _on_trunk(build, way, side, ease + 0.006), 0.014, 6, 34, 0.08))
    return join(parts)


def _on_trunk(build: Build, way: Sequence[tuple[float, float]], side: int, off: float) -> Array:
    """Points (N, 3) on what is worn about the trunk, from heights and angles from the front, in degrees."""
    points = []
    for z, angle in way:
        ring = trunk_rings(build, z - 0.001, z + 0.001, off, 3)[1]
        points.append(ring[round(side * angle / 360 * SIDES) % SIDES])
    return np.array(points)


def shopping_bag(slot: str, grip: Array, rng: np.random.Generator) -> Shape:
    """A bag that hangs from a hand at `grip` (3,)."""
    high = float(rng.uniform(0.28, 0.36))
    z = np.array([0.0, 0.01, 0.5 * high, high]) - 0.16 - high
    half = np.array([[0.13, 0.05], [0.15, 0.06], [0.155, 0.062], [0.165, 0.05]])
    path = np.stack([np.zeros(4), np.zeros(4), z], axis=1) + grip
    bag = loft(slot, creased(rings_along(path, half, sides=20, power=3.5), rng, 0.006), (True, False))
    loops = [
        pipe(
            slot,
            grip + np.array([(-0.07, y, -0.17), (-0.02, y / 3, -0.005), (0.02, y / 3, -0.005), (0.07, y, -0.17)]),
            0.006,
            5,
            14,
        )
        for y in (-0.04, 0.04)
    ]
    return join([bag, *loops])


def shoulder_bag(slot: str, strap: str, build: Build, side: int, ease: float) -> Shape:
    """A bag at the hip on a strap from the shoulder."""
    y = side * (0.225 * build.hips * build.girth + ease)
    z = np.array([0.80, 0.815, 0.90, 0.99, 1.0])
    half = np.array([[0.11, 0.03], [0.13, 0.05], [0.13, 0.055], [0.12, 0.04], [0.10, 0.02]])
    path = np.stack([np.full(5, -0.02), np.full(5, y), z], axis=1)
    bag = loft(slot, rings_along(path, half, sides=18, power=3.2))
    bands = []
    for front in (1, -1):
        way = [(z, 90 - front * (90 - angle)) for z, angle in ((1.22, 62), (1.34, 55), (1.43, 62), (1.462, 90))]
        worn = _on_trunk(build, way, side, ease + 0.004)
        start = np.array([[-0.02 + 0.075 * front, y, 0.97]])
        bands.append(pipe(strap, np.concatenate([start, worn]), 0.010, 5, 24, 0.08))
    return join([bag, *bands])
