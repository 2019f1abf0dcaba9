"""Traffic cones and beacons."""

import numpy as np

from blender_scenes.occluders.loft import loft, rings_along, turned_profile
from blender_scenes.occluders.thing import Rgb, Thing, one_of, shaded
from blender_scenes.surroundings.shape import Shape, box, join


def make_cone(rng: np.random.Generator) -> Thing:
    """A cone of 50, 75 or 100 cm, or a beacon of a metre with slanting bands."""
    shape = _cone(rng) if rng.random() < 0.7 else _beacon()
    orange = shaded((0.78, 0.11, 0.012), rng)
    colours: dict[str, Rgb] = {
        "plastic:orange": orange,
        "retro:white": (0.72, 0.72, 0.70),
        "retro:red": (0.48, 0.02, 0.015),
        "rubber:foot": orange if rng.random() < 0.4 else (0.02, 0.02, 0.02),
    }
    return Thing(shape, {slot: colours[slot] for slot in shape.slots})


def _cone(rng: np.random.Generator) -> Shape:
    high = one_of(rng, (0.5, 0.75, 0.75, 1.0))
    low, top, lift = 0.19 * high, 0.035 * high, 0.035
    levels = np.array([0.0, 0.38, 0.56, 0.66, 0.84, 1.0])
    radius = low + (top - low) * levels
    z = lift + (high - lift) * levels
    slots = ("plastic:orange", "retro:white", "plastic:orange", "retro:white", "plastic:orange")
    parts = [
        turned_profile(slot, [(radius[k], z[k]), (radius[k + 1], z[k + 1])], 28, (False, k == 4))
        for k, slot in enumerate(slots)
    ]
    half = 0.27 * high
    foot = np.array([[0, 0, 0.0], [0, 0, lift * 0.7], [0, 0, lift]])
    sizes = np.array([[half, half], [half, half], [0.93 * half, 0.93 * half]])
    parts.append(loft("rubber:foot", rings_along(foot, sizes, sides=32, power=8.0)))
    return join(parts)


def _beacon() -> Shape:
    """A plate of a metre with slanting bands, on a heavy foot."""
    parts = [
        box("rubber:foot", (-0.2, -0.4, 0), (0.2, 0.4, 0.1)),
        box("retro:white", (-0.02, -0.125, 0.1), (0.02, 0.125, 1.1)),
    ]
    for z in np.arange(0.15, 1.05, 0.28):
        corners = np.array(
            [[0, -0.125, z], [0, 0.125, z + 0.14], [0, 0.125, min(z + 0.28, 1.1)], [0, -0.125, z + 0.14]]
        )
        parts.append(loft("retro:red", np.stack([corners + [-0.022, 0, 0], corners + [0.022, 0, 0]])))
    return join(parts)
