"""Places with more sky: a suburb, the country."""

import numpy as np

from blender_scenes.surroundings.layout import Site
from blender_scenes.surroundings.rows import FAR_M, backdrop, building_row, dashes, kerb_row, panel_row, spaced

GARDEN_EDGES = ("hedge", "low_wall", "board_fence", "hedge", "iron_fence")
HEDGE_GREEN = (0.055, 0.10, 0.028)


def lay_suburb(site: Site) -> None:
    """A quiet road: footpaths, verges, front gardens behind hedges and fences, houses."""
    near = site.one((-1, 1))
    edges = {near: site.half_width + site.between(0.05, 0.5), -near: site.half_width + site.between(2.5, 5.0)}
    for side, edge in edges.items():
        kerb_row(site, side * edge)
        verge = edge + site.between(0.0, 1.5)
        path = verge + site.between(1.2, 2.0)
        z = site.step_m
        site.lay("grass", (-250.0, 250.0), (side * (edge + 0.1), side * 250.0), z)
        site.lay(site.one(("slabs", "asphalt", "concrete")), (-FAR_M, FAR_M), (side * verge, side * path), z + 0.006)
        garden = path + 0.5
        house = max(garden + 3.0, edge + site.distance_m)
        _garden_fronts(site, side * garden, z)
        building_row(site, ("house",), side * house, (2.5, 9.0), z=z)
        for u in spaced(site, 7.0):
            kind = site.one(("bush", "bush", "tree"))
            site.tree(u, side * site.between(garden + 1.0, house - 1.0), z, 0.7 if kind == "tree" else 1.1, kind)
        for u in spaced(site, 30.0):
            site.put(
                site.one(("lamp", "pole", "lamp")), u, side * (edge + 0.4), 0.0 if side > 0 else np.pi, z, variant=2
            )
        for u in spaced(site, 9.0, 30.0):
            if site.chance(0.4):
                site.put(
                    "bin",
                    u,
                    side * (path - 0.4),
                    site.between(-0.3, 0.3),
                    z,
                    tint=site.one(((0.02, 0.05, 0.03), (0.03, 0.03, 0.03))),
                )
        for u in spaced(site, 14.0, 70.0):
            site.tree(u, side * (house + site.between(12, 18)), z, 1.2)
    if site.chance(0.4):
        dashes(site, near * (edges[near] - edges[-near]) / 2, 2.0, 4.0)
    backdrop(site, ("tree", "tree", "house"), 44, (60.0, 130.0), road=9.0)


def _garden_fronts(site: Site, v: float, z: float) -> None:
    """Each garden has an edge of its own, and a gap to drive in by."""
    u = -60.0
    while u < 60.0:
        length = 4.0 * site.one((2, 3, 4))
        kind = site.one(GARDEN_EDGES)
        if site.chance(0.25 + 0.7 * site.density):
            panel_row(site, kind, (u, v), (u + length, v), z, HEDGE_GREEN if kind == "hedge" else None)
        u += length + site.between(2.8, 4.5)


def lay_country(site: Site) -> None:
    """A lane or a meadow: grass, fences, trees near and far, hills."""
    if site.ground not in ("grass", "snow"):
        _lane(site)
    side = site.one((-1, 1))
    line = site.half_width + max(1.5, 0.6 * site.distance_m)
    fence = site.one(("rail_fence", "none", "hedge", "guard_rail", "board_fence", "rail_fence"))
    if fence != "none":
        panel_row(
            site, fence, (-60.0, side * line), (60.0, side * line), 0.0, HEDGE_GREEN if fence == "hedge" else None
        )
    wood = site.one(
        (("tree",), ("tree", "conifer"), ("conifer",), ("tree", "bush", "bush"), ("tree", "tree", "bush", "conifer"))
    )
    for row in range(3):
        for v in (-1, 1):
            start = site.half_width + site.distance_m + (0.0 if v == side else 3.0)
            for u in spaced(site, 8.5 - 1.5 * row, 70.0):
                name = site.one(wood)
                site.tree(u, v * (start + 5.0 * row + site.between(0, 4)), 0.0, 1.0, name)
    for _ in range(0 if site.ground == "snow" else round(40 * site.density)):
        aside = site.half_width + abs(float(site.rng.normal(0.6, 3.0)))
        dryness = site.one(((0.10, 0.13, 0.03), (0.2, 0.17, 0.07)))
        size, turn = site.between(0.6, 1.3), site.between(0, 6)
        site.put("tuft", site.between(-25, 25), site.one((-1, 1)) * aside, turn, 0.0, size, dryness)
    if site.chance(0.3):
        for u in spaced(site, 35.0, 110.0):
            site.put("pole", u, -side * (line + 2), np.pi / 2, variant=1)
    backdrop(site, wood, 90, (50.0, 140.0), road=7.0)
    _hills(site)


def _lane(site: Site) -> None:
    """The edges of a lane, overgrown, and its lines."""
    near = site.one((-1, 1))
    for side, edge in ((near, site.between(0.0, 0.8)), (-near, site.between(0.6, 4.0))):
        v = side * (site.half_width + edge)
        site.lay_ragged("grass", (-160.0, 160.0), (v, side * 390.0), 0.012)
        for end in (-1, 1):
            site.lay("grass", (end * 160.0, end * 390.0), (v, side * 390.0), 0.012)
        if site.ground == "asphalt" and site.chance(0.5):
            dashes(site, v - side * 0.35, 150.0, 1.0)


def _hills(site: Site) -> None:
    """Ridges around the horizon."""
    fields = (0.72, 0.74, 0.78) if site.ground == "snow" else site.one(((0.13, 0.15, 0.09), (0.20, 0.18, 0.10)))
    for k in range(14):
        angle = 2 * np.pi * (k + site.between(-0.3, 0.3)) / 14
        away = site.between(210, 300)
        size = site.between(0.9, 1.5)
        at = (float(away * np.cos(angle)), float(away * np.sin(angle)))
        site.put("hill", *at, angle + np.pi / 2, 0.0, (size, 1.0, site.between(0.3, 1.5)), fields)
