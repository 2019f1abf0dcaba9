"""Skins drawn over rows of rings, as a sail over its ribs: limbs, tubes, pots, clothes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import uniform_filter1d

from blender_scenes.surroundings.shape import Shape, of_one

Array = NDArray[np.float64]
type Points = Sequence[ArrayLike] | Array


def loft(slot: str, rings: Array, caps: tuple[bool, bool] = (True, True)) -> Shape:
    """A skin over rings (R, S, 3), each counter-clockwise as seen from the last one; flat caps at the ends."""
    rows, sides = rings.shape[:2]
    i = np.arange(sides)
    j = (i + 1) % sides
    first = sides * np.arange(rows - 1)[:, None]
    lower = np.stack([i + first, j + first, j + first + sides], axis=-1).reshape(-1, 3)
    upper = np.stack([i + first, j + first + sides, i + first + sides], axis=-1).reshape(-1, 3)
    vertices, triangles = [rings.reshape(-1, 3)], [lower, upper]
    count = rows * sides
    for end, wanted in enumerate(caps):
        if wanted:
            start = 0 if end == 0 else (rows - 1) * sides
            vertices.append(rings[-end].mean(axis=0)[None])
            centre = np.full(sides, count)
            around = (i + start, j + start) if end else (j + start, i + start)
            triangles.append(np.stack([*around, centre], axis=1))
            count += 1
    return of_one(slot, np.concatenate(vertices), np.concatenate(triangles))


def rings_along(
    path: Array, half: Array, front: ArrayLike = (1.0, 0.0, 0.0), sides: int = 14, power: float = 2.0
) -> Array:
    """Rings (R, S, 3) square to a path (R, 3); `half` (R, 2) is their half size along `front` and across it.

    They are ellipses; with a power above 2 they come nearer to rectangles. A ring begins at its front.
    """
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    ahead = np.broadcast_to(np.asarray(front, dtype=np.float64), path.shape)
    ahead = ahead - (ahead * along).sum(axis=1, keepdims=True) * along
    ahead = ahead / np.linalg.norm(ahead, axis=1, keepdims=True)
    aside = np.cross(along, ahead)
    angle = np.arange(sides) * 2 * np.pi / sides
    c, s = np.cos(angle), np.sin(angle)
    round_c, round_s = (np.sign(v) * np.abs(v) ** (2 / power) for v in (c, s))
    return (
        path[:, None]
        + (half[:, :1] * round_c)[..., None] * ahead[:, None]
        + (half[:, 1:] * round_s)[..., None] * aside[:, None]
    )


def profile(table: Sequence[Sequence[float]], at: Array) -> Array:
    """Smooth values (N, C) at places (N,), from rows of a place and C values; no over-shooting between them."""
    rows = np.asarray(table, dtype=np.float64)
    return np.asarray(PchipInterpolator(rows[:, 0], rows[:, 1:])(np.clip(at, rows[0, 0], rows[-1, 0])))


def bent(joints: Points, steps: int, softness: float = 0.12) -> tuple[Array, Array]:
    """A path (steps, 3) from joint to joint with rounded corners, and at each point how far along it is.

    That is counted in joints: 1.5 is half-way from the second to the third. `softness` is the share of the whole
    length over which a corner is rounded.
    """
    points = np.asarray(joints, dtype=np.float64)
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    fine = np.linspace(0, length[-1], 8 * steps)
    sharp = np.stack([np.interp(fine, length, points[:, axis]) for axis in range(3)], axis=1)
    window = max(1, round(softness * len(fine)))
    soft = uniform_filter1d(sharp, window, axis=0, mode="nearest")
    # near an end, the mean over a window would shorten the path
    ease = np.clip(np.minimum(fine, length[-1] - fine) / max(softness * length[-1], 1e-9), 0, 1)[:, None]
    path = sharp * (1 - ease) + soft * ease
    pick = np.linspace(0, len(fine) - 1, steps).round().astype(int)
    return path[pick], np.interp(fine[pick], length, np.arange(len(points)))


def pipe(slot: str, joints: Points, radius: float, sides: int = 8, steps: int = 0, softness: float = 0.12) -> Shape:
    """A round bar along joints, bent where it has more than two."""
    points = np.asarray(joints, dtype=np.float64)
    path = points if len(points) == 2 else bent(points, steps or 8 * len(points), softness)[0]
    reach = path[-1] - path[0]
    front = np.eye(3)[int(np.abs(reach).argmin())]
    return loft(slot, rings_along(path, np.full((len(path), 2), radius), front, sides))


def turned_profile(slot: str, table: ArrayLike, sides: int = 20, caps: tuple[bool, bool] = (True, True)) -> Shape:
    """A solid of revolution about z, from rows of radius and height, from below up or as a wall goes."""
    rows = np.asarray(table, dtype=np.float64)
    angle = np.arange(sides) * 2 * np.pi / sides
    unit = np.stack([np.cos(angle), np.sin(angle), np.zeros(sides)], axis=1)
    return loft(slot, rows[:, :1, None] * unit + rows[:, 1:, None] * np.array([0.0, 0.0, 1.0]), caps)


def torus(slot: str, centre: ArrayLike, axis: ArrayLike, radius: float, thick: float, sides: tuple[int, int]) -> Shape:
    """A ring of `sides` (around, across) about an axis."""
    normal = np.asarray(axis, dtype=np.float64)
    normal = normal / np.linalg.norm(normal)
    first = np.cross(normal, np.eye(3)[int(np.abs(normal).argmin())])
    first /= np.linalg.norm(first)
    second = np.cross(normal, first)
    turn = np.linspace(0, 2 * np.pi, sides[0] + 1)
    out = np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second
    angle = np.arange(sides[1]) * 2 * np.pi / sides[1]
    around = np.cos(angle)[None, :, None] * out[:, None] - np.sin(angle)[None, :, None] * normal
    return loft(slot, np.asarray(centre) + radius * out[:, None] + thick * around, (False, False))


def creased(rings: Array, rng: np.random.Generator, depth: float, waves: float = 3.0) -> Array:
    """Rings with soft folds, as cloth has: each point moved from its ring's middle by up to about `depth` metres."""
    rows, sides = rings.shape[:2]
    along = np.linspace(0, 1, rows)[:, None]
    around = np.arange(sides)[None, :] * 2 * np.pi / sides
    fold = np.zeros((rows, sides))
    for _ in range(6):
        turns, rise = int(rng.integers(1, 4)), float(rng.uniform(0.4, 1.0) * waves)
        fold += np.sin(turns * around + 2 * np.pi * (rise * along + rng.random())) / 3
    middle = rings.mean(axis=1, keepdims=True)
    out = rings - middle
    out /= np.maximum(np.linalg.norm(out, axis=2, keepdims=True), 1e-9)
    return rings + depth * fold[..., None] * out
