"""Places in town: a street, a car park, a yard."""

import numpy as np

from blender_scenes.surroundings.layout import PAINTS, Site
from blender_scenes.surroundings.rows import (
    FAR_M,
    backdrop,
    building_row,
    dashes,
    far_land,
    kerb_row,
    panel_row,
    spaced,
)

STREET_FRONTS = (("shop", "block"), ("block", "block", "shop"), ("shop", "office"), ("block", "house"))


def lay_street(site: Site) -> None:
    """A street between pavements and fronts; the vehicle stands by one of the kerbs."""
    near = site.one((-1, 1))
    kinds = site.one(STREET_FRONTS)
    edges = {near: site.half_width + site.between(0.05, 0.8), -near: site.half_width + site.between(3.0, 8.0)}
    paving = site.one(("slabs", "slabs", "concrete", "asphalt"))
    for side, edge in edges.items():
        front = edge + (site.distance_m if side == near else max(2.5, 0.6 * site.distance_m))
        _pavement(site, side, edge, front, paving)
        building_row(site, kinds, side * front, (0.0, 0.0 if site.density > 0.5 else 6.0), z=0.0)
    middle = near * (edges[near] - edges[-near]) / 2
    dashes(
        site,
        middle,
        *site.one(((3.0, 4.5), (2.0, 2.0), (150.0, 1.0))),
        colour=site.one(("paint_white", "paint_yellow")),
    )
    if site.chance(0.5):
        dashes(site, near * (edges[near] - 0.35), 150.0, 1.0, site.one(("paint_white", "paint_yellow")))
    backdrop(site, ("block", "tree", "office"), 22, (75.0, 150.0), road=18.0)


def _pavement(site: Site, side: int, edge: float, front: float, paving: str) -> None:
    """Kerb, paving, and what stands on it."""
    z, line = site.step_m, edge + 0.55
    kerb_row(site, side * edge)
    site.lay(paving, (-FAR_M - 20, FAR_M + 20), (side * (edge + 0.1), side * (front + 14)), z)
    for u in spaced(site, 24.0):
        site.put(site.one(("lamp", "lamp", "pole")), u, side * line, 0.0 if side > 0 else np.pi, z, variant=0)
    if front - edge > 3.0:
        for u in spaced(site, site.between(9, 16)):
            if site.chance(0.8):
                site.tree(u, side * (line + 0.4), z, 0.75)
    for u in spaced(site, 6.0, 30.0):
        name = site.one(("bollard", "bollard", "bin", "sign", "cabinet", "none", "none"))
        if name != "none":
            back = front - 0.5 if name in ("bin", "cabinet") else line
            site.put(name, u, side * back, 0.0 if side > 0 else np.pi, z, tint=site.one(PAINTS))


def lay_parking(site: Site) -> None:
    """A car park: bays in rows along u, the vehicle in one of them."""
    pitch = 2 * max(site.half_width - 1.2, 0.9) + site.between(0.55, 0.9)
    front, rear = site.half_length - 0.8, -site.half_length + 0.9
    colour = site.one(("paint_white", "paint_white", "paint_yellow"))
    for row in (0.0, -(2 * site.half_length + site.between(4.5, 6.5))):
        _bays(site, pitch, (rear + row, front + row), colour)
    edge = site.half_length + site.between(0.1, 1.0)
    kerb_across(site, edge)
    site.lay(site.one(("grass", "slabs", "grass")), (edge + 0.1, 300.0), (-300.0, 300.0), site.step_m)
    far = edge + max(site.distance_m, 2.0)
    _lot_edge(site, far)
    _arrow(site, (rear - 3.2), colour)
    for v in spaced(site, 17.0, 50.0):
        site.put("lamp", edge + 0.9, v, np.pi / 2, site.step_m, variant=1)
        site.tree(edge + 1.6, v + site.between(4, 9), site.step_m, 0.85)
    far_side = 2 * site.half_length + site.between(14.0, 24.0)
    for v in (-1.0, 1.0):
        building_row(
            site, site.one((("shed",), ("office",), ("shop", "block"))), v * (far_side + site.distance_m), (4.0, 25.0)
        )
    far_land(site, site.one(("grass", "grass", "gravel")), 62.0)
    for v in spaced(site, 11.0, 60.0):
        site.tree(-far_side - site.between(4, 12), v)
    backdrop(site, site.one((("tree", "block"), ("tree", "tree", "office"), ("tree", "shed"))), 50, (50.0, 110.0))


def _bays(site: Site, pitch: float, u: tuple[float, float], colour: str) -> None:
    for k in range(-8, 9):
        v = (k + 0.5) * pitch
        site.lay(colour, u, (v - 0.05, v + 0.05), 0.004)
    site.lay(colour, (u[1] - 0.1, u[1]), (-8.5 * pitch, 8.5 * pitch), 0.0045)


def kerb_across(site: Site, u: float) -> None:
    """Kerb stones along v, with the road behind."""
    for v in np.arange(-60.0, 60.0, 4.0):
        site.put("kerb", u, float(v), -np.pi / 2, 0.0, (1.0, 1.0, site.step_m), variant=0)


def _lot_edge(site: Site, u: float) -> None:
    """What the bays look at: a hedge, a fence, a wall or a building's front."""
    kind = site.one(("hedge", "iron_fence", "high_wall", "building", "low_wall", "board_fence"))
    if kind != "building":
        panel_row(site, kind, (u, -44.0), (u, 44.0), site.step_m, (0.06, 0.11, 0.03) if kind == "hedge" else None)
        u += site.between(3, 9)
    v = -50.0
    while v < 50.0:
        site.put(site.one(("shop", "block", "office", "shed")), u + 1.0, v, -np.pi / 2)
        v += 22.0 if kind == "building" else site.between(20, 50)


def _arrow(site: Site, u: float, colour: str) -> None:
    """An arrow in the aisle."""
    v = site.between(-4, 4)
    site.lay(colour, (u - 0.08, u + 0.08), (v - 1.2, v + 0.6), 0.004)
    for k in range(8):
        half = 0.4 * (1 - k / 8)
        site.lay(colour, (u - half, u + half), (v + 0.6 + 0.12 * k, v + 0.72 + 0.12 * k), 0.004)


def lay_yard(site: Site) -> None:
    """A yard: walls or halls on most sides, near; crates, containers and bins before them."""
    wall = site.one(("ribbed_wall", "high_wall", "ribbed_wall", "board_fence"))
    reach = site.distance_m
    u, v = site.half_length + reach * site.between(0.8, 1.6), site.half_width + reach * site.between(0.6, 1.2)
    across = (u + site.between(2, 12), v + site.between(0.5, 10))
    west, east, south, north = -across[0], u, -across[1], v
    tint = site.one(PAINTS)
    corners = [(west, south), (east, south), (east, north), (west, north)]
    for k, start in enumerate(corners):
        end = corners[(k + 1) % 4]
        if site.chance(0.45 + 0.4 * site.density):
            panel_row(site, wall, start, end, tint=tint)
        else:
            _hall(site, start, end)
    for _ in range(round(14 * site.density)):
        along, side = site.between(0.1, 0.9), site.one((0, 1, 2, 3))
        a, b = np.array(corners[side]), np.array(corners[(side + 1) % 4])
        inward = np.array([-(b - a)[1], (b - a)[0]]) / np.linalg.norm(b - a)
        spot = a + along * (b - a) + site.between(0.9, 1.4) * inward
        yaw = float(np.arctan2(*(b - a)[::-1])) + np.pi
        name = site.one(("crates", "bin", "cabinet", "crates", "bollard"))
        site.put(name, float(spot[0]), float(spot[1]), yaw + site.between(-0.15, 0.15), tint=site.one(PAINTS))
    for k in range(round(5 * site.density)):
        site.put(
            "container", east + site.between(4, 8), -14.0 + 7 * k, np.pi / 2 * site.one((0, 1)), tint=site.one(PAINTS)
        )
    far_land(site, site.one(("grass", "grass", "asphalt", "gravel")), max(across) + site.between(10.0, 20.0))
    backdrop(site, ("shed", "tree", "shed", "block", "tree"), 40, (40.0, 85.0))


def _hall(site: Site, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A hall's front from one corner to the next, looking inward; counter-clockwise corners."""
    a, b = np.array(start), np.array(end)
    yaw = float(np.arctan2(*(b - a)[::-1])) + np.pi
    u, v = (a + b) / 2
    site.put("shed", float(u), float(v), yaw)
