"""All parts of one car put together, and its keypoints labelled."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.antennas import antenna_parts
from blender_scenes.vehicle.bend import smooth_normals
from blender_scenes.vehicle.body import build_skin
from blender_scenes.vehicle.exhausts import exhaust_parts
from blender_scenes.vehicle.fascia import lamp_frame
from blender_scenes.vehicle.fittings import (
    badge_parts,
    plate_backing,
    plate_part,
    rear_wiper_parts,
    wiper_parts,
)
from blender_scenes.vehicle.further_labels import further_labels
from blender_scenes.vehicle.handles import handle_parts
from blender_scenes.vehicle.interior import interior_parts
from blender_scenes.vehicle.lamps import lamp_parts
from blender_scenes.vehicle.mirrors import mirror_parts, mirror_root, opposite_pair
from blender_scenes.vehicle.opening import Panel, lining, open_panels, swing
from blender_scenes.vehicle.params import CarParameters, sample_parameters
from blender_scenes.vehicle.part import Label, Part, Vehicle, join_parts, joined_labels
from blender_scenes.vehicle.regions import cut_body, sink_pieces
from blender_scenes.vehicle.roof_load import roof_load_parts
from blender_scenes.vehicle.seams import door_lines
from blender_scenes.vehicle.shapes import joined
from blender_scenes.vehicle.spoilers import spoiler_parts, stop_lamp_parts
from blender_scenes.vehicle.steps import step_parts
from blender_scenes.vehicle.tail import plate_height
from blender_scenes.vehicle.trim import Surface
from blender_scenes.vehicle.underbody import underbody_parts
from blender_scenes.vehicle.wheels import HUB_VERTEX, hub_positions, wheel_parts

GLASS = ("glass_side", "glass_front", "glass_rear")
CLAD_STYLES = ("suv", "pickup")
NO_AREA_M2 = 1e-9
ASYMMETRIC = {
    "door_fl_deg": ("door_FL", "mirror_LEFT"),
    "door_fr_deg": ("door_FR", "mirror_RIGHT"),
    "door_rl_deg": ("door_RL",),
    "door_rr_deg": ("door_RR",),
    "steer_deg": ("wheel_FL", "wheel_FR"),
}
"""State to the keypoints that it makes differ from their pair."""


def build_vehicle(style: str, seed: int, given: Mapping[str, float] = MappingProxyType({})) -> Vehicle:
    """The car of that style and seed, but for the parameters that are `given`: the same on any machine.

    Raises:
        SpecError: there is no such style or parameter, or a value is out of all sense.
    """
    return assemble(style, seed, sample_parameters(style, seed, given))


def assemble(style: str, seed: int, car: CarParameters) -> Vehicle:
    """The car of those parameters; `style` says how it is trimmed, `seed` is carried along."""
    cut = cut_body(car, build_skin(car), clad=style in CLAD_STYLES)
    skin = np.concatenate([cut.vertices, cut.vertices * [1, -1, 1]])
    surface = sink_pieces(car, cut)
    panels = open_panels(car, surface)
    parts = _body_parts(surface, panels)
    labels = _body_labels(car, parts)
    for fixed in (roof_load_parts, antenna_parts, stop_lamp_parts, exhaust_parts, underbody_parts, step_parts):
        parts += fixed(car, cut)
    first = len(parts)
    _add_plates(car, skin, parts, labels)
    root = mirror_root(car, cut)
    mirrors = mirror_parts(car, cut, root)
    for name, offset in (("mirror_LEFT", 0), ("mirror_RIGHT", len(mirrors) // 2)):
        labels[name] = [(len(parts) + offset, opposite_pair(mirrors[0].vertices))]
    parts += mirrors
    for name, (x, side) in hub_positions(car).items():
        labels[name] = [(len(parts), (HUB_VERTEX,))]
        parts += wheel_parts(car, name, x, side)
    frame = lamp_frame(car)
    low_badge = frame.high - 0.07
    parts += badge_parts(car, skin, (low_badge, plate_height(car) + 0.225))
    for make in (lamp_parts, rear_wiper_parts, wiper_parts):
        parts += make(car, skin)
    for bolted in (handle_parts, spoiler_parts):
        parts += bolted(car, cut)
    parts += interior_parts(car)
    parts = [_outward(p) for p in swing(parts, first, labels, panels)]
    further = joined_labels(parts, further_labels(car, parts, root))
    mesh = join_parts(parts, labels)
    return Vehicle(style, seed, car.as_dict(), tuple(parts), mesh, _asymmetric(car), further)


def _asymmetric(car: CarParameters) -> tuple[str, ...]:
    names = [name for panel in ASYMMETRIC for name in ASYMMETRIC[panel] if getattr(car, panel)]
    return tuple(names)


def _body_parts(surface: Surface, panels: Sequence[Panel]) -> list[Part]:
    """One part per material of the body, the left half and its mirror image in one; then those of open panels."""
    closed = {side: np.ones(len(surface.triangles), dtype=bool) for side in (1, -1)}
    for panel in panels:
        for side in panel.sides:
            closed[side] &= ~panel.chosen
    parts = []
    for name, halves in (("body", closed), *((p.name, dict.fromkeys(p.sides, p.chosen)) for p in panels)):
        for material in np.unique(surface.material):
            mine = {side: chosen & (surface.material == material) for side, chosen in halves.items()}
            if any(chosen.any() for chosen in mine.values()):
                parts.append(_two_sided(name, str(material), surface, mine))
    for panel in panels:
        inside = lining(surface, panel.chosen)
        normals = smooth_normals(*inside)
        parts += [
            Part(panel.name, "interior", inside[0] * [1, side, 1], inside[1][:, ::side], normals * [1, side, 1])
            for side in panel.sides
        ]
    return parts


def _two_sided(name: str, material: str, surface: Surface, halves: Mapping[int, NDArray]) -> Part:
    """Triangles of the left half (side 1), of its mirror image (-1), or of both."""
    pieces = []
    for side, chosen in halves.items():
        used, local = np.unique(surface.triangles[chosen], return_inverse=True)
        normals = surface.normals[used]
        normals[np.linalg.norm(normals, axis=1) < 0.5] = [0.0, 0.0, 1.0]  # of a sliver without area
        flip = np.array([1.0, side, 1.0])
        pieces.append((surface.vertices[used] * flip, local.reshape(-1, 3)[:, ::side], normals * flip))
    return Part(name, material, *joined(pieces))


def _body_labels(car: CarParameters, parts: list[Part]) -> dict[str, list[Label]]:
    front, pillar, last = door_lines(car)
    waist = (car.clearance + 0.15 + car.belt_height) / 2
    labels: dict[str, list[Label]] = {}

    def label(name: str, materials: tuple[str, ...], goal: list[float | None]) -> None:
        labels[name] = [_nearest(parts, materials, goal)]

    doors = [("door_F", (front + pillar) / 2)] + ([("door_R", (pillar + last) / 2)] if car.doors == 4 else [])
    for stem, x in doors:
        for letter, sign in (("L", 1.0), ("R", -1.0)):
            label(stem + letter, ("paint",), [x, sign * car.width / 2, waist])
    for stem, material in (
        ("headlight_F", ("lens",)),
        ("headlight_R", ("lamp_rear", "lamp_reverse")),
    ):
        for letter, sign in (("L", 1.0), ("R", -1.0)):
            label(stem + letter, material, _middle_of(parts, material[0], sign, above=0.5))
    label("windshield_FRONT", ("glass_front",), _middle_of(parts, "glass_front", 0.0))
    label(
        "windshield_REAR",
        ("glass_rear", "pillar") if car.barn_doors else ("glass_rear",),
        _middle_of(parts, "glass_rear", 0.0),
    )
    solid = ("paint", "trim", "chrome", "grille", "grille_bar", "intake")
    label("bumper_FRONT", solid, [car.front_x + 1.0, 0.0, (car.clearance + lamp_frame(car).high) / 2])
    label("bumper_REAR", solid, [car.rear_x - 1.0, 0.0, car.clearance + 0.28])
    label("roof", ("paint", "gloss_black"), [(car.header_x + car.roof_end_x) / 2, 0.0, car.height + 0.5])
    return labels


def _middle_of(parts: list[Part], material: str, sign: float, above: float = 0.0) -> list[float | None]:
    """The middle of a material's surface: by area, on one side (1 left, -1 right) or on the midline (0)."""
    part = next(p for p in parts if p.material == material)
    a, b, c = part.vertices[part.triangles].transpose(1, 0, 2)
    centre, area = (a + b + c) / 3, np.linalg.norm(np.cross(b - a, c - a), axis=1)
    chosen = (centre[:, 2] > above) & ((np.sign(centre[:, 1]) == sign) | (sign == 0))
    mean = np.average(centre[chosen], axis=0, weights=area[chosen])
    return [float(mean[0]), float(mean[1]) if sign else 0.0, float(mean[2])]


def _nearest(parts: list[Part], materials: tuple[str, ...], goal: list[float | None]) -> Label:
    """The vertex of those materials that lies nearest to a point."""
    best: tuple[float, Label] | None = None
    for number, part in enumerate(parts):
        if part.material in materials:
            distance = np.linalg.norm(part.vertices - np.array(goal, dtype=float), axis=1)
            vertex = int(np.argmin(distance))
            if best is None or distance[vertex] < best[0]:
                best = (float(distance[vertex]), (number, (vertex,)))
    assert best is not None
    return best[1]


def _add_plates(car: CarParameters, skin: NDArray, parts: list[Part], labels: dict[str, list[Label]]) -> None:
    heights = {1: car.clearance + 0.365, -1: plate_height(car)}
    labels["license_plate"] = []
    for end, z in heights.items():
        plate = plate_part(car, skin, end, z)
        labels["license_plate"].append((len(parts), (len(plate.vertices) // 2,)))
        parts += [plate, plate_backing(plate)]


def _outward(part: Part) -> Part:
    """The same part without empty triangles, the others wound the way its normals point: Cycles goes by both."""
    a, b, c = part.vertices[part.triangles].transpose(1, 0, 2)
    face = np.cross(b - a, c - a)
    kept = np.linalg.norm(face, axis=1) > NO_AREA_M2
    triangles = part.triangles[kept]
    if part.normals is not None:
        facing = (face[kept] * part.normals[triangles].sum(axis=1)).sum(axis=1)
        triangles = np.where((facing < 0)[:, None], triangles[:, ::-1], triangles)
    return replace(part, triangles=triangles)
