"""A user's model in the materials of the generated vehicles: by the names it has, else by where its labels are."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

from blender_scenes.materials import MaterialSet, build_materials
from pipeline.vehicle import LabelledMesh

ALWAYS = ("paint", "rim", "trim", "plate")
"""What `colour_materials` expects to find."""
NAMES: Mapping[str, str] = {
    "tyre": r"tyre|tire|rubber",
    "disc": r"brake_?(disc|rotor|caliper)|caliper|rotor",
    "lamp_rear": r"(tail|brake|rear|stop)[ _-]*(lig|lamp)",
    "lamp_amber": r"(turn|indicat|blink|signal)",
    "lamp_front": r"headlig|headlamp|(front|fog)[ _-]*(lig|lamp)",
    "glass_side": r"glass|window|windscreen|windshield|windscr",
    "chrome": r"chrome|exhaust|badge|logo|emblem",
    "rim": r"\brim|alloy|hubcap|spoke",
    "interior": r"interior|seat|dash|steer|carpet|cockpit",
    "trim": r"plastic|trim|bumperblack|under|chassis|grill|wiper",
    "paint": r"paint|body|door|hood|bonnet|fender|trunk|roof|carros",
}
"""Slot to what names of materials and objects with it contain; the first that fits counts."""
OWN = "own"
PAINTED = ("roof", "door_FL", "door_FR")
WHEELS = ("wheel_FL", "wheel_FR", "wheel_RL", "wheel_RR")
LAMPS = {
    "headlight_FL": "lamp_front",
    "headlight_FR": "lamp_front",
    "headlight_RL": "lamp_rear",
    "headlight_RR": "lamp_rear",
}
WINDOWS = ("windshield_FRONT", "windshield_REAR")
RIM_SHARE, WHEEL_DEPTH_M, LAMP_M, PLATE_M = 0.69, 0.30, 0.13, (0.27, 0.065)


def repaint(objects: Sequence[bpy.types.Object], mesh: LabelledMesh) -> MaterialSet:
    """Replace the materials of a model that stands in the vehicle frame; the new ones, to be coloured.

    Where a model tells its parts apart by material, what is neither named nor of the material of its roof and doors
    keeps its own: grilles, bumpers, pictures of details.
    """
    bodies = [_surface(item) for item in objects if item.type == "MESH" and len(item.data.polygons)]
    painted = _painted_materials(bodies, mesh)
    names = {slot_of_name(name) for body in bodies for name in (body.item.name, *body.materials)}
    chosen = [_slots(body, mesh, painted, {name for name in names if name}) for body in bodies]
    materials = build_materials(sorted({slot for slots in chosen for slot in slots if slot != OWN} | set(ALWAYS)))
    for body, slots in zip(bodies, chosen, strict=True):
        _give(body, slots, materials)
    return materials


@dataclass(frozen=True)
class _Surface:
    """An object's polygons: centres and normals (N, 3) in the vehicle frame, names of its materials, which (N,)."""

    item: bpy.types.Object
    centres: NDArray[np.float64]
    normals: NDArray[np.float64]
    materials: tuple[str, ...]
    material: NDArray[np.int32]


def _surface(item: bpy.types.Object) -> _Surface:
    data, count = item.data, len(item.data.polygons)
    centres, normals, material = np.empty(3 * count), np.empty(3 * count), np.empty(count, dtype=np.int32)
    data.polygons.foreach_get("center", centres)
    data.polygons.foreach_get("normal", normals)
    data.polygons.foreach_get("material_index", material)
    world = np.array(item.matrix_world)
    normals = normals.reshape(-1, 3) @ np.linalg.inv(world[:3, :3])
    names = tuple(slot.material.name if slot.material else "" for slot in item.material_slots) or ("",)
    return _Surface(
        item,
        centres.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3],
        normals / np.linalg.norm(normals, axis=1, keepdims=True).clip(1e-12),
        names,
        material.clip(max=len(names) - 1),
    )


def _painted_materials(bodies: Sequence[_Surface], mesh: LabelledMesh) -> set[str]:
    """Names of the materials at the labels that are on paint."""
    found = set()
    for name in PAINTED:
        for point in mesh.place_positions(name):
            near = [float(np.linalg.norm(body.centres - point, axis=1).min()) for body in bodies]
            body = bodies[int(np.argmin(near))]
            found.add(body.materials[body.material[np.linalg.norm(body.centres - point, axis=1).argmin()]])
    return found


def _slots(body: _Surface, mesh: LabelledMesh, painted: set[str], known: Set[str]) -> list[str]:
    """The slot of each polygon of an object; `OWN` where it keeps what it has. `known`: slots that names tell."""
    by_object = slot_of_name(body.item.name)
    named = [slot_of_name(name) or by_object for name in body.materials]
    placed = slots_of_places(body.centres, body.normals, mesh, known)
    slots = []
    for number, place in zip(body.material, placed, strict=True):
        name = named[number]
        if name not in (None, "paint"):
            slots.append(str(name))
        elif place == "paint" and painted and body.materials[number] not in painted and body.materials[number]:
            slots.append(OWN)
        else:
            slots.append(str(place))
    return slots


def _give(body: _Surface, slots: Sequence[str], materials: MaterialSet) -> None:
    """Append the new materials to an object's own, and point its polygons to them."""
    item = body.item
    before = [slot.material for slot in item.material_slots] or [None]
    if item.data.users > 1:
        item.data = item.data.copy()
    new = sorted(set(slots) - {OWN})
    item.data.materials.clear()
    for material in [*before, *(materials[slot] for slot in new)]:
        item.data.materials.append(material)
    for link in item.material_slots:
        link.link = "DATA"
    numbers = [
        old if slot == OWN else len(before) + new.index(slot) for old, slot in zip(body.material, slots, strict=True)
    ]
    item.data.polygons.foreach_set("material_index", np.array(numbers, dtype=np.int32))
    item.data.update()


def slot_of_name(name: str) -> str | None:
    """The slot that a name tells, or None."""
    return next((slot for slot, pattern in NAMES.items() if re.search(pattern, name, re.IGNORECASE)), None)


def slots_of_places(
    centres: NDArray, normals: NDArray, mesh: LabelledMesh, known: Set[str] = frozenset()
) -> NDArray[np.str_]:
    """The slot of each piece of surface from where it is; `centres`, `normals` (N, 3), vehicle frame.

    Panes and lamps are not looked for where names tell them: `known` are the slots that are told somewhere.
    """
    slots = np.full(len(centres), "paint", dtype="<U16")
    at = {name: mesh.place_positions(name)[0] for name in mesh.labels}
    if "glass_side" not in known:
        slots[_in_windows(centres, normals, at)] = "gloss_black"
    for name, slot in LAMPS.items():
        if name in at and slot not in known:
            facing = normals[:, 0] * np.sign(at[name][0]) > 0.2
            slots[facing & (np.linalg.norm(centres - at[name], axis=1) < LAMP_M)] = slot
    for plate in mesh.place_positions("license_plate"):
        facing = normals[:, 0] * np.sign(plate[0]) > 0.8
        off = np.abs(centres - plate)
        slots[facing & (off[:, 0] < 0.05) & (off[:, 1] < PLATE_M[0]) & (off[:, 2] < PLATE_M[1])] = "plate"
    for name in WHEELS:
        if name in at:
            from_hub = centres - at[name]
            distance = np.hypot(from_hub[:, 0], from_hub[:, 2])
            radius = at[name][2]
            inside = (distance < 1.02 * radius) & (np.abs(from_hub[:, 1]) < WHEEL_DEPTH_M)
            slots[inside] = np.where(distance[inside] > RIM_SHARE * radius, "tyre", "rim")
    return slots


def _in_windows(centres: NDArray, normals: NDArray, at: Mapping[str, NDArray]) -> NDArray[np.bool_]:
    """Panes: what faces as a windshield does near its label, and the sides between the two, under the roof."""
    glass = np.zeros(len(centres), dtype=bool)
    if "roof" not in at or not all(name in at for name in WINDOWS):
        return glass
    roof, front, rear = at["roof"], at[WINDOWS[0]], at[WINDOWS[1]]
    top = roof[2] - 0.06
    for pane, way in ((front, 1), (rear, -1)):
        half = top - pane[2]
        high = np.abs(centres[:, 2] - pane[2]) < half
        leaning = (normals[:, 0] * way > 0.25) & (np.abs(normals[:, 1]) < 0.55)
        near = np.abs(centres[:, 0] - pane[0]) < 0.75
        glass |= high & leaning & near
    sill = min(front[2], rear[2]) - 0.10
    between = (centres[:, 0] < front[0] - 0.05) & (centres[:, 0] > rear[0] + 0.10)
    beside = np.abs(normals[:, 1]) > 0.6
    return glass | (between & beside & (centres[:, 2] > sill) & (centres[:, 2] < top - 0.04))
