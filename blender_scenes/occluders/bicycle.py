"""A parked bicycle: wheels with spokes, a frame of tubes, saddle, handlebar, mudguards, a stand; it looks along +x."""

import numpy as np
from numpy.typing import NDArray

from blender_scenes.occluders.loft import loft, pipe, rings_along, torus
from blender_scenes.occluders.thing import Rgb, Thing, one_of, shaded
from blender_scenes.surroundings.shape import Shape, box, join, tube

FRAMES: tuple[Rgb, ...] = (
    (0.015, 0.016, 0.018),
    (0.30, 0.02, 0.02),
    (0.02, 0.08, 0.22),
    (0.03, 0.12, 0.08),
    (0.55, 0.54, 0.50),
    (0.45, 0.28, 0.03),
    (0.16, 0.17, 0.18),
)
WHEEL_M, AXLE = 0.315, 0.345
REAR, FRONT = np.array([-0.53, 0.0, AXLE]), np.array([0.55, 0.0, AXLE])
CRANK, SADDLE, HEAD = np.array([-0.09, 0, 0.29]), np.array([-0.24, 0, 0.80]), np.array([0.36, 0, 0.86])


def make_bicycle(rng: np.random.Generator) -> Thing:
    """A city bicycle with a high or a low frame, some with a basket or a carrier."""
    parts = [_wheel(REAR), _wheel(FRONT), *_frame(rng.random() < 0.45), *_seat_and_bar(rng)]
    if rng.random() < 0.7:
        parts += [_mudguard(REAR, (0.3, 3.3)), _mudguard(FRONT, (0.5, 2.6))]
    if rng.random() < 0.4:
        parts.append(_basket())
    if rng.random() < 0.5:
        parts.append(_carrier())
    whole = join(parts)
    lean = float(rng.uniform(0.03, 0.09))
    vertices = whole.vertices + np.stack(
        [0 * whole.vertices[:, 2], lean * whole.vertices[:, 2], 0 * whole.vertices[:, 2]], axis=1
    )
    vertices[:, 2] -= vertices[:, 2].min()
    colours: dict[str, Rgb] = {
        "paint:frame": shaded(one_of(rng, FRAMES), rng),
        "rubber:tyre": (0.014, 0.014, 0.014),
        "metal:part": (0.42, 0.43, 0.44),
        "leather:saddle": one_of(rng, ((0.02, 0.02, 0.02), (0.10, 0.045, 0.02))),
        "plastic:basket": one_of(rng, ((0.02, 0.02, 0.02), (0.28, 0.17, 0.08))),
        "retro:red": (0.4, 0.01, 0.01),
    }
    return Thing(Shape(vertices, whole.triangles, whole.slots, whole.slot_of), {s: colours[s] for s in whole.slots})


def _wheel(hub: NDArray[np.float64]) -> Shape:
    parts = [
        torus("rubber:tyre", hub, (0, 1, 0), 0.325, 0.0195, (44, 8)),
        torus("metal:part", hub, (0, 1, 0), WHEEL_M - 0.012, 0.011, (44, 6)),
    ]
    parts.append(tube("metal:part", hub - [0, 0.035, 0], hub + [0, 0.035, 0], (0.022, 0.022), 10))
    for k in range(28):
        a = 2 * np.pi * k / 28
        lead = a + (0.9 if k % 4 < 2 else -0.9)
        root = hub + [0.02 * np.cos(lead), 0.028 * (1 if k % 2 else -1), 0.02 * np.sin(lead)]
        rim = hub + [WHEEL_M * np.cos(a) - 0.01 * np.cos(a), 0, (WHEEL_M - 0.01) * np.sin(a)]
        parts.append(pipe("metal:part", [root, rim], 0.0011, 3))
    return join(parts)


def _frame(low: bool) -> list[Shape]:
    """Tubes between saddle, crank, steering head and wheels; a low frame has its upper tube bent down."""
    neck, chin = HEAD + [0.02, 0, -0.05], HEAD + [0.055, 0, -0.17]
    sunk = [SADDLE + [0.11, 0, -0.36], np.array([0.06, 0, 0.50]), neck]
    top = sunk if low else [SADDLE + [0.055, 0, -0.18], neck]
    parts = [pipe("paint:frame", top, 0.016, 10, 14), pipe("paint:frame", [CRANK, chin], 0.019, 10)]
    parts += [
        pipe("paint:frame", [CRANK, SADDLE], 0.016, 10),
        pipe("paint:frame", [HEAD + [-0.01, 0, 0.03], chin + [0.01, 0, -0.03]], 0.021, 10),
    ]
    for y in (-1, 1):
        side = np.array([0, 0.055 * y, 0])
        parts.append(pipe("paint:frame", [SADDLE + [0.045, 0.012 * y, -0.15], REAR + side], 0.008, 6))
        parts.append(pipe("paint:frame", [CRANK + [0, 0.02 * y, 0], REAR + side], 0.0095, 6))
        fork = [chin + [0.01, 0.03 * y, -0.02], np.array([0.495, 0.048 * y, 0.50]), FRONT + [0, 0.05 * y, 0]]
        parts.append(pipe("paint:frame", fork, 0.011, 8, 14))
    ring = torus("metal:part", CRANK + [0, -0.05, 0], (0, 1, 0), 0.085, 0.006, (30, 5))
    turn = np.array([0.115, 0, -0.125])
    cranks = [
        pipe("metal:part", [CRANK + [0, 0.065 * s, 0], CRANK + [0, 0.075 * s, 0] + s * turn], 0.010, 6) for s in (-1, 1)
    ]
    pedals = []
    for s in (-1, 1):
        x, y, z = CRANK + [0, 0.12 * s, 0] + s * turn
        pedals.append(box("rubber:tyre", (x - 0.045, y - 0.045, z - 0.012), (x + 0.045, y + 0.045, z + 0.012)))
    chain = [
        pipe("rubber:tyre", [CRANK + [0, -0.05, 0.085 * s], REAR + [0, -0.05, 0.035 * s]], 0.005, 5) for s in (-1, 1)
    ]
    stand = pipe("metal:part", [CRANK + [-0.06, 0.04, -0.02], (-0.20, 0.19, 0.01)], 0.009, 6)
    return [*parts, ring, *cranks, *pedals, *chain, stand]


def _seat_and_bar(rng: np.random.Generator) -> list[Shape]:
    post = pipe("metal:part", [SADDLE, SADDLE + [-0.045, 0, 0.15]], 0.0125, 8)
    x = np.array([-0.14, -0.12, -0.06, 0.02, 0.10, 0.135]) + SADDLE[0] - 0.04
    z = np.array([0.975, 0.985, 0.978, 0.97, 0.968, 0.96])
    half = np.array([[0.02, 0.05], [0.03, 0.085], [0.032, 0.08], [0.028, 0.035], [0.024, 0.024], [0.012, 0.012]])
    saddle = loft("leather:saddle", rings_along(np.stack([x, 0 * x, z], axis=1), half, (0, 0, 1.0), 14))
    high = HEAD + [-0.03, 0, 0.16]
    sweep = float(rng.uniform(-0.2, 0.0))
    way = [
        high + [sweep, -0.29, 0.03],
        high + [sweep + 0.10, -0.22, 0.03],
        high,
        high + [sweep + 0.10, 0.22, 0.03],
        high + [sweep, 0.29, 0.03],
    ]
    bar = pipe("metal:part", way, 0.011, 8, 36, 0.06)
    grips = [
        pipe("rubber:tyre", [high + [sweep - 0.005, 0.30 * s, 0.03], high + [sweep + 0.06, 0.25 * s, 0.03]], 0.016, 8)
        for s in (-1, 1)
    ]
    stem = pipe("metal:part", [HEAD, high], 0.013, 8)
    lamp = tube("metal:part", HEAD + [0.05, 0, 0.04], HEAD + [0.10, 0, 0.04], (0.03, 0.035), 14)
    return [post, saddle, bar, *grips, stem, lamp]


def _mudguard(hub: NDArray[np.float64], reach: tuple[float, float]) -> Shape:
    a = np.linspace(*reach, 22)
    path = hub + 0.362 * np.stack([np.cos(a), 0 * a, np.sin(a)], axis=1)
    out = np.stack([np.cos(a), 0 * a, np.sin(a)], axis=1)
    return loft("paint:frame", rings_along(path, np.tile([0.003, 0.026], (22, 1)), out, 8))


def _basket() -> Shape:
    """Of wire, before the handlebar."""
    low, high = np.array([0.44, -0.15, 0.92]), np.array([0.70, 0.15, 1.12])
    bars = []
    for z in np.linspace(low[2], high[2], 6):
        way = [
            (low[0], low[1], z),
            (high[0], low[1], z),
            (high[0], high[1], z),
            (low[0], high[1], z),
            (low[0], low[1], z),
        ]
        bars += [pipe("plastic:basket", way[k : k + 2], 0.004, 4) for k in range(4)]
    for x in np.linspace(low[0], high[0], 7):
        way = [(x, low[1], high[2]), (x, low[1], low[2]), (x, high[1], low[2]), (x, high[1], high[2])]
        bars += [pipe("plastic:basket", way[k : k + 2], 0.003, 4) for k in range(3)]
    return join(bars)


def _carrier() -> Shape:
    """Over the rear wheel, with a red light."""
    rails = [pipe("metal:part", [(-0.80, y, 0.745), (-0.36, y, 0.745)], 0.006, 5) for y in (-0.06, 0, 0.06)]
    stays = [pipe("metal:part", [(-0.66, y, 0.745), REAR + [0, y, 0]], 0.005, 5) for y in (-0.06, 0.06)]
    cross = [pipe("metal:part", [(x, -0.06, 0.745), (x, 0.06, 0.745)], 0.005, 5) for x in (-0.80, -0.6, -0.38)]
    return join([*rails, *stays, *cross, box("retro:red", (-0.825, -0.04, 0.70), (-0.80, 0.04, 0.735))])
