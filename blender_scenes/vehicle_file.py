"""A generated vehicle as a file for other programs.

A .blend file has the vehicle's own materials and a vertex group for each place of a keypoint; the others have plain
colours. All have a label file beside them.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from blender_scenes.materials import PLAIN, build_materials, colour_materials
from blender_scenes.vehicle import Part, Vehicle
from blender_scenes.vehicle_objects import measure_vehicle, new_mesh
from pipeline.appearance import Appearance
from pipeline.files import write_text_atomic
from pipeline.keypoints import load_schema
from pipeline.schema import schema_comment
from pipeline.sidecar import sidecar_path

SCHEMA = "vehicle20"
GLTF_FROM_VEHICLE = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
"""+Y up, +Z forward, +X left."""
AS_IT_IS = np.eye(3)
GLASS = (0.02, 0.025, 0.03)


def write_vehicle(vehicle: Vehicle, path: Path, look: Appearance) -> list[str]:
    """Write a vehicle and its label file; what was written, in words."""
    write, file_from_vehicle = WRITERS[path.suffix.lower()]
    bpy.ops.wm.read_factory_settings(use_empty=True)
    slots = sorted({part.material for part in vehicle.parts})
    materials = build_materials(slots)
    if path.suffix.lower() == ".blend":
        colour_materials(materials, look, measure_vehicle(vehicle))
    else:
        for slot, material in materials.items():
            _plain(material, slot, look)
    for name, pieces in _pieces(vehicle).items():
        mesh = new_mesh(name, pieces)
        mesh.materials.append(materials[pieces[0].material])
        item = bpy.data.objects.new(name, mesh)
        bpy.context.scene.collection.objects.link(item)
        if file_from_vehicle is GLTF_FROM_VEHICLE:
            item.rotation_euler = (0.0, 0.0, -np.pi / 2)  # the exporter makes Blender's -y forward
    _add_groups(vehicle)
    bpy.context.view_layer.update()
    write(path)
    sidecar = sidecar_path(path)
    write_text_atomic(sidecar, schema_comment("labels", sidecar) + _sidecar(vehicle, file_from_vehicle))
    length, width, height = vehicle.mesh.extent_m
    return [
        f"{len(vehicle.mesh.triangles)} triangles, {length:.2f} x {width:.2f} x {height:.2f} m",
        f"wrote {path} and {sidecar.name}",
    ]


def _pieces(vehicle: Vehicle) -> dict[str, list[Part]]:
    """Object name (PART.SLOT) to the parts that it is made of."""
    pieces: dict[str, list[Part]] = {}
    for part in vehicle.parts:
        pieces.setdefault(f"{part.name}.{part.material}", []).append(part)
    return pieces


def _plain(material: bpy.types.Material, slot: str, look: Appearance) -> None:
    """One colour, as every format can carry it."""
    shader = material.node_tree.nodes["Principled BSDF"]
    if slot.startswith(("glass", "lens")):
        colour, metallic, roughness = GLASS, 0.0, 0.05
        shader.inputs["Alpha"].default_value = 0.6 if slot.startswith("glass") else 0.15
    else:
        colour, metallic, roughness, _ = PLAIN[slot]
    own = {"paint": look.paint_rgb, "rim": look.rim_rgb, "trim": look.trim_rgb}.get(slot)
    if own:
        colour = tuple(channel**2.2 for channel in own)
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Metallic"].default_value = metallic
    shader.inputs["Roughness"].default_value = roughness


def _add_groups(vehicle: Vehicle) -> None:
    """A vertex group for each place of a keypoint: NAME, and NAME.001 for a second place."""
    starts, owner = 0, []
    offsets: dict[str, int] = {}
    for part in vehicle.parts:
        name = f"{part.name}.{part.material}"
        owner.append((starts, len(part.vertices), name, offsets.get(name, 0)))
        offsets[name] = offsets.get(name, 0) + len(part.vertices)
        starts += len(part.vertices)
    for keypoint, places in vehicle.mesh.labels.items():
        for number, place in enumerate(places):
            start, _, name, offset = next(o for o in owner if o[0] <= place[0] < o[0] + o[1])
            group = bpy.data.objects[name].vertex_groups.new(name=f"{keypoint}.{number:03}" if number else keypoint)
            group.add([vertex - start + offset for vertex in place], 1.0, "REPLACE")


def _sidecar(vehicle: Vehicle, file_from_vehicle: NDArray[np.float64]) -> str:
    kinds = {keypoint.name: keypoint.kind for keypoint in load_schema(SCHEMA).keypoints}
    labels: dict[str, Any] = {}
    for name, places in vehicle.mesh.labels.items():
        entries = []
        for place in places:
            points = vehicle.mesh.vertices[list(place)]
            chosen = points if len(points) == 1 or kinds[name] == "surface" else _opposite_pair(points)
            at = (chosen @ file_from_vehicle.T).round(5).tolist()
            entries.append({"at": at[0] if len(at) == 1 else at})
        labels[name] = entries[0] if len(entries) == 1 else entries
    turned = {"up": "+Y", "forward": "+Z"} if file_from_vehicle is GLTF_FROM_VEHICLE else {"up": "+Z", "forward": "+X"}
    content: dict[str, Any] = {
        "keypoints": SCHEMA,
        **turned,
        "unit": "m",
        "origin": [0.0, 0.0, 0.0],
        "ground": 0.0,
        "source": f"akd vehicle --style {vehicle.style} --seed {vehicle.seed}",
        "labels": labels,
        "own_parts": {name: [f"{part}.*" for part in parts] for name, parts in vehicle.mesh.own_parts.items()},
    }
    if vehicle.asymmetric:
        content["asymmetric"] = list(vehicle.asymmetric)
    return yaml.safe_dump(content, sort_keys=False, default_flow_style=None, width=110)


def _opposite_pair(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two of the points (N, 3) whose middle is, as nearly as can be, the middle of all."""
    middle = points.mean(axis=0)
    distance, partner = cKDTree(points).query(2 * middle - points)
    first = int(distance.argmin())
    return points[[first, int(partner[first])]]


def _write_gltf(path: Path) -> None:
    kind = "GLB" if path.suffix.lower() == ".glb" else "GLTF_SEPARATE"
    bpy.ops.export_scene.gltf(filepath=str(path), export_format=kind, export_apply=True)


def _write_obj(path: Path) -> None:
    bpy.ops.wm.obj_export(filepath=str(path), forward_axis="Y", up_axis="Z")


def _write_blend(path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=True)


WRITERS: Mapping[str, tuple[Callable[[Path], None], NDArray[np.float64]]] = {
    ".glb": (_write_gltf, GLTF_FROM_VEHICLE),
    ".gltf": (_write_gltf, GLTF_FROM_VEHICLE),
    ".obj": (_write_obj, AS_IT_IS),
    ".blend": (_write_blend, AS_IT_IS),
}
"""Suffix to what writes such a file, and the axes in it."""
