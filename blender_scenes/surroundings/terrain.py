"""Hills for the horizon."""

from collections.abc import Callable, Mapping

import numpy as np

from blender_scenes.surroundings.shape import Shape, of_one


def make_hill(rng: np.random.Generator) -> Shape:
    """A ridge 160 m long along x, 60 m deep, some 15 m high, falling to 0 all around."""
    u, v = np.meshgrid(np.linspace(-1, 1, 49), np.linspace(-1, 1, 13), indexing="ij")
    height = np.zeros_like(u)
    for octave in range(1, 6):
        phase, turn = rng.uniform(0, 2 * np.pi), rng.uniform(-0.5, 0.5)
        height += np.sin(octave * 2.2 * (u + turn * v) + phase) / octave
    height = (0.55 + 0.25 * height) * (1 - u**2) ** 0.6 * (1 - v**2) * 16
    index = np.arange(u.size).reshape(u.shape)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    triangles = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    return of_one("hill", np.stack([u * 80, v * 30, height - 0.3], -1), triangles)


TERRAIN: Mapping[str, Callable[[np.random.Generator], Shape]] = {"hill": make_hill}
