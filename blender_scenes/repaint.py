"""A user's model in the materials of the generated vehicles: by the names it has, else by where its labels are."""

import re
from collections.abc import Mapping, Sequence

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
WHEELS = ("wheel_FL", "wheel_FR", "wheel_RL", "wheel_RR")
LAMPS = {
    "headlight_FL": "lamp_front",
    "headlight_FR": "lamp_front",
    "headlight_RL": "lamp_rear",
    "headlight_RR": "lamp_rear",
}
WINDOWS = ("windshield_FRONT", "windshield_REAR")
RIM_SHARE, WHEEL_DEPTH_M, LAMP_M, PLATE_M = 0.66, 0.30, 0.13, (0.27, 0.065)


def repaint(objects: Sequence[bpy.types.Object], mesh: LabelledMesh) -> MaterialSet:
    """Replace the materials of a model that stands in the vehicle frame; the new ones, to be coloured."""
    bodies = [item for item in objects if item.type == "MESH" and len(item.data.polygons)]
    chosen = {item.name: _slots(item, mesh) for item in bodies}
    used = sorted({slot for slots in chosen.values() for slot in slots} | set(ALWAYS))
    materials = build_materials(used)
    for item in bodies:
        if item.data.users > 1:
            item.data = item.data.copy()
        mine = sorted(set(chosen[item.name]))
        item.data.materials.clear()
        for slot in mine:
            item.data.materials.append(materials[slot])
        numbers = np.array([mine.index(slot) for slot in chosen[item.name]], dtype=np.int32)
        item.data.polygons.foreach_set("material_index", numbers)
        for link in item.material_slots:
            link.link = "DATA"
        item.data.update()
    return materials


def _slots(item: bpy.types.Object, mesh: LabelledMesh) -> list[str]:
    """The slot of each polygon of an object."""
    data = item.data
    count = len(data.polygons)
    centres, normals = np.empty(3 * count), np.empty(3 * count)
    numbers = np.empty(count, dtype=np.int32)
    data.polygons.foreach_get("center", centres)
    data.polygons.foreach_get("normal", normals)
    data.polygons.foreach_get("material_index", numbers)
    world = np.array(item.matrix_world)
    centres = centres.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]
    normals = normals.reshape(-1, 3) @ np.linalg.inv(world[:3, :3])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True).clip(1e-12)
    by_material = [slot_of_name(m.name if m else "") for m in data.materials] or [None]
    by_object = slot_of_name(item.name)
    named = [by_material[min(int(n), len(by_material) - 1)] or by_object for n in numbers]
    placed = slots_of_places(centres, normals, mesh)
    return [place if name in (None, "paint") else name for name, place in zip(named, placed, strict=True)]


def slot_of_name(name: str) -> str | None:
    """The slot that a name tells, or None."""
    return next((slot for slot, pattern in NAMES.items() if re.search(pattern, name, re.IGNORECASE)), None)


def slots_of_places(centres: NDArray, normals: NDArray, mesh: LabelledMesh) -> NDArray[np.str_]:
    """The slot of each piece of surface from where it is; `centres`, `normals` (N, 3), vehicle frame."""
    slots = np.full(len(centres), "paint", dtype="<U16")
    at = {name: mesh.place_positions(name)[0] for name in mesh.labels}
    slots[_in_windows(centres, normals, at)] = "gloss_black"
    for name, slot in LAMPS.items():
        if name in at:
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
