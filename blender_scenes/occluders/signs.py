"""Traffic signs on posts, and boards that stand on pavements."""

import numpy as np

from blender_scenes.occluders.loft import loft, turned_profile
from blender_scenes.occluders.thing import Rgb, Thing, one_of, shaded
from blender_scenes.surroundings.shape import Shape, box, join, turned

COLOURS: dict[str, Rgb] = {
    "retro:red": (0.42, 0.010, 0.014),
    "retro:blue": (0.008, 0.055, 0.31),
    "retro:white": (0.74, 0.74, 0.72),
    "retro:yellow": (0.72, 0.40, 0.01),
    "retro:black": (0.012, 0.012, 0.012),
    "zinc:pipe": (0.33, 0.34, 0.35),
}


def make_sign(rng: np.random.Generator) -> Thing:
    """One of them; the front looks along +x."""
    shape = one_of(rng, (_on_post, _on_post, _on_post, _board))(rng)
    chalk = {
        "paint:frame": shaded((0.16, 0.07, 0.025), rng),
        "rough:board": (0.018, 0.02, 0.02),
        "retro:text": (0.6, 0.6, 0.55),
    }
    colours = {**COLOURS, **chalk}
    return Thing(shape, {slot: colours[slot] for slot in shape.slots})


def _plate(slot: str, sides: int, radius: float, turn: float, depth: float, at: tuple[float, float]) -> Shape:
    """An upright plate with so many corners, at x and height; `turn` is where the first corner is, from the top."""
    angle = turn + np.arange(sides) * 2 * np.pi / sides
    ring = np.stack([np.zeros(sides), -radius * np.sin(angle), at[1] + radius * np.cos(angle)], axis=1)
    return loft(slot, np.stack([ring, ring + [depth, 0, 0]]) + [at[0], 0, 0])


def _on_post(rng: np.random.Generator) -> Shape:
    high, radius = float(rng.uniform(1.9, 2.5)), 0.032
    parts = [turned_profile("zinc:pipe", [(radius, 0), (radius, high + 0.35), (0.01, high + 0.36)], 14)]
    front = radius + 0.004
    parts += one_of(rng, (_stop, _warning, _give_way, _parking, _one_way, _no_overtaking))(front, high)
    if rng.random() < 0.35:
        parts.append(box("retro:white", (front, -0.28, high - 0.62), (front + 0.004, 0.28, high - 0.42)))
        parts += [
            box("retro:black", (front, -0.2, high - z), (front + 0.006, 0.2, high - z + 0.03)) for z in (0.5, 0.57)
        ]
    return join(parts)


def _bars(slot: str, x: float, high: float, bars: tuple[tuple[float, float, float, float], ...]) -> list[Shape]:
    """Upright rectangles, from y to y and from z to z about the middle of a plate; y grows to the reader's right."""
    return [box(slot, (x, y0, high + z0), (x + 0.008, y1, high + z1)) for y0, y1, z0, z1 in bars]


def _stop(x: float, high: float) -> list[Shape]:
    plates = [_plate("retro:white", 8, 0.33, np.pi / 8, 0.004, (x, high))]
    plates.append(_plate("retro:red", 8, 0.315, np.pi / 8, 0.004, (x + 0.002, high)))
    letters = ((-0.19, -0.12), (-0.09, -0.02), (0.02, 0.10), (0.12, 0.19))
    return plates + _bars("retro:white", x, high, tuple((y0, y1, -0.07, 0.07) for y0, y1 in letters))


def _triangle(x: float, high: float, turn: float) -> list[Shape]:
    inner = _plate("retro:white", 3, 0.34, turn, 0.004, (x + 0.003, high))
    return [_plate("retro:red", 3, 0.46, turn, 0.004, (x, high)), inner]


def _warning(x: float, high: float) -> list[Shape]:
    mark = ((-0.025, 0.025, -0.02, 0.16), (-0.025, 0.025, -0.10, -0.055))
    return _triangle(x, high, 0.0) + _bars("retro:black", x, high, mark)


def _give_way(x: float, high: float) -> list[Shape]:
    return _triangle(x, high, np.pi)


def _blue(x: float, high: float, wide: float, tall: float) -> list[Shape]:
    edge = box("retro:white", (x, -wide, high - tall), (x + 0.003, wide, high + tall))
    face = box("retro:blue", (x, 0.015 - wide, high - tall + 0.015), (x + 0.005, wide - 0.015, high + tall - 0.015))
    return [edge, face]


def _parking(x: float, high: float) -> list[Shape]:
    letter = ((-0.1, -0.04, -0.2, 0.2), (-0.04, 0.08, 0.14, 0.2), (-0.04, 0.08, -0.02, 0.04), (0.08, 0.13, -0.02, 0.2))
    return _blue(x, high, 0.3, 0.3) + _bars("retro:white", x, high, letter)


def _one_way(x: float, high: float) -> list[Shape]:
    head = _plate("retro:white", 3, 0.12, -np.pi / 2, 0.004, (x + 0.004, high))
    head = Shape(head.vertices + [0.0, 0.20, 0.0], head.triangles, head.slots, head.slot_of)
    return [*_blue(x, high, 0.4, 0.15), head, *_bars("retro:white", x, high, ((-0.28, 0.18, -0.03, 0.03),))]


def _no_overtaking(x: float, high: float) -> list[Shape]:
    rim = _plate("retro:red", 32, 0.31, 0, 0.004, (x, high))
    face = _plate("retro:white", 32, 0.235, 0, 0.004, (x + 0.003, high))
    red = _bars("retro:red", x, high, ((-0.13, -0.02, -0.06, 0.0), (-0.11, -0.04, 0.0, 0.05)))
    return [rim, face, *red, *_bars("retro:black", x, high, ((0.02, 0.13, -0.06, 0.0), (0.04, 0.11, 0.0, 0.05)))]


def _board(rng: np.random.Generator) -> Shape:
    """A menu board that folds out on the pavement."""
    wide, high, lean = float(rng.uniform(0.25, 0.33)), float(rng.uniform(0.95, 1.2)), 0.24
    leaf = [
        box("paint:frame", (0, -wide, 0), (0.025, -wide + 0.05, high)),
        box("paint:frame", (0, wide - 0.05, 0), (0.025, wide, high)),
        box("paint:frame", (0, -wide, high - 0.05), (0.025, wide, high)),
        box("paint:frame", (0, -wide, 0.10), (0.025, wide, 0.15)),
        box("rough:board", (0.005, -wide + 0.05, 0.15), (0.018, wide - 0.05, high - 0.05)),
    ]
    for z in np.arange(0.25, high - 0.15, 0.075):
        reach = float(rng.uniform(0.3, 0.95)) * (wide - 0.09)
        leaf.append(box("retro:text", (0.017, -reach, float(z)), (0.02, reach, float(z) + 0.018)))
    one = join(leaf)
    vertices = one.vertices.copy()
    vertices[:, 0] += lean * (high - vertices[:, 2])
    front = Shape(vertices, one.triangles, one.slots, one.slot_of)
    return join([front, turned(front, np.pi)])
