"""Heads: face, ears, hair and hats. The origin is under the chin, in the middle of the neck; metres."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.occluders.loft import bent, loft, profile, rings_along
from blender_scenes.surroundings.shape import Shape, ball, join, moved

Array = NDArray[np.float64]
HAIRCUTS = ("short", "crop", "bob", "long", "tail", "bun")
HATS = ("cap", "beanie")
# height, front, back, half width
SKULL = (
    (-0.030, 0.030, -0.058, 0.050),
    (-0.012, 0.050, -0.060, 0.051),
    (0.000, 0.079, -0.063, 0.050),
    (0.020, 0.086, -0.070, 0.057),
    (0.045, 0.088, -0.080, 0.062),
    (0.070, 0.089, -0.091, 0.066),
    (0.100, 0.087, -0.100, 0.071),
    (0.130, 0.092, -0.105, 0.075),
    (0.160, 0.087, -0.104, 0.077),
    (0.188, 0.073, -0.093, 0.072),
    (0.208, 0.052, -0.070, 0.057),
    (0.220, 0.028, -0.040, 0.034),
    (0.2245, 0.004, -0.012, 0.008),
)
NOSE = ((0.058, 0.0), (0.064, 0.004), (0.070, 0.018), (0.078, 0.024), (0.090, 0.017), (0.105, 0.009), (0.118, 0.0))
EYE = np.array([0.078, 0.0315, 0.1115])
SIDES, LEVELS = 44, 46


def face(skin: str, lips: str, rng: np.random.Generator) -> tuple[Shape, Array]:
    """The skin of a head, and its rings (LEVELS, SIDES, 3), from the throat to the crown."""
    z = np.interp(np.linspace(0, 1, LEVELS), [0, 0.75, 1], [-0.03, 0.16, 0.2245])
    front, back, half = profile(SKULL, z).T[..., None]
    # points lie closer together on the face than behind
    turn = np.linspace(-1, 1, SIDES, endpoint=False)
    angle = np.pi * np.sign(turn) * np.abs(turn) ** 1.25
    c, s = np.cos(angle)[None], np.sin(angle)[None]
    x = np.where(c > 0, front * np.abs(c) ** 0.85, back * np.abs(c))
    y = half * np.sign(s) * np.abs(s) ** 0.95
    ahead = np.clip(c, 0, 1) ** 0.5
    level = np.broadcast_to(z[:, None], x.shape)
    nose = profile(NOSE, z)[:, :1] * (1 + float(rng.normal(0, 0.12)))
    width = np.interp(z, [0.07, 0.085, 0.115], [0.0165, 0.012, 0.008])[:, None]
    x = x + nose * np.exp(-((y / width) ** 2)) * ahead
    for side in (-1, 1):
        x = x - 0.011 * _spot(y - side * EYE[1], level - EYE[2], 0.015, 0.010) * ahead
        x = x + 0.003 * _spot(y - side * 0.032, level - 0.132, 0.02, 0.008) * ahead
        x = x + 0.004 * _spot(y - side * 0.042, level - 0.085, 0.016, 0.014) * ahead
    x = x + (0.004 * _spot(y, level - 0.0545, 0.016, 0.0045) + 0.0045 * _spot(y, level - 0.0435, 0.014, 0.005)) * ahead
    x = x - 0.003 * _spot(y, level - 0.0490, 0.02, 0.0022) * ahead
    x = x + 0.004 * _spot(y, level - 0.012, 0.016, 0.012) * ahead
    rings = np.stack([x, y, level], axis=-1)
    shape = loft(skin, rings, (False, True))
    where = shape.vertices[shape.triangles].mean(axis=1)
    mouth = (np.abs(where[:, 1]) < 0.021) & (np.abs(where[:, 2] - 0.0488) < 0.0085) & (where[:, 0] > 0.06)
    return Shape(shape.vertices, shape.triangles, (skin, lips), mouth.astype(np.int64)), rings


def _spot(across: Array, up: Array, wide: float, high: float) -> Array:
    return np.exp(-((across / wide) ** 2) - (up / high) ** 2)


def features(skin: str, hair: str, white: str, iris: str, rng: np.random.Generator) -> Shape:
    """Eyes, brows and ears."""
    parts = []
    for side in (-1, 1):
        eye = EYE * [1, side, 1] - [0.0055, 0, 0]
        parts.append(ball(white, eye, (0.0100, 0.0125, 0.0042), rng, 0.0))
        parts.append(ball(iris, eye + [0.0068, 0, 0], (0.0046, 0.0058, 0.0043), rng, 0.0))
        lid = np.array([[0.074, 0.017, 0.1135], [0.0805, 0.031, 0.1195], [0.071, 0.047, 0.1145]]) * [1, side, 1]
        parts.append(_bar(skin, lid, 0.0042, 0.0035))
        brow = np.array([[0.0865, 0.013, 0.128], [0.0865, 0.030, 0.1325], [0.072, 0.051, 0.127]]) * [1, side, 1]
        parts.append(_bar(hair, brow, 0.0035, 0.0036))
        ear = ball(skin, (0, 0, 0), (0.019, 0.0085, 0.031), rng, 0.06)
        parts.append(moved(ear, -0.008, side * 0.0765, 0.098))
    return join(parts)


def _bar(slot: str, joints: Array, forward: float, up: float) -> Shape:
    path, at = bent(joints, 8, 0.3)
    taper = np.interp(at, [0, 0.4, 1.4, 2], [0.5, 1, 1, 0.3])
    half = np.stack([forward * taper, up * taper], axis=1)
    return loft(slot, rings_along(path, half, (1.0, 0.0, 0.2), 6))


def hair_of(slot: str, cut: str, rings: Array, rng: np.random.Generator, pressed: bool = False) -> Shape:
    """Hair over a head's rings: thick over the skull, under the skin where none grows; `pressed` by a hat."""
    thick = {"short": 0.014, "crop": 0.006, "bob": 0.020, "long": 0.019, "tail": 0.010, "bun": 0.010}[cut]
    parts = [_shell(slot, rings, min(thick, 0.005) if pressed else thick, rng)]
    if cut in ("bob", "long"):
        low = -0.02 if cut == "bob" else -0.13
        z = np.linspace(0.13 if pressed else 0.17, low, 12)
        down = np.linspace(0, 1, 12)
        path = np.stack([-0.045 - 0.012 * down, np.zeros(12), z], axis=1)
        half = np.stack(
            [np.interp(down, [0, 0.5, 1], [0.066, 0.062, 0.030]), np.interp(down, [0, 0.4, 1], [0.082, 0.094, 0.075])],
            axis=1,
        )
        parts.append(loft(slot, _tufted(rings_along(path, half, sides=26, power=2.3), rng, 0.003)))
    if cut == "tail":
        path, at = bent([[-0.10, 0, 0.15], [-0.145, 0, 0.13], [-0.15, 0, -0.03]], 12, 0.25)
        half = np.interp(at, [0, 0.3, 1.3, 2], [0.014, 0.024, 0.026, 0.008])
        parts.append(loft(slot, rings_along(path, np.stack([half, half], axis=1), (0.0, 1.0, 0.0), 9)))
    if cut == "bun":
        parts.append(ball(slot, (-0.105, 0.0, 0.185), (0.040, 0.043, 0.040), rng, 0.06))
    return join(parts)


def _shell(slot: str, rings: Array, thick: float, rng: np.random.Generator) -> Shape:
    """The head's skin moved outward above the hairline, and just below the skin under it."""
    out = rings - [-0.008, 0.0, 0.105]
    out /= np.linalg.norm(out, axis=-1, keepdims=True)
    turn = np.abs(np.arctan2(rings[..., 1], rings[..., 0] + 0.01))
    line = np.interp(
        turn, [0.0, 0.5, 0.85, 1.25, 1.5, 1.75, 2.3, np.pi], [0.178, 0.176, 0.160, 0.125, 0.07, 0.082, 0.02, 0.005]
    )
    above = np.clip((rings[..., 2] - line) / 0.022, 0, 1)
    above = above * above * (3 - 2 * above)
    lumps = np.zeros(rings.shape[:2])
    for _ in range(5):
        axis = rng.normal(0, 1, 3) * [45, 45, 22]
        lumps += np.sin(rings @ axis + rng.uniform(0, 6.28)) / 5
    amount = above * thick * (1 + 0.35 * lumps) - 0.004 * (1 - above)
    moved_rings = rings + amount[..., None] * out
    return loft(slot, moved_rings[LEVELS // 5 :], (False, True))


def _tufted(rings: Array, rng: np.random.Generator, depth: float) -> Array:
    """Strands: each column of points a little in or out."""
    middle = rings.mean(axis=1, keepdims=True)
    wave = 1 + rng.normal(0, depth / 0.05, (1, rings.shape[1], 1))
    return middle + (rings - middle) * wave


def hat_of(slot: str, kind: str, rings: Array) -> Shape:
    """A cap with a peak, or a beanie."""
    line = 0.150 if kind == "cap" else 0.138
    rows = rings[rings[:, 0, 2] >= line - 0.012]
    out = rows - [-0.008, 0.0, 0.10]
    out /= np.linalg.norm(out, axis=-1, keepdims=True)
    amount = (
        0.022 if kind == "cap" else np.interp(rows[..., 2:], [line - 0.012, line, line + 0.02], [0.009, 0.014, 0.016])
    )
    parts = [loft(slot, rows + amount * out, (False, True))]
    if kind == "cap":
        turn = np.linspace(-1.05, 1.05, 15)
        inner = np.stack([0.098 * np.cos(turn) - 0.004, 0.088 * np.sin(turn), np.full(15, line + 0.004)], axis=1)
        reach = 0.072 * np.cos(turn * 1.35) ** 0.6
        outer = inner + np.stack([reach, np.zeros(15), -0.28 * reach], axis=1)
        below = np.array([0.0, 0.0, -0.003])
        parts.append(loft(slot, np.stack([outer, inner, inner + below, outer + below], axis=1)[::-1]))
    return join(parts)


def neck_of(slot: str, top: Array, root: Array, girth: float) -> Shape:
    """A neck from between the shoulders to under the head."""
    path, at = bent([root, (root + top) / 2 + [-0.004, 0, 0], top], 9, 0.3)
    half = np.interp(at, [0, 0.6, 2], [0.064, 0.053, 0.051])[:, None] * [1.0, 1.0] * (0.5 + 0.5 * girth)
    return loft(slot, rings_along(path, half, sides=16))
