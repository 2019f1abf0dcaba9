"""Labels that a .blend file carries itself: vertex groups and empties with the names of keypoints."""

import re
from collections.abc import Sequence
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ModelError
from pipeline.keypoints import KeypointSchema
from pipeline.sidecar import Place, Sidecar

COPY_NUMBER = re.compile(r"\.\d{3}$")
"""Blender's own ending for a second thing of the same name: license_plate.001 is a second place of license_plate."""
MIN_WEIGHT = 0.5


def labels_of_objects(
    path: Path, objects: Sequence[bpy.types.Object], file_from_blender: NDArray, schema: KeypointSchema
) -> Sidecar:
    """What a label file would say of the model at `path`; a keypoint's vertex groups come before its empties.

    Raises:
        ModelError: no object carries a label.
    """
    groups, empties = _from_groups(objects, schema), _from_empties(objects, file_from_blender, schema)
    labels = empties | groups
    if not labels:
        raise ModelError(
            f"{path}: has no labels: no vertex group and no empty is named as a keypoint of {schema.name}, such as "
            f"{schema.names[0]}, and there is no {path.stem}.keypoints.yaml beside it"
        )
    return Sidecar(keypoints=schema.name, labels=labels)


def _from_groups(objects: Sequence[bpy.types.Object], schema: KeypointSchema) -> dict[str, tuple[Place, ...]]:
    depsgraph = bpy.context.evaluated_depsgraph_get()
    found: dict[str, tuple[Place, ...]] = {}
    for item in objects:
        if item.type != "MESH" or item.hide_render:
            continue
        data = item.evaluated_get(depsgraph).data
        for group in item.vertex_groups:
            name = COPY_NUMBER.sub("", group.name)
            numbers = [v.index for v in data.vertices if _weight(v, group.index) >= MIN_WEIGHT]
            if name in schema.names and numbers:
                found[name] = (*found.get(name, ()), Place(vertices=tuple(numbers), object=item.name))
    return found


def _weight(vertex: bpy.types.MeshVertex, group: int) -> float:
    return next((float(member.weight) for member in vertex.groups if member.group == group), 0.0)


def _from_empties(
    objects: Sequence[bpy.types.Object], file_from_blender: NDArray, schema: KeypointSchema
) -> dict[str, tuple[Place, ...]]:
    found: dict[str, tuple[Place, ...]] = {}
    for item in objects:
        name = COPY_NUMBER.sub("", item.name)
        if item.type == "EMPTY" and name in schema.names:
            x, y, z = (float(v) for v in (file_from_blender @ np.array(item.matrix_world))[:3, 3])
            found[name] = (*found.get(name, ()), Place(at=((x, y, z),)))
    return found
