"""What bounds a lot: walls, fences and hedges, as panels along x, in the plane y = 0, x in the middle."""

from collections.abc import Callable, Mapping

import numpy as np

from blender_scenes.surroundings.plants import leaves
from blender_scenes.surroundings.shape import Shape, box, boxes, join, tube

PANEL_M = 4.0
"""Every panel is this long."""
H = PANEL_M / 2


def make_low_wall(rng: np.random.Generator) -> Shape:
    """A garden wall under a coping."""
    wall, height = str(rng.choice(["brick", "plaster", "concrete"])), float(rng.uniform(0.7, 1.2))
    body = box(wall, (-H, -0.11, 0), (H, 0.11, height))
    return join([body, box("stone", (-H, -0.16, height), (H, 0.16, height + 0.07))])


def make_high_wall(rng: np.random.Generator) -> Shape:
    """A yard's wall, with piers."""
    wall, height = str(rng.choice(["brick", "plaster", "concrete"])), float(rng.uniform(2.2, 3.2))
    body = box(wall, (-H, -0.12, 0), (H, 0.12, height))
    pier = box(wall, (-H, -0.2, 0), (-H + 0.4, 0.2, height + 0.1))
    return join([body, pier, box("stone", (-H, -0.17, height), (H, 0.17, height + 0.06))])


def make_ribbed_wall(rng: np.random.Generator) -> Shape:
    """The side of a hall: metal sheet on a concrete foot, posts between the sheets."""
    height = float(rng.uniform(3.5, 6.0))
    sheet = box("ribbed", (-H, -0.05, 0.4), (H, 0.05, height))
    foot = box("concrete", (-H, -0.12, 0), (H, 0.12, 0.4))
    post = box("metal", (-H, -0.14, 0.4), (-H + 0.14, 0.1, height))
    rails = boxes(
        "metal",
        [(-H, -0.09, z) for z in (height * 0.45, height - 0.1)],
        [(H, 0.05, z) for z in (height * 0.45 + 0.1, height)],
    )
    return join([sheet, foot, post, rails])


def make_board_fence(rng: np.random.Generator) -> Shape:
    """Upright boards with gaps on two rails."""
    height, pitch = float(rng.uniform(0.9, 1.8)), float(rng.uniform(0.12, 0.16))
    x = np.arange(-H, H - 0.05, pitch)
    tops = height + rng.uniform(-0.012, 0.012, len(x))
    boards = boxes(
        "wood", [(v, -0.03, 0.05) for v in x], [(v + pitch - 0.02, -0.008, t) for v, t in zip(x, tops, strict=True)]
    )
    rails = boxes(
        "wood", [(-H, -0.008, z) for z in (0.25, height - 0.25)], [(H, 0.04, z) for z in (0.33, height - 0.17)]
    )
    posts = boxes("wood", [(v, -0.005, 0) for v in (-H, 0.0)], [(v + 0.09, 0.09, height + 0.05) for v in (-H, 0.0)])
    return join([boards, rails, posts])


def make_rail_fence(rng: np.random.Generator) -> Shape:
    """Posts with two or three bars: a paddock's."""
    bars = int(rng.integers(2, 4))
    z = np.linspace(0.4, 1.1, bars)
    rails = boxes("wood", [(-H, -0.03, v) for v in z], [(H, 0.01, v + 0.1) for v in z])
    posts = boxes("wood", [(v, 0.0, 0) for v in (-H, 0.0)], [(v + 0.12, 0.12, 1.3) for v in (-H, 0.0)])
    return join([rails, posts])


def make_iron_fence(rng: np.random.Generator) -> Shape:
    """Steel bars on a low plinth."""
    height = float(rng.uniform(1.3, 1.9))
    x = np.arange(-H + 0.06, H, 0.13)
    bars = boxes("metal", [(v, -0.01, 0.3) for v in x], [(v + 0.02, 0.01, height) for v in x])
    rails = boxes(
        "metal", [(-H, -0.02, z) for z in (0.4, height - 0.15)], [(H, 0.02, z) for z in (0.44, height - 0.11)]
    )
    post = box("metal", (-H, -0.04, 0), (-H + 0.08, 0.04, height + 0.08))
    return join([bars, rails, post, box("concrete", (-H, -0.12, 0), (H, 0.12, 0.3))])


def make_hedge(rng: np.random.Generator) -> Shape:
    """A clipped hedge: leaves over a dark core."""
    height, half = float(rng.uniform(0.9, 1.7)), 0.4
    core = box("leaf_dark", (-H, -half + 0.08, 0), (H, half - 0.08, height - 0.08))
    count = 1100
    faces = rng.choice(3, count, p=[0.42, 0.2, 0.38])
    at = np.stack([rng.uniform(-H, H, count), rng.uniform(-half, half, count), rng.uniform(0.02, height, count)], 1)
    out = np.zeros((count, 3))
    for face, (axis, value, sign) in enumerate(((1, -half, -1), (1, half, 1), (2, height, 1))):
        at[faces == face, axis] = value
        out[faces == face, axis] = sign
    at += rng.normal(0, 0.03, at.shape)
    return join([core, leaves("leaf", at, out, 0.13, rng)])


def make_guard_rail(rng: np.random.Generator) -> Shape:
    """A road's crash barrier."""
    beam = boxes(
        "galvanised",
        [(-H, -0.08, 0.45), (-H, -0.08, 0.63), (-H, -0.05, 0.55)],
        [(H, -0.02, 0.57), (H, -0.02, 0.75), (H, -0.01, 0.65)],
    )
    posts = [tube("galvanised", (v, 0.03, 0), (v, 0.03, 0.72), (0.05, 0.05), 6) for v in (-H, 0.0)]
    return join([beam, *posts])


PANELS: Mapping[str, Callable[[np.random.Generator], Shape]] = {
    "low_wall": make_low_wall,
    "high_wall": make_high_wall,
    "ribbed_wall": make_ribbed_wall,
    "board_fence": make_board_fence,
    "rail_fence": make_rail_fence,
    "iron_fence": make_iron_fence,
    "hedge": make_hedge,
    "guard_rail": make_guard_rail,
}
