"""Arms, legs, hands and shoes, bare or in cloth, of a man of 1.75 m; metres."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.occluders.body import Build, Limb
from blender_scenes.occluders.loft import bent, creased, loft, pipe, profile, rings_along
from blender_scenes.surroundings.shape import Shape, join

Array = NDArray[np.float64]
# how far along (joints), half size forward and across, shift forward
LEG = (
    (0.00, 0.088, 0.082, -0.004),
    (0.25, 0.086, 0.080, 0.000),
    (0.60, 0.070, 0.066, 0.004),
    (0.95, 0.056, 0.053, 0.004),
    (1.10, 0.052, 0.050, -0.002),
    (1.35, 0.057, 0.052, -0.014),
    (1.60, 0.047, 0.043, -0.010),
    (1.88, 0.034, 0.032, -0.003),
    (2.00, 0.037, 0.033, 0.000),
)
ARM = (
    (0.00, 0.046, 0.036, 0.000),
    (0.40, 0.058, 0.048, 0.000),
    (0.80, 0.056, 0.051, 0.000),
    (1.00, 0.053, 0.050, 0.000),
    (1.25, 0.047, 0.044, 0.002),
    (1.55, 0.049, 0.043, 0.006),
    (1.95, 0.039, 0.037, 0.000),
    (2.25, 0.043, 0.038, 0.002),
    (2.60, 0.033, 0.030, 0.000),
    (3.00, 0.028, 0.021, 0.000),
)
"""From inside the chest (0) by the shoulder (1) and the elbow (2) to the wrist (3)."""
SHOE = (
    (-0.075, 0.020, 0.060),
    (-0.060, 0.034, 0.085),
    (-0.020, 0.037, 0.092),
    (0.030, 0.037, 0.088),
    (0.080, 0.041, 0.062),
    (0.130, 0.045, 0.048),
    (0.165, 0.039, 0.040),
    (0.185, 0.020, 0.028),
)
"""Behind or before the ankle, half width, height over the sole's lower side."""
ANKLE_M = 0.085


def leg_skin(slot: str, limb: Limb, build: Build, reach: tuple[float, float], steps: int = 26) -> Shape:
    """A bare leg, between two places along it (0 hip, 1 knee, 2 ankle)."""
    return loft(slot, _leg_rings(limb, build, reach, steps, (0.0, 0.0)))


def trouser_leg(
    slot: str, limb: Limb, build: Build, hem: float, ease: tuple[float, float], rng: np.random.Generator
) -> Shape:
    """Cloth round a leg down to `hem` (1 knee, 2 ankle); `ease` is how far it stands off at the hip and at the hem."""
    rings = creased(_leg_rings(limb, build, (0.0, hem), 30, ease), rng, 0.0045, 4.0)
    inner = rings[-1] + 0.82 * (rings[-2] - rings[-1]) * 0.6
    middle = rings[-1].mean(axis=0)
    hemmed = np.concatenate([rings, (middle + 0.9 * (inner - middle))[None]])
    return loft(slot, hemmed, (True, False))


def _leg_rings(limb: Limb, build: Build, reach: tuple[float, float], steps: int, ease: tuple[float, float]) -> Array:
    path, at = bent(limb.joints, 60, 0.10)
    chosen = np.interp(np.linspace(*reach, steps), at, np.arange(len(at)))
    path = np.stack([np.interp(chosen, np.arange(len(at)), path[:, k]) for k in range(3)], axis=1)
    at = np.interp(chosen, np.arange(len(at)), at)
    table = profile(LEG, at)
    front = _fronts(limb, at, 1.0)
    stout = 1 + (build.girth - 1) * (1.0 - 0.3 * at)
    slack = np.interp(at, [0.0, 2.0], ease)[:, None]
    return rings_along(path + front * table[:, 2:], table[:, :2] * stout[:, None] + slack, front, 16)


def arm_skin(slot: str, limb: Limb, build: Build, reach: tuple[float, float]) -> Shape:
    """A bare arm, between two places along it (1 shoulder, 2 elbow, 3 wrist)."""
    return loft(slot, _arm_rings(limb, build, reach, (0.0, 0.0)))


def sleeve(
    slot: str, limb: Limb, build: Build, hem: float, ease: tuple[float, float], rng: np.random.Generator
) -> Shape:
    """Cloth from inside the chest over the shoulder down to `hem` (2 elbow, 3 wrist)."""
    rings = creased(_arm_rings(limb, build, (0.0, hem), ease), rng, 0.0035, 4.0)
    middle = rings[-1].mean(axis=0)
    hemmed = np.concatenate([rings, (middle + 0.85 * (rings[-2] - middle))[None]])
    return loft(slot, hemmed, (True, False))


def _arm_rings(limb: Limb, build: Build, reach: tuple[float, float], ease: tuple[float, float]) -> Array:
    shoulder = limb.joints[0]
    chest = shoulder * [1.0, 0.45, 1.0] + [0.0, 0.0, 0.022]
    path, at = bent(np.concatenate([chest[None], limb.joints]), 90, 0.13)
    chosen = np.interp(np.linspace(*reach, 30), at, np.arange(len(at)))
    path = np.stack([np.interp(chosen, np.arange(len(at)), path[:, k]) for k in range(3)], axis=1)
    at = np.interp(chosen, np.arange(len(at)), at)
    table = profile(ARM, at)
    slack = np.interp(at, [0.0, 1.0, 3.0], [0.4 * ease[0], *ease])[:, None]
    front = _fronts(limb, at, 2.0)
    return rings_along(path + front * table[:, 2:], table[:, :2] * (0.5 + 0.5 * build.girth) + slack, front, 14)


def _fronts(limb: Limb, at: Array, joint: float) -> Array:
    """The forward direction (N, 3) along a limb that bends at `joint`."""
    share = np.clip((at - joint) / 0.5 + 0.5, 0, 1)[:, None]
    return limb.upper[:, 0] * (1 - share) + limb.lower[:, 0] * share


def hand(slot: str, limb: Limb, side: int, curl: float) -> Shape:
    """A hand at the end of an arm: palm towards the body, thumb forward, fingers a little bent."""
    inward = -side * np.array([0.0, 1.0, 0.0])
    palm = np.array([[0, 0, 0.01], [0, 0, -0.03], [0.002, 0, -0.065], [0.002, 0, -0.09]])
    half = np.array([[0.027, 0.019], [0.036, 0.017], [0.042, 0.015], [0.040, 0.012]])
    parts = [loft(slot, rings_along(palm, half, sides=12, power=2.6))]
    for number, (x, length) in enumerate(((0.030, 0.072), (0.011, 0.080), (-0.009, 0.075), (-0.027, 0.060))):
        bend = curl * (1.0 + 0.12 * number)
        root = np.array([x, 0.0, -0.083])
        knuckle = root + 0.45 * length * (np.cos(0.5 * bend) * DOWN + np.sin(0.5 * bend) * inward)
        tip = knuckle + 0.55 * length * (np.cos(1.5 * bend) * DOWN + np.sin(1.5 * bend) * inward)
        path, _ = bent([root, knuckle, tip], 7, 0.2)
        width = np.array([0.0095, 0.0095, 0.009, 0.0088, 0.0085, 0.0075, 0.004])
        parts.append(loft(slot, rings_along(path, np.stack([width, width], axis=1), sides=7)))
    thumb = np.array([[0.022, 0, -0.018], [0.045, 0, -0.045], [0.050, 0, -0.078]]) + 0.01 * inward
    path, _ = bent(thumb, 7, 0.25)
    width = np.array([0.014, 0.0135, 0.012, 0.0105, 0.010, 0.009, 0.005])
    parts.append(loft(slot, rings_along(path, np.stack([width, width], axis=1), sides=8)))
    whole = join(parts)
    return Shape(whole.vertices @ limb.end.T + limb.joints[-1], whole.triangles, whole.slots, whole.slot_of)


DOWN = np.array([0.0, 0.0, -1.0])


def shoe(upper: str, sole: str, limb: Limb) -> Shape:
    """A shoe on a foot, its sole `ANKLE_M` below the ankle."""
    table = np.asarray(SHOE)
    at = np.linspace(table[0, 0], table[-1, 0], 18)
    sizes = profile(SHOE, at)
    parts = [
        _shoe_body(upper, at, sizes, 0.018),
        _shoe_body(sole, at * 1.03, np.c_[sizes[:, 0] + 0.003, np.full(18, 0.026)], 0.0),
    ]
    ankle = np.array([[-0.012, 0, 0.06], [-0.008, 0, 0.09], [-0.004, 0, 0.115]])
    parts.append(loft(upper, rings_along(ankle, np.array([[0.055, 0.037], [0.048, 0.036], [0.043, 0.036]]), sides=12)))
    whole = join(parts)
    vertices = (whole.vertices - [0.0, 0.0, ANKLE_M]) @ limb.end.T + limb.joints[-1]
    return Shape(vertices, whole.triangles, whole.slots, whole.slot_of)


def _shoe_body(slot: str, at: Array, sizes: Array, low: float) -> Shape:
    middle = (low + sizes[:, 1]) / 2
    path = np.stack([at, np.zeros_like(at), middle], axis=1)
    # across the path, which runs forward: up first, then to the side; the path itself is kept level
    angle = np.arange(14) * 2 * np.pi / 14
    c, s = np.cos(angle), np.sin(angle)
    flat = [np.sign(v) * np.abs(v) ** 0.75 for v in (c, s)]
    rise = (sizes[:, 1] - low) / 2
    rings = path[:, None] + np.stack(
        [np.zeros((len(at), 14)), -sizes[:, :1] * flat[1], rise[:, None] * flat[0]], axis=-1
    )
    return loft(slot, rings)


def strap(slot: str, joints: Array, width: float) -> Shape:
    """A soft band along joints."""
    return pipe(slot, joints, width / 2, 6, 18, 0.3)
