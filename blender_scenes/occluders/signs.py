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
    kind = one_of(rng, ("round", "stop", "warning", "parking", "oneway", "yield"))
    front = radius + 0.004
    match kind:
        case "stop":
            faces = [("retro:white", 8, 0.33), ("retro:red", 8, 0.315)]
            parts += [_plate(s, n, r, np.pi / 8, 0.004, (front + 0.002 * k, high)) for k, (s, n, r) in enumerate(faces)]
            letters = [(-0.19, -0.12), (-0.09, -0.02), (0.02, 0.10), (0.12, 0.19)]
            parts += [
                box("retro:white", (front, y0, high - 0.07), (front + 0.008, y1, high + 0.07)) for y0, y1 in letters
            ]
        case "warning" | "yield":
            turn = 0.0 if kind == "warning" else np.pi
            parts += [
                _plate("retro:red", 3, 0.46, turn, 0.004, (front, high)),
                _plate("retro:white", 3, 0.34, turn, 0.004, (front + 0.003, high)),
            ]
            if kind == "warning":
                parts.append(box("retro:black", (front, -0.025, high - 0.08), (front + 0.009, 0.025, high + 0.12)))
        case "parking" | "oneway":
            wide = 0.3 if kind == "parking" else 0.4
            parts.append(box("retro:white", (front, -wide, high - 0.3), (front + 0.003, wide, high + 0.3)))
            parts.append(
                box("retro:blue", (front, -wide + 0.015, high - 0.285), (front + 0.005, wide - 0.015, high + 0.285))
            )
            bars = [
                (-0.1, -0.04, -0.2, 0.2),
                (-0.04, 0.08, 0.14, 0.2),
                (-0.04, 0.08, -0.02, 0.04),
                (0.08, 0.13, -0.02, 0.2),
            ]
            parts += [
                box("retro:white", (front, -y1, high + z0), (front + 0.008, -y0, high + z1)) for y0, y1, z0, z1 in bars
            ]
        case _:
            parts += [
                _plate("retro:red", 32, 0.31, 0, 0.004, (front, high)),
                _plate("retro:white", 32, 0.235, 0, 0.004, (front + 0.003, high)),
            ]
            parts.append(box("retro:black", (front, -0.10, high - 0.09), (front + 0.009, -0.02, high + 0.09)))
            parts.append(box("retro:black", (front, 0.02, high - 0.09), (front + 0.009, 0.10, high + 0.09)))
    if rng.random() < 0.35:
        parts.append(box("retro:white", (front, -0.28, high - 0.62), (front + 0.004, 0.28, high - 0.42)))
        parts += [
            box("retro:black", (front, -0.2, high - z), (front + 0.006, 0.2, high - z + 0.03)) for z in (0.5, 0.57)
        ]
    return join(parts)


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
