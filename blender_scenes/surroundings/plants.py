"""Trees, conifers and bushes: small leaf faces over lumpy, dark cores; the root at the origin."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from blender_scenes.surroundings.shape import Shape, ball, join, quads, tube

Array = NDArray[np.float64]


def leaves(slot: str, at: Array, outward: Array, size: float, rng: np.random.Generator) -> Shape:
    """A small, four-sided leaf at each point (N, 3), facing about outward (N, 3)."""
    normal = outward / np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    normal = normal + rng.normal(0, 0.55, normal.shape)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    along = np.cross(normal, rng.normal(0, 1, normal.shape))
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = np.cross(normal, along)
    long = size * rng.uniform(0.6, 1.3, (len(at), 1)) * along
    wide = size * rng.uniform(0.3, 0.6, (len(at), 1)) * across
    return quads(slot, np.stack([at - long, at + wide, at + long, at - wide], axis=1))


def make_tree(rng: np.random.Generator) -> Shape:
    """A broad-leaved tree: a trunk, boughs, and clusters of leaves at their ends."""
    height, spread = float(rng.uniform(6.0, 9.0)), float(rng.uniform(2.1, 3.2))
    fork = height * float(rng.uniform(0.22, 0.34))
    crown = np.array([0.0, 0.0, (fork + height) / 2 + 0.3])
    radii = np.array([spread, spread, (height - fork) / 2])
    count = 20
    way = rng.normal(0, 1, (count, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    centres = crown + way * radii * rng.uniform(0.3, 0.78, (count, 1))
    lump = rng.uniform(0.32, 0.54, count) * spread
    bend = np.append(rng.normal(0, 0.12, 2), fork)
    parts = [tube("bark", (0, 0, 0), bend, (height * 0.026, height * 0.02), 9)]
    parts += [tube("bark", bend - [0, 0, 0.1], centre, (height * 0.012, 0.02), 5) for centre in centres[:9]]
    parts += [ball("leaf_dark", c, r * 0.78, rng, 0.3) for c, r in zip(centres, lump, strict=True)]
    parts += [_cluster(c, r, 380, 0.10, rng) for c, r in zip(centres, lump, strict=True)]
    return join(parts)


def make_far_tree(rng: np.random.Generator) -> Shape:
    """A tree that is only seen from afar: fewer, larger leaves."""
    height, spread = float(rng.uniform(6.0, 9.0)), float(rng.uniform(2.2, 3.6))
    fork = height * 0.25
    centres = np.array([0, 0, 0.62 * height]) + rng.normal(0, 1, (9, 3)) * [0.42 * spread, 0.42 * spread, 0.13 * height]
    sizes = rng.uniform(0.4, 0.62, 9) * spread
    parts = [tube("bark", (0, 0, 0), (0, 0, fork * 1.6), (height * 0.026, height * 0.02), 6)]
    parts += [ball("leaf_dark", c, r * 0.85, rng, 0.3) for c, r in zip(centres, sizes, strict=True)]
    parts += [_cluster(c, r, 90, 0.26, rng) for c, r in zip(centres, sizes, strict=True)]
    return join(parts)


def make_conifer(rng: np.random.Generator) -> Shape:
    """A spruce: tiers of hanging sprays around a straight trunk."""
    height, spread = float(rng.uniform(8.0, 13.0)), float(rng.uniform(1.6, 2.4))
    count = 2400
    up = rng.uniform(0, 1, count) ** 1.3
    tier = 0.75 + 0.25 * np.cos(up * 2 * np.pi * 11)
    radius = spread * (1 - up) * tier * rng.uniform(0.55, 1.05, count) + 0.05
    turn = rng.uniform(0, 2 * np.pi, count)
    out = np.stack([np.cos(turn), np.sin(turn), np.full(count, 0.5)], axis=1)
    at = np.stack([radius * np.cos(turn), radius * np.sin(turn), 0.12 * height + 0.88 * height * up], axis=1)
    at[:, 2] -= 0.25 * radius
    trunk = tube("bark", (0, 0, 0), (0, 0, height * 0.95), (height * 0.018, 0.02), 7)
    core = tube("needle_dark", (0, 0, 0.1 * height), (0, 0, height), (spread * 0.6, 0.02), 9)
    return join([trunk, core, leaves("needle", at, out, 0.22, rng)])


def make_bush(rng: np.random.Generator) -> Shape:
    """A shrub, about as high as a child."""
    parts = []
    for _ in range(5):
        size = float(rng.uniform(0.3, 0.5))
        centre = np.array([*rng.normal(0, 0.35, 2), size * 0.85])
        parts += [ball("leaf_dark", centre, size * 0.8, rng, 0.25), _cluster(centre, size, 150, 0.075, rng)]
    return join(parts)


def make_tuft(rng: np.random.Generator) -> Shape:
    """A patch of long grass, a metre across."""
    count = 260
    root = np.concatenate([rng.normal(0, 0.3, (count, 2)), np.zeros((count, 1))], axis=1)
    tip = root + np.concatenate([rng.normal(0, 0.09, (count, 2)), rng.uniform(0.08, 0.32, (count, 1))], axis=1)
    side = np.concatenate([rng.normal(0, 0.008, (count, 2)), np.zeros((count, 1))], axis=1)
    return quads("blade", np.stack([root - side, root + side, tip + side * 0.2, tip - side * 0.2], axis=1))


PLANTS: Mapping[str, Callable[[np.random.Generator], Shape]] = {
    "tree": make_tree,
    "far_tree": make_far_tree,
    "conifer": make_conifer,
    "bush": make_bush,
    "tuft": make_tuft,
}


def _cluster(centre: Array, radius: float, count: int, size: float, rng: np.random.Generator) -> Shape:
    """Leaves in the shell of a ball."""
    way = rng.normal(0, 1, (count, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    at = centre + way * radius * rng.uniform(0.7, 1.15, (count, 1))
    return leaves("leaf", at, way + [0.0, 0.0, 0.35], size, rng)
