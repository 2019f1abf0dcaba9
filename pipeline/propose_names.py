"""Keypoints of an unlabelled vehicle from the names of its objects and materials, where they tell.

Metres, x forward, y left, z up, the origin on the ground under the middle of the bounding box.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.vehicle_profile import VehicleProfile

NAMES: Mapping[str, str] = {
    "wheel": r"wheel|tyre|tire|hub_?cap|(?<![a-z])rim(?![a-z])",
    "lamp": r"(?<!h)light?(?=$|[^a-z])|lights|headl|taill|brakel|lamp|headligh",
    "mirror": r"mirror|side_?m(?![a-z])|sidem\d*-|retrovis",
    "plate": r"plate|licen[cs]e|number",
    "glass": r"glass|windo|windshield|windscreen|verre|vitre",
    "door": r"door(?!.*(glass|window|interior|rubber|chrome|handle))",
    "bumper": r"bumper",
    "roof": r"roof(?!.*(rail|rack|box|antenna))|(?<![a-z])top_?\d",
}
"""What names contain; of objects, of their meshes and parents, or of materials."""
NOT_NAMES: Mapping[str, str] = {
    "wheel": r"steer|arch|well|spare",
    "lamp": r"interior|ambient|fog|ind(?![a-z])|indicat",
    "mirror": r"interior|inner|room|rear_?view|inside",
    "plate": r"skid|under",
}
LAMP_REACH, LAMP_SPREAD, ONE_DOOR = 0.16, 0.05, (0.14, 0.36)
"""Shares of the length: how far a lamp may be from where shape expects it, what counts half at that distance; how long
a single door is."""
Places = NDArray[np.float64]


@dataclass(frozen=True)
class NamedSurface:
    """A vehicle's triangles with what their names say.

    Attributes:
        corners: (T, 3, 3) metres, centred frame.
        trails: per part, the names that may tell.
        triangle_part: (T,) index into `trails`.
        materials, triangle_material: the same for materials.
    """

    corners: NDArray[np.float64]
    trails: Sequence[str]
    triangle_part: NDArray[np.int64]
    materials: Sequence[str]
    triangle_material: NDArray[np.int64]

    def named(self, kind: str) -> NDArray[np.float64]:
        """(N, 3, 3) the triangles whose object or material is called something of that kind."""
        by_part = np.array([_is_called(name, kind) for name in self.trails], dtype=bool)
        by_material = np.array([_is_called(name, kind) for name in self.materials], dtype=bool)
        return self.corners[by_part[self.triangle_part] | by_material[self.triangle_material]]


def named_wheels(surface: NamedSurface, width: float, height: float) -> dict[str, Places]:
    """The hubs' outer faces, from what is called a wheel; empty unless there are four."""
    corners = surface.named("wheel")
    middles = corners.mean(axis=1)
    low = (middles[:, 2] < 0.45 * height) & (np.abs(middles[:, 1]) > 0.2 * width)
    found = {}
    for name, (x, y) in {"FL": (1, 1), "FR": (1, -1), "RL": (-1, 1), "RR": (-1, -1)}.items():
        mine = corners[low & (middles[:, 0] * x > 0) & (middles[:, 1] * y > 0)]
        if len(mine):
            box_low, box_high = _box(mine)
            outside = box_high[1] if y > 0 else box_low[1]
            found["wheel_" + name] = np.array([[*((box_low + box_high) / 2)], [0.0, outside, 0.0]])
    return {name: np.array([[p[0, 0], p[1, 1], p[0, 2]]]) for name, p in found.items()} if len(found) == 4 else {}


def named_labels(
    surface: NamedSurface, profile: VehicleProfile, expected: Mapping[str, Places]
) -> dict[str, Places | None]:
    """Keypoint to places that names tell, near where shape `expected` them; None says that there is no such thing."""
    found: dict[str, Places | None] = {}
    found.update(_lamps(surface.named("lamp"), profile, expected))
    found.update(_mirrors(surface.named("mirror"), profile))
    found.update(_plates(surface.named("plate"), profile))
    found.update(_windows(surface.named("glass"), profile))
    found.update(_doors(surface.named("door"), profile, expected))
    found.update(_bumpers(surface.named("bumper"), profile))
    roof = surface.named("roof")
    roof = roof[roof.mean(axis=1)[:, 2] > 0.8 * profile.height]
    if len(roof) and np.ptp(roof[..., 0]) > 0.1 * profile.length:
        low, high = _box(roof)
        found["roof"] = np.array([[(low[0] + high[0]) / 2, 0.0, high[2]]])
    return found


def _is_called(name: str, kind: str) -> bool:
    lowered = name.lower()
    unlike = NOT_NAMES.get(kind)
    return bool(re.search(NAMES[kind], lowered)) and not (unlike and re.search(unlike, lowered))


def _box(corners: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return corners.reshape(-1, 3).min(axis=0), corners.reshape(-1, 3).max(axis=0)


def _area(corners: NDArray) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1))


def _sides(corners: NDArray, least: float) -> Iterator[tuple[str, NDArray]]:
    """The triangles on the left ("L") and on the right ("R") that are `least` metres from the middle."""
    y = corners.mean(axis=1)[:, 1]
    for letter, sign in (("L", 1.0), ("R", -1.0)):
        mine = corners[y * sign > least]
        if len(mine):
            yield letter, mine


def _lamps(corners: NDArray, profile: VehicleProfile, expected: Mapping[str, Places]) -> dict[str, Places]:
    found = {}
    for letter, mine in _sides(corners, 0.15 * profile.width):
        for end in "FR":
            name = f"headlight_{end}{letter}"
            if name in expected:
                distance = np.linalg.norm(mine.mean(axis=1) - expected[name][0], axis=1)
                near = distance < LAMP_REACH * profile.length
                if near.any():
                    # fog lamps and reflectors are lamps too, but further off
                    weight = _area(mine[near]) * 0.5 ** ((distance[near] / (LAMP_SPREAD * profile.length)) ** 2) + 1e-12
                    found[name] = np.average(mine[near].mean(axis=1), axis=0, weights=weight)[None]
    return found


def _mirrors(corners: NDArray, profile: VehicleProfile) -> dict[str, Places]:
    found = {}
    for letter, mine in _sides(corners, 0.35 * profile.width):
        low, high = _box(mine)
        found["mirror_" + {"L": "LEFT", "R": "RIGHT"}[letter]] = ((low + high) / 2)[None]
    return found


def _plates(corners: NDArray, profile: VehicleProfile) -> dict[str, Places]:
    places = []
    x = corners.mean(axis=1)[:, 0]
    for sign in (1, -1):
        mine = corners[x * sign > 0.3 * profile.length]
        if len(mine):
            low, high = _box(mine)
            places.append((low + high) / 2)
    return {"license_plate": np.array(places)} if len(places) == 2 else {}


def _windows(corners: NDArray, profile: VehicleProfile) -> dict[str, Places]:
    """Windscreen and rear window are the panes that cross the middle; the roof's middle is between their tops."""
    middles = corners.mean(axis=1)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1).clip(1e-12)
    across = (np.abs(middles[:, 1]) < 0.3 * profile.width) & (np.abs(normals[:, 1]) < 0.6 * lengths)
    across &= (middles[:, 2] > 0.5 * profile.height) & (np.abs(normals[:, 0]) > 0.2 * lengths)
    panes = corners[across]
    if not len(panes):
        return {}
    x = panes.mean(axis=1)[:, 0]
    middle = (x.min() + x.max()) / 2
    if np.ptp(x) < 0.2 * profile.length:
        return {}
    front, rear = panes[x > middle], panes[x <= middle]
    found = {}
    tops = []
    for name, pane in (("windshield_FRONT", front), ("windshield_REAR", rear)):
        low, high = _box(pane)
        found[name] = np.array([[(low[0] + high[0]) / 2, 0.0, (low[2] + high[2]) / 2]])
        tops.append(low[0] if name == "windshield_FRONT" else high[0])
    if tops[0] > tops[1]:
        found["roof"] = np.array([[(tops[0] + tops[1]) / 2, 0.0, max(front[..., 2].max(), rear[..., 2].max())]])
    return found


def _doors(corners: NDArray, profile: VehicleProfile, expected: Mapping[str, Places]) -> dict[str, Places | None]:
    """Where each side has one door it is the front one; where doors are one object, shape tells them apart."""
    found: dict[str, Places | None] = {}
    x = corners.mean(axis=1)[:, 0]
    between = corners[(x < profile.front_axle) & (x > profile.rear_axle)]
    for letter, mine in _sides(between, 0.3 * profile.width):
        low, high = _box(mine)
        share = (high[0] - low[0]) / profile.length
        front = f"door_F{letter}"
        if ONE_DOOR[0] < share < ONE_DOOR[1] and front in expected:
            y = high[1] if letter == "L" else low[1]
            found[front] = np.array([[(low[0] + high[0]) / 2, y, expected[front][0, 2]]])
            found[f"door_R{letter}"] = None
    return found


def _bumpers(corners: NDArray, profile: VehicleProfile) -> dict[str, Places]:
    found = {}
    middles = corners.mean(axis=1)
    for name, sign in (("bumper_FRONT", 1), ("bumper_REAR", -1)):
        mine = corners[(middles[:, 0] * sign > 0.38 * profile.length) & (np.abs(middles[:, 1]) < 0.2 * profile.width)]
        if len(mine):
            low, high = _box(mine)
            found[name] = np.array([[high[0] if sign > 0 else low[0], 0.0, (low[2] + high[2]) / 2]])
    return found
