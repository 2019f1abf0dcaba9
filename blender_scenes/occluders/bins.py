"""Waste bins: on wheels, as households have, and those along streets."""

import numpy as np

from blender_scenes.occluders.loft import loft, pipe, rings_along, torus, turned_profile
from blender_scenes.occluders.thing import Rgb, Thing, one_of, shaded
from blender_scenes.surroundings.shape import Shape, box, join, tube

BODIES: tuple[Rgb, ...] = ((0.045, 0.048, 0.05), (0.02, 0.07, 0.03), (0.10, 0.055, 0.03), (0.015, 0.035, 0.10))
LIDS: tuple[Rgb, ...] = (
    (0.045, 0.048, 0.05),
    (0.60, 0.42, 0.02),
    (0.02, 0.12, 0.35),
    (0.03, 0.16, 0.05),
    (0.12, 0.06, 0.03),
)
STREET: tuple[Rgb, ...] = ((0.03, 0.032, 0.034), (0.02, 0.06, 0.035), (0.45, 0.13, 0.01), (0.16, 0.17, 0.18))


def make_bin(rng: np.random.Generator) -> Thing:
    """A wheeled bin or a litter bin."""
    wheeled = rng.random() < 0.55
    shape = _wheeled(rng) if wheeled else _litter(rng)
    body = shaded(one_of(rng, BODIES if wheeled else STREET), rng)
    lid = body if rng.random() < 0.4 else shaded(one_of(rng, LIDS), rng)
    colours: dict[str, Rgb] = {
        "plastic:body": body,
        "plastic:lid": lid,
        "rubber:wheel": (0.015, 0.015, 0.015),
        "zinc:pipe": (0.33, 0.34, 0.35),
        "rubber:dark": (0.006, 0.006, 0.006),
        "retro:label": (0.62, 0.62, 0.6),
    }
    return Thing(shape, {slot: colours[slot] for slot in shape.slots})


def _wheeled(rng: np.random.Generator) -> Shape:
    """Of 120 or 240 litres: it narrows downwards, with a rim, a lid that slopes, a bar to pull it by, and an axle."""
    high, wide, deep = one_of(rng, ((0.93, 0.24, 0.275), (1.06, 0.29, 0.36)))
    z = np.array([0.05, 0.07, 0.5 * high, 0.86 * high, 0.87 * high, 0.92 * high])
    grow = np.array([0.76, 0.80, 0.89, 0.95, 1.02, 1.03])
    path = np.stack([0.05 * (1 - grow), np.zeros(6), z], axis=1)
    half = np.stack([deep * grow, wide * grow], axis=1)
    parts = [loft("plastic:body", rings_along(path, half, sides=32, power=7.0))]
    ribs = [
        box("plastic:body", (deep * 0.85, y - 0.012, 0.14), (deep * 0.885 + 0.012, y + 0.012, 0.8 * high))
        for y in (-0.1, 0.1)
    ]
    parts += ribs
    lid = np.array([[0.02, 0.0, 0.915 * high], [0.015, 0, 0.945 * high], [-0.005, 0, 0.985 * high], [-0.02, 0, high]])
    size = np.array([[1.09, 1.09], [1.09, 1.09], [1.0, 1.0], [0.7, 0.8]]) * [deep, wide]
    parts.append(loft("plastic:lid", rings_along(lid, size, sides=32, power=6.0)))
    back = -deep * 1.02
    grip = [
        (back, -wide * 0.8, 0.90 * high),
        (back - 0.09, -wide * 0.8, 0.94 * high),
        (back - 0.09, wide * 0.8, 0.94 * high),
        (back, wide * 0.8, 0.90 * high),
    ]
    parts.append(pipe("plastic:body", grip, 0.014, 8, 24, 0.08))
    axle = -deep * 0.66
    parts.append(tube("zinc:pipe", (axle, -wide, 0.1), (axle, wide, 0.1), (0.012, 0.012), 8))
    for side in (-1, 1):
        y = side * wide * 0.93
        parts.append(torus("rubber:wheel", (axle, y, 0.1), (0, 1, 0), 0.078, 0.022, (24, 8)))
        parts.append(tube("plastic:body", (axle, y - 0.018, 0.1), (axle, y + 0.018, 0.1), (0.07, 0.07), 18))
        parts.append(tube("plastic:body", (axle, y + 0.018, 0.1), (axle, y - 0.018, 0.1), (0.07, 0.07), 18))
    if rng.random() < 0.6:
        parts.append(box("retro:label", (deep * 0.9, -0.07, 0.62 * high), (deep * 0.93, 0.07, 0.72 * high)))
    return join(parts)


def _litter(rng: np.random.Generator) -> Shape:
    """A round bin: of slats or closed, with or without a hood; or one that hangs on a post."""
    high, radius = float(rng.uniform(0.75, 0.95)), float(rng.uniform(0.2, 0.27))
    match one_of(rng, ("slats", "hood", "post")):
        case "slats":
            parts = [turned_profile("rubber:dark", [(0.86 * radius, 0.06), (0.86 * radius, high - 0.02)], 20)]
            count = 20
            for k in range(count):
                a = 2 * np.pi * k / count
                foot = np.array([radius * np.cos(a), radius * np.sin(a), 0.05])
                parts.append(pipe("plastic:body", [foot, foot + [0.1 * foot[0], 0.1 * foot[1], high - 0.05]], 0.019, 6))
            parts += [
                torus("plastic:body", (0, 0, z), (0, 0, 1), radius * (1 + 0.1 * z), 0.017, (28, 6))
                for z in (0.06, high)
            ]
            return join(parts)
        case "hood":
            body = [
                (radius, 0.02),
                (radius, high),
                (radius * 1.05, high + 0.01),
                (radius * 1.05, high + 0.05),
                (radius, high + 0.06),
            ]
            dome = [(radius * np.cos(a), high + 0.24 + 0.5 * radius * np.sin(a)) for a in np.linspace(0, 1.55, 7)]
            inside = [(radius * 0.93, high + 0.05), (radius * 0.93, high + 0.25)]
            parts = [
                turned_profile("plastic:body", body, 28),
                turned_profile("plastic:lid", dome, 28),
                turned_profile("rubber:dark", inside, 28),
            ]
            posts = np.linspace(0, 2 * np.pi, 5)[:4] + 0.8
            parts += [
                tube(
                    "plastic:body",
                    (radius * 0.96 * np.cos(a), radius * 0.96 * np.sin(a), high),
                    (radius * 0.96 * np.cos(a), radius * 0.96 * np.sin(a), high + 0.26),
                    (0.03, 0.03),
                    8,
                )
                for a in posts
            ]
            return join(parts)
    pan = [
        (0.72 * radius, 0.42),
        (0.75 * radius, 0.43),
        (0.9 * radius, 0.95),
        (0.94 * radius, 0.96),
        (0.94 * radius, 0.99),
        (0.84 * radius, 0.99),
        (0.8 * radius, 0.9),
    ]
    basket = turned_profile("plastic:body", pan, 26, (True, False))
    mast = turned_profile("zinc:pipe", [(0.03, 0), (0.03, 1.15), (0.01, 1.16)], 14)
    floor = turned_profile("rubber:dark", [(0.82 * radius, 0.88), (0.01, 0.885)], 26)
    hung = [Shape(s.vertices + [radius + 0.035, 0, 0], s.triangles, s.slots, s.slot_of) for s in (basket, floor)]
    return join(
        [
            *hung,
            mast,
            box("zinc:pipe", (0.0, -0.03, 0.6), (0.09, 0.03, 0.64)),
            box("retro:label", (2 * radius * 0.94 + 0.03, -0.06, 0.72), (2 * radius * 0.94 + 0.032, 0.06, 0.82)),
        ]
    )
