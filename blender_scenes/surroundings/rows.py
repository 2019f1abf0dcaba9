"""Rows of things along a line, as places are made of."""

from collections.abc import Sequence

import numpy as np

from blender_scenes.surroundings.layout import PAINTS, Rgb, Site
from blender_scenes.surroundings.library import bounds_of
from blender_scenes.surroundings.plants import PLANTS
from blender_scenes.surroundings.walls import PANEL_M

FAR_M = 75.0
"""Rows along a road reach this far each way."""


def building_row(
    site: Site,
    kinds: Sequence[str],
    v: float,
    gaps: tuple[float, float] = (0.0, 0.0),
    u: tuple[float, float] = (-FAR_M, FAR_M),
    z: float = 0.0,
) -> None:
    """Buildings whose fronts stand in the line v and look at the road."""
    at = u[0]
    while at < u[1]:
        name, variant = site.one(kinds), site.variant()
        low, high = bounds_of(name, variant)
        width = float(high[0] - low[0])
        if site.chance(0.35 + 0.65 * site.density):
            back = site.between(0.0, 0.15)
            yaw = 0.0 if v > 0 else np.pi
            site.put(name, at + width / 2, v + np.sign(v) * back, yaw, z, variant=variant)
        at += width + site.between(*gaps)


def panel_row(
    site: Site, name: str, start: tuple[float, float], end: tuple[float, float], z: float = 0.0, tint: Rgb | None = None
) -> None:
    """Panels of a wall or fence from one point to another."""
    a, b = np.array(start), np.array(end)
    count = max(1, round(float(np.linalg.norm(b - a)) / PANEL_M))
    yaw = float(np.arctan2(*(b - a)[::-1]))
    stretch = float(np.linalg.norm(b - a)) / (count * PANEL_M)
    variant, shade = site.variant(), tint or site.one(PAINTS)
    for k in range(count):
        u, v = a + (b - a) * (k + 0.5) / count
        site.put(name, float(u), float(v), yaw, z, (stretch, 1.0, 1.0), shade, variant)


def kerb_row(site: Site, v: float, u: tuple[float, float] = (-40.0, 40.0)) -> None:
    """Kerb stones along v, with the road on the side of the vehicle."""
    for at in np.arange(u[0], u[1], 4.0):
        site.put("kerb", float(at) + 2, v, 0.0 if v > 0 else np.pi, 0.0, (1.0, 1.0, site.step_m), variant=0)


def spaced(site: Site, pitch: float, reach: float = 55.0) -> list[float]:
    """Places along a road, about `pitch` apart, some left out."""
    spots = np.arange(-reach + site.between(0, pitch), reach, pitch)
    return [float(u) + site.between(-0.15, 0.15) * pitch for u in spots if site.chance(0.3 + 0.7 * site.density)]


def dashes(site: Site, v: float, length: float, gap: float, colour: str = "paint_white") -> None:
    """A broken line along the road; one with no gap is unbroken."""
    starts = np.arange(-70.0, 70.0, length + gap) + site.between(0, length + gap)
    for u in starts:
        site.lay(colour, (float(u), float(u) + length), (v - 0.06, v + 0.06), 0.004)


def far_land(site: Site, surface: str, reach: float) -> None:
    """Other land, from `reach` metres each way to the horizon."""
    for u, v in (
        ((reach, 380.0), (-380.0, 380.0)),
        ((-380.0, -reach), (-380.0, 380.0)),
        ((-reach, reach), (reach, 380.0)),
        ((-reach, reach), (-380.0, -reach)),
    ):
        site.lay(surface, u, v, 0.01)


def backdrop(site: Site, kinds: Sequence[str], count: int, radius: tuple[float, float], road: float = 0.0) -> None:
    """Things all around in the distance; a corridor of `road` metres each way from the middle line stays free."""
    for k in range(round(count * (0.5 + 0.5 * site.density))):
        angle = 2 * np.pi * (k + site.between(-0.4, 0.4)) / count
        away = site.between(*radius)
        u, v = float(away * np.cos(angle)), float(away * np.sin(angle))
        if abs(v) < road and abs(u) < 0.9 * radius[1]:
            continue
        name = site.one(kinds)
        if name == "tree":
            name = "far_tree"
        if name in PLANTS:
            site.tree(u, v, scale=2.5 if name == "bush" else 1.3, name=name)
        else:  # the front towards the middle
            site.put(name, u, v, angle - np.pi / 2, scale=site.between(1.0, 1.4))
