"""A 3D model opened by Blender in a process of its own, labelled or not: surface, colours, names, frame."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.blender_process import run_blender
from pipeline.find_frame import Declared
from pipeline.model_formats import require_readable
from pipeline.model_mesh import ModelMesh


@dataclass(frozen=True)
class OpenModel:
    """What is in a model's file.

    Attributes:
        path: the file.
        mesh: the surface in the file's own frame and unit.
        rgb: (T, 3) uint8 sRGB, each triangle's base colour.
        triangle_material: (T,) index into `materials`.
        materials: names of the materials.
        trails: for each part of the mesh its own name, its mesh's and those of its parents, joined with "/".
        declared: what the file's format says of its frame.
    """

    path: Path
    mesh: ModelMesh
    rgb: NDArray[np.uint8]
    triangle_material: NDArray[np.int64]
    materials: tuple[str, ...]
    trails: tuple[str, ...]
    declared: Declared


def open_model(path: Path) -> OpenModel:
    """Open a model of any format that is read.

    Raises:
        ModelError: the file is missing, damaged, or of a format that is not read.
    """
    require_readable(path)
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "model.npz"
        run_blender("blender_scenes.dump_model", [str(path.resolve()), str(dump)], path)
        with np.load(dump) as arrays:
            return _from_arrays(path, dict(arrays))


def _from_arrays(path: Path, arrays: dict[str, NDArray]) -> OpenModel:
    mesh = ModelMesh(
        vertices=arrays["vertices"],
        triangles=arrays["triangles"].astype(np.int64),
        triangle_part=arrays["triangle_part"].astype(np.int64),
        parts=tuple(str(name) for name in arrays["parts"]),
        part_start=arrays["part_start"].astype(np.int64),
    )
    return OpenModel(
        path=path,
        mesh=mesh,
        rgb=arrays["triangle_rgb"],
        triangle_material=arrays["triangle_material"],
        materials=tuple(str(name) for name in arrays["materials"]),
        trails=tuple(str(name) for name in arrays["part_trail"]),
        declared=Declared(*json.loads(str(arrays["declared"]))),
    )
