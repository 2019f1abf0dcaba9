"""Plants in pots and tubs, and bushes without one; leaves as the surroundings' plants have them."""

import numpy as np

from blender_scenes.occluders.loft import loft, pipe, rings_along, turned_profile
from blender_scenes.occluders.thing import Rgb, Thing, one_of, shaded
from blender_scenes.surroundings.layout import GREENS
from blender_scenes.surroundings.plants import leaves, make_bush
from blender_scenes.surroundings.shape import Shape, ball, join, moved

CLAY: tuple[Rgb, ...] = ((0.36, 0.13, 0.06), (0.30, 0.29, 0.27), (0.045, 0.047, 0.05), (0.52, 0.50, 0.46))


def make_plant(rng: np.random.Generator) -> Thing:
    """A clipped ball, an upright shrub or large leaves in a tub; a box of shrubs; or a wild bush."""
    shape = one_of(rng, (_ball_tree, _shrub, _large_leaves, _planter, _wild))(rng)
    colours: dict[str, Rgb] = {"rough:pot": shaded(one_of(rng, CLAY), rng), "rough:soil": (0.022, 0.015, 0.010)}
    colours |= {"rough:stem": (0.07, 0.05, 0.03), "leather:leaf": shaded((0.035, 0.10, 0.025), rng, 0.3)}
    red, green, blue = one_of(rng, GREENS)
    return Thing(shape, {s: colours[s] for s in shape.slots if ":" in s}, shaded((red, green, blue), rng))


def _pot(high: float, radius: float) -> Shape:
    wall = [
        (0.70 * radius, 0.0),
        (0.72 * radius, 0.01),
        (0.94 * radius, 0.85 * high),
        (1.03 * radius, 0.86 * high),
        (1.04 * radius, high),
        (0.9 * radius, high),
        (0.88 * radius, 0.9 * high),
    ]
    soil = turned_profile("rough:soil", [(0.92 * radius, 0.9 * high), (0.01, 0.92 * high)], 24, (False, False))
    return join([turned_profile("rough:pot", wall, 28, (True, False)), soil])


def _clump(
    centre: tuple[float, float, float],
    radii: tuple[float, float, float],
    count: int,
    size: float,
    rng: np.random.Generator,
) -> Shape:
    """Leaves in the shell of a lumpy ball over a dark core."""
    way = rng.normal(0, 1, (count, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    at = np.array(centre) + way * np.array(radii) * rng.uniform(0.78, 1.08, (count, 1))
    return join(
        [ball("leaf_dark", centre, 0.82 * np.array(radii), rng, 0.1), leaves("leaf", at, way + [0, 0, 0.3], size, rng)]
    )


def _ball_tree(rng: np.random.Generator) -> Shape:
    """A clipped ball on a stem, or right on the pot."""
    high, radius = float(rng.uniform(0.35, 0.5)), float(rng.uniform(0.2, 0.28))
    stem, crown = float(rng.uniform(0.0, 0.8)), float(rng.uniform(0.26, 0.38))
    middle = high + stem + 0.8 * crown
    trunk = pipe("rough:stem", [(0, 0, 0.8 * high), (0.02, 0.01, high + 0.5 * stem), (0, 0, middle)], 0.022, 7, 10)
    return join([_pot(high, radius), trunk, _clump((0, 0, middle), (crown, crown, crown), 1500, 0.035, rng)])


def _shrub(rng: np.random.Generator) -> Shape:
    """An evergreen that narrows upwards."""
    high, radius, tall = float(rng.uniform(0.35, 0.5)), float(rng.uniform(0.2, 0.27)), float(rng.uniform(0.8, 1.4))
    count = 1900
    up = rng.uniform(0, 1, count) ** 1.3
    turn = rng.uniform(0, 2 * np.pi, count)
    wide = 1.15 * radius * (1 - up) ** 0.6 * rng.uniform(0.8, 1.1, count) + 0.01
    out = np.stack([np.cos(turn), np.sin(turn), np.full(count, 0.5)], axis=1)
    at = np.stack([wide * np.cos(turn), wide * np.sin(turn), high + 0.02 + tall * up], axis=1)
    cone = [
        (0.9 * radius, high),
        (1.0 * radius, high + 0.1 * tall),
        (0.62 * radius, high + 0.55 * tall),
        (0.02, high + 0.97 * tall),
    ]
    return join([_pot(high, radius), turned_profile("leaf_dark", cone, 14), leaves("leaf", at, out, 0.045, rng)])


def _large_leaves(rng: np.random.Generator) -> Shape:
    """Long, bent leaves from the middle of a tub."""
    high, radius = float(rng.uniform(0.4, 0.55)), float(rng.uniform(0.2, 0.26))
    parts = [_pot(high, radius)]
    for k in range(int(rng.integers(16, 26))):
        turn, rise = 2.4 * k + float(rng.normal(0, 0.2)), float(rng.uniform(0.5, 1.15))
        reach = float(rng.uniform(0.25, 0.6))
        out = np.array([np.cos(turn), np.sin(turn), 0.0])
        share = np.linspace(0, 1, 12)[:, None]
        path = (
            np.array([0, 0, 0.9 * high])
            + 0.05 * out
            + out * reach * share**1.6
            + [0, 0, 1.0] * (rise * share - 0.45 * rise * share**3)
        )
        wide = np.interp(share[:, 0], [0, 0.15, 0.45, 0.8, 1], [0.008, 0.014, 0.055, 0.035, 0.001])
        across = np.array([-out[1], out[0], 0.0])
        parts.append(loft("leather:leaf", rings_along(path, np.stack([wide, np.full(12, 0.0035)], axis=1), across, 6)))
    return join(parts)


def _planter(rng: np.random.Generator) -> Shape:
    """A long box of shrubs, as cafés set them out."""
    long, high = float(rng.uniform(0.4, 0.6)), float(rng.uniform(0.4, 0.55))
    z = np.array([0.0, high, high, 0.93 * high])
    half = np.array([[0.19, long], [0.2, long + 0.01], [0.17, long - 0.02], [0.17, long - 0.02]])
    tub = loft(
        "rough:pot",
        rings_along(
            np.stack([0 * z, 0 * z, [0.0, high, high + 0.001, 0.93 * high]], axis=1)[:2], half[:2], sides=28, power=12.0
        ),
    )
    spots = np.arange(-long + 0.18, long - 0.1, 0.24)
    shrubs = [
        _clump((0.0, float(y), high + 0.18), (0.22, 0.2, float(rng.uniform(0.22, 0.34))), 420, 0.04, rng) for y in spots
    ]
    return join([tub, *shrubs])


def _wild(rng: np.random.Generator) -> Shape:
    bush = make_bush(rng)
    return moved(bush, z=-0.05)
