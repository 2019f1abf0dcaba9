"""What stands beside a road, each on z = 0 at the origin; what reaches over the road reaches along -y."""

from collections.abc import Callable, Mapping

import numpy as np

from blender_scenes.surroundings.shape import Shape, ball, box, boxes, join, of_one, tube


def make_lamp(rng: np.random.Generator) -> Shape:
    """A street lamp with an arm."""
    height, arm = float(rng.uniform(5.5, 8.0)), float(rng.uniform(0.6, 1.8))
    foot = tube("galvanised", (0, 0, 0), (0, 0, 0.9), (0.1, 0.09), 8)
    mast = tube("galvanised", (0, 0, 0.9), (0, 0, height), (0.07, 0.05), 8)
    reach = tube("galvanised", (0, 0, height - 0.05), (0, -arm, height + 0.25), (0.04, 0.035), 6)
    head = box("metal", (-0.14, -arm - 0.6, height + 0.2), (0.14, -arm + 0.05, height + 0.32))
    return join([foot, mast, reach, head, box("frame", (-0.1, -arm - 0.5, height + 0.17), (0.1, -arm, height + 0.2))])


def make_pole(rng: np.random.Generator) -> Shape:
    """A wooden pole with cross-arms, as carries wires."""
    height = float(rng.uniform(7.0, 9.0))
    mast = tube("bark", (0, 0, 0), (0, 0, height), (0.15, 0.1), 8)
    arms = boxes(
        "wood", [(-0.9, -0.06, height - z) for z in (0.5, 1.1)], [(0.9, 0.06, height - z + 0.12) for z in (0.5, 1.1)]
    )
    pins = [tube("frame", (x, 0, height - 0.38), (x, 0, height - 0.2), (0.04, 0.05), 5) for x in (-0.8, -0.4, 0.4, 0.8)]
    return join([mast, arms, *pins])


def make_sign(rng: np.random.Generator) -> Shape:
    """A round or square traffic sign on a pipe."""
    height = float(rng.uniform(2.1, 2.6))
    pipe = tube("galvanised", (0, 0, 0), (0, 0, height + 0.25), (0.03, 0.03), 6)
    if rng.random() < 0.5:
        plate = tube("sign_red", (0, -0.03, height), (0, -0.045, height), (0.3, 0.3), 20)
        inner = tube("sign_white", (0, -0.046, height), (0, -0.05, height), (0.22, 0.22), 20)
        return join([pipe, plate, inner])
    plate = box("sign_blue", (-0.28, -0.045, height - 0.28), (0.28, -0.03, height + 0.28))
    return join([pipe, plate, box("sign_white", (-0.09, -0.05, height - 0.2), (-0.02, -0.046, height + 0.2))])


def make_bin(rng: np.random.Generator) -> Shape:
    """A wheeled bin."""
    width, height = 0.29, float(rng.uniform(0.9, 1.05))
    low, high = np.array([0.8, 0.8]), np.array([1.0, 1.0])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * width
    body = np.concatenate([np.c_[corners * low, np.full(4, 0.08)], np.c_[corners * high, np.full(4, height)]])
    i = np.arange(4)
    j = (i + 1) % 4
    sides = np.concatenate([np.stack([i, j, j + 4], 1), np.stack([i, j + 4, i + 4], 1)])
    lid = box("bin", (-width - 0.03, -width - 0.04, height), (width + 0.03, width + 0.05, height + 0.06))
    tops = [of_one("bin", body[np.ravel([t])], [[0, 1, 2]]) for t in sides]
    wheels = tube("metal", (-0.3, width, 0.1), (0.3, width, 0.1), (0.1, 0.1), 10)
    return join([*tops, lid, wheels])


def make_bollard(rng: np.random.Generator) -> Shape:
    """A post that keeps cars off."""
    height = float(rng.uniform(0.75, 1.0))
    post = tube("metal", (0, 0, 0), (0, 0, height), (0.07, 0.065), 10)
    band = tube("sign_white", (0, 0, height - 0.18), (0, 0, height - 0.08), (0.072, 0.072), 10)
    return join([post, band, ball("metal", (0, 0, height), 0.066, rng, 0.0)])


def make_cabinet(rng: np.random.Generator) -> Shape:
    """A grey cabinet for cables."""
    width, height = float(rng.uniform(0.4, 0.8)), float(rng.uniform(0.9, 1.4))
    door = box("panel", (-width + 0.04, -0.2, 0.12), (width - 0.04, -0.18, height - 0.04))
    return join(
        [
            box("concrete", (-width, -0.2, 0), (width, 0.2, 0.1)),
            box("panel", (-width, -0.18, 0.1), (width, 0.18, height)),
            door,
        ]
    )


def make_crates(rng: np.random.Generator) -> Shape:
    """Pallets and crates, stacked."""
    parts = []
    for column in range(int(rng.integers(1, 4))):
        z = 0.0
        for _ in range(int(rng.integers(1, 7))):
            x, y = column * 1.35 + float(rng.normal(0, 0.03)), float(rng.normal(0, 0.04))
            slats = np.linspace(-0.6, 0.5, 7)
            parts.append(
                boxes(
                    "wood",
                    [(x + s, y - 0.4, z + 0.12) for s in slats],
                    [(x + s + 0.1, y + 0.4, z + 0.145) for s in slats],
                )
            )
            parts.append(
                boxes(
                    "wood",
                    [(x - 0.6, y + s, z) for s in (-0.4, -0.05, 0.3)],
                    [(x + 0.6, y + s + 0.1, z + 0.12) for s in (-0.4, -0.05, 0.3)],
                )
            )
            z += 0.15
    return join(parts)


def make_container(rng: np.random.Generator) -> Shape:
    """A freight container: ribbed sides between corner posts."""
    x, y, z = 3.03, 1.22, 2.59
    body = box("container", (-x + 0.05, -y + 0.05, 0.12), (x - 0.05, y - 0.05, z - 0.05))
    posts = boxes(
        "container_edge",
        [(sx * x - 0.08, sy * y - 0.08, 0) for sx in (-1, 1) for sy in (-1, 1)],
        [(sx * x + 0.08, sy * y + 0.08, z) for sx in (-1, 1) for sy in (-1, 1)],
    )
    rails = boxes(
        "container_edge",
        [(-x, sy * y - 0.06, sz) for sy in (-1, 1) for sz in (0.0, z - 0.12)],
        [(x, sy * y + 0.06, sz + 0.14) for sy in (-1, 1) for sz in (0.0, z - 0.12)],
    )
    return join([body, posts, rails])


def make_kerb(rng: np.random.Generator) -> Shape:
    """Four metres of kerb stones, of height 1: to be scaled; the road is on the side of -y."""
    x = np.arange(-2.0, 2.0, 1.0)
    return boxes("kerb", [(v + 0.006, 0.0, -0.2) for v in x], [(v + 0.994, 0.16, 1.0) for v in x])


FURNITURE: Mapping[str, Callable[[np.random.Generator], Shape]] = {
    "lamp": make_lamp,
    "pole": make_pole,
    "sign": make_sign,
    "bin": make_bin,
    "bollard": make_bollard,
    "cabinet": make_cabinet,
    "crates": make_crates,
    "container": make_container,
    "kerb": make_kerb,
}
