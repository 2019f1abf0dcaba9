"""Masts, posts and bollards, in the sizes that streets have."""

import numpy as np

from blender_scenes.occluders.loft import pipe, turned_profile
from blender_scenes.occluders.thing import Rgb, Thing, one_of, shaded
from blender_scenes.surroundings.shape import Shape, box, join, tube

COATS: tuple[Rgb, ...] = ((0.02, 0.021, 0.022), (0.11, 0.12, 0.13), (0.015, 0.04, 0.025), (0.05, 0.055, 0.06))
ZINC: Rgb = (0.33, 0.34, 0.35)


def make_pole(rng: np.random.Generator) -> Thing:
    """A lamp post, a plain post, a bollard or a parking meter."""
    maker = one_of(rng, (_lamp, _lamp, _post, _bollard, _meter))
    shape = maker(rng)
    coat = shaded(one_of(rng, COATS), rng)
    colours = {
        "paint:coat": coat,
        "zinc:pipe": ZINC,
        "retro:white": (0.7, 0.7, 0.68),
        "retro:red": (0.45, 0.015, 0.015),
    }
    colours |= {"rough:stone": shaded((0.28, 0.27, 0.25), rng), "plastic:screen": (0.012, 0.014, 0.016)}
    return Thing(shape, {slot: colours[slot] for slot in shape.slots})


def _lamp(rng: np.random.Generator) -> Shape:
    """A tapered mast on a wider foot with a door in it, and an arm."""
    slot, high = one_of(rng, ("paint:coat", "zinc:pipe")), float(rng.uniform(4.0, 7.0))
    foot, reach = float(rng.uniform(0.07, 0.10)), float(rng.uniform(0.4, 1.2))
    mast = [(foot, 0.0), (foot, 1.0), (0.8 * foot, 1.06), (0.5 * foot, high)]
    door = box(slot, (foot - 0.012, -0.04, 0.45), (foot + 0.006, 0.04, 0.85))
    arm = pipe(slot, [(0, 0, high - 0.1), (0, 0, high + 0.15), (0, reach, high + 0.3)], 0.035, 8, 16)
    head = box(slot, (-0.13, reach - 0.05, high + 0.25), (0.13, reach + 0.6, high + 0.36))
    collar = turned_profile(slot, [(0.16, 0.0), (0.16, 0.02), (foot, 0.03)], 20)
    return join([turned_profile(slot, mast, 20), door, arm, head, collar])


def _post(rng: np.random.Generator) -> Shape:
    """A steel post, with or without bands that shine."""
    high, radius = float(rng.uniform(1.8, 3.2)), float(rng.uniform(0.035, 0.06))
    slot = one_of(rng, ("zinc:pipe", "paint:coat"))
    parts = [turned_profile(slot, [(radius, 0), (radius, high), (0.6 * radius, high + 0.02)], 16)]
    if rng.random() < 0.5:
        colours = ("retro:white", "retro:red") * 2
        parts += [
            tube(c, (0, 0, 0.7 + 0.12 * k), (0, 0, 0.82 + 0.12 * k), (radius + 0.002,) * 2, 16)
            for k, c in enumerate(colours)
        ]
    return join(parts)


def _bollard(rng: np.random.Generator) -> Shape:
    """A knee-high or hip-high post of steel, or a stout one of stone."""
    if rng.random() < 0.3:
        high, radius = float(rng.uniform(0.5, 0.8)), float(rng.uniform(0.14, 0.2))
        table = [
            (radius, 0),
            (0.92 * radius, 0.85 * high),
            (0.75 * radius, 0.95 * high),
            (0.3 * radius, high),
            (0.01, high),
        ]
        return turned_profile("rough:stone", table, 24)
    high, radius = float(rng.uniform(0.8, 1.1)), float(rng.uniform(0.045, 0.075))
    dome = [(radius * np.cos(a), high + 0.6 * radius * np.sin(a)) for a in np.linspace(0.2, 1.5, 5)]
    ring = [(radius + 0.012, high - 0.14), (radius + 0.012, high - 0.10)]
    body = turned_profile("paint:coat", [(radius, 0), (radius, high), *dome], 20)
    return join(
        [
            body,
            turned_profile("paint:coat", ring, 20),
            tube("retro:white", (0, 0, high - 0.1), (0, 0, high - 0.03), (radius + 0.002,) * 2, 20),
        ]
    )


def _meter(rng: np.random.Generator) -> Shape:
    """A ticket machine for parking."""
    high = float(rng.uniform(1.45, 1.7))
    parts = [
        box("paint:coat", (-0.11, -0.15, 0.75), (0.11, 0.15, high)),
        turned_profile("zinc:pipe", [(0.06, 0), (0.06, 0.76)], 16),
    ]
    parts.append(box("plastic:screen", (0.10, -0.09, high - 0.32), (0.115, 0.09, high - 0.16)))
    parts.append(box("zinc:pipe", (0.10, -0.08, 0.95), (0.125, 0.08, 1.08)))
    parts.append(box("retro:white", (0.10, -0.07, high - 0.12), (0.113, 0.07, high - 0.02)))
    return join(parts)
