"""Colours of keypoints: a hue family per side of the object, so that left and right are told apart at a glance.

Left is blue, right is orange, what has no side is near white. Blue against orange is the pair that protan, deutan and
tritan viewers all see (Okabe and Ito 2008, "Color Universal Design"); a test holds the families apart under a
simulation of each.
"""

import numpy as np

from pipeline.keypoints import KeypointSchema

Rgb = tuple[int, int, int]

LEFT: tuple[Rgb, ...] = ((98, 196, 255), (47, 151, 255), (38, 112, 255))
RIGHT: tuple[Rgb, ...] = ((255, 205, 70), (255, 154, 31), (240, 92, 20))
MIDDLE: tuple[Rgb, ...] = ((255, 255, 255), (238, 238, 238), (220, 220, 220))
INK: Rgb = (16, 18, 22)
"""Outlines and the ground behind text."""
BOX: Rgb = (120, 255, 170)
"""The instance's box: none of the families."""


def keypoint_colors(schema: KeypointSchema) -> tuple[Rgb, ...]:
    """One RGB colour per keypoint, (K,): its side's family, shaded by its place within that side."""
    left, right = {pair[0] for pair in schema.flip}, {pair[1] for pair in schema.flip}
    sides = [LEFT if name in left else RIGHT if name in right else MIDDLE for name in schema.names]
    colors: list[Rgb] = []
    for i, family in enumerate(sides):
        rank = sum(side is family for side in sides[:i])
        colors.append(_shade(family, rank / max(1, sum(side is family for side in sides) - 1)))
    return tuple(colors)


def edge_color(schema: KeypointSchema, colors: tuple[Rgb, ...], edge: tuple[int, int]) -> Rgb:
    """A bone takes the side of its ends; one that joins left and right has none."""
    left, right = ([i for i in edge if any(schema.names[i] == pair[side] for pair in schema.flip)] for side in (0, 1))
    if bool(left) == bool(right):
        return MIDDLE[-1]
    return colors[(left or right)[0]]


def text_color(color: Rgb) -> Rgb:
    """The colour lightened until it reads on the dark ground of a label."""
    red, green, blue = (round(0.62 * channel + 0.38 * 255) for channel in color)
    return red, green, blue


def _shade(family: tuple[Rgb, ...], position: float) -> Rgb:
    """The family's colour at `position` 0..1 along it."""
    stops = np.linspace(0.0, 1.0, len(family))
    red, green, blue = (round(float(np.interp(position, stops, [c[i] for c in family]))) for i in range(3))
    return red, green, blue
