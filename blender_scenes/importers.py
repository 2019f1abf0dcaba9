"""A user's 3D model in the scene, and the same model as labelled arrays.

Blender turns files whose up axis is y on import; here everything is said in the file's own frame, as in its label file.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from blender_scenes.import_formats import read_model
from blender_scenes.import_labels import labels_of_objects
from pipeline.errors import ModelError, SpecError
from pipeline.find_frame import Declared
from pipeline.keypoints import KeypointSchema, load_schema
from pipeline.model_formats import require_readable
from pipeline.model_mesh import ModelMesh
from pipeline.obj import require_textures
from pipeline.resolve import SnapReport, resolve_labels
from pipeline.sidecar import DEFAULT_SCHEMA, load_sidecar, needs_sidecar, sidecar_path, sidecar_schema
from pipeline.vehicle import LabelledMesh


@dataclass(frozen=True)
class ImportedModel:
    """A model in the scene as its importer left it.

    Attributes:
        objects: everything that came with it and stays: meshes, and the empties and armatures that carry them.
        mesh: its evaluated surface, in the frame of the file.
        file_from_blender: (4, 4) undoes the importer's change of axes and unit.
        declared: what the file says of its own frame.
    """

    objects: tuple[bpy.types.Object, ...]
    mesh: ModelMesh
    file_from_blender: NDArray[np.float64]
    declared: Declared


def import_model(path: Path) -> ImportedModel:
    """Add the model in a file to the scene; its materials stay as they are, its lights, cameras and motion go.

    Raises:
        ModelError: the file is missing, damaged, of a format that is not read, or holds no surface.
    """
    require_readable(path)
    images = {image.as_pointer() for image in bpy.data.images}
    with _names_to_itself():
        before = {item.as_pointer() for item in bpy.data.objects}
        try:
            file_from_blender, declared = read_model(path)
            require_textures(path, _missing_images(images))
        except ModelError:
            _remove(item for item in bpy.data.objects if item.as_pointer() not in before)
            raise
        except (RuntimeError, KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
            # Blender's importers are Python and fail on a bad file with whatever they stumble over
            _remove(item for item in bpy.data.objects if item.as_pointer() not in before)
            raise ModelError(f"{path}: Blender cannot import it: {_reason(error)}") from error
        objects = _keep_still([item for item in bpy.data.objects if item.as_pointer() not in before])
        bpy.context.view_layer.update()
        mesh = _surface(objects, file_from_blender)
    if not len(mesh.triangles):
        _remove(objects)
        raise ModelError(f"{path}: holds no surface")
    return ImportedModel(tuple(objects), mesh, file_from_blender, declared)


def add_model(
    path: Path, sidecar: Path | None = None, schema: KeypointSchema | None = None
) -> tuple[list[bpy.types.Object], LabelledMesh]:
    """Add a labelled model to the scene, in the vehicle frame; `add_model_reported` without the report."""
    objects, mesh, _ = add_model_reported(path, sidecar, schema)
    return objects, mesh


def add_model_reported(
    path: Path, sidecar: Path | None = None, schema: KeypointSchema | None = None
) -> tuple[list[bpy.types.Object], LabelledMesh, SnapReport]:
    """Add a labelled model to the scene, in the vehicle frame.

    The first object is the parent of all others: its `matrix_world` is world_from_vehicle, now the identity. `sidecar`
    defaults to MODEL.keypoints.yaml beside the model; a .blend file without one carries its labels itself. `schema`
    defaults to the one that the sidecar names.

    Raises:
        ModelError: the model or its label file cannot be used; the scene is then as it was.
    """
    sidecar = sidecar or sidecar_path(path)
    labels = load_sidecar(sidecar) if needs_sidecar(path, sidecar) else None
    try:
        schema = schema or (sidecar_schema(labels, sidecar) if labels else load_schema(DEFAULT_SCHEMA))
    except SpecError as error:
        raise ModelError(str(error)) from error
    model = import_model(path)
    try:
        labels = labels or labels_of_objects(path, model.objects, model.file_from_blender, schema)
        mesh, report = resolve_labels(model.mesh, labels, schema, str(sidecar), model.declared)
    except ModelError:
        _remove(model.objects)
        raise
    parent = bpy.data.objects.new(path.stem, None)
    bpy.context.scene.collection.objects.link(parent)
    place = Matrix((report.vehicle_from_model @ model.file_from_blender).tolist())
    for item in model.objects:
        if item.parent is None:
            item.parent = parent
            item.matrix_basis = place @ item.matrix_basis
    bpy.context.view_layer.update()
    return [parent, *model.objects], mesh, report


@contextmanager
def _names_to_itself() -> Iterator[None]:
    """Lets the model's objects have the names in the file even where the scene has objects of these names."""
    names = [(item, item.name) for item in bpy.data.objects]
    for number, (item, _) in enumerate(names):
        item.name = f"akd_aside_{number}"
    try:
        yield
    finally:
        for item, name in names:
            item.rename(name, mode="ALWAYS")


def _missing_images(known: set[int]) -> list[str]:
    """Files of images that came with a model and are not there; `known`: images that were there before."""
    new = [image for image in bpy.data.images if image.as_pointer() not in known]
    outside = [image for image in new if image.source in ("FILE", "TILED", "SEQUENCE") and not image.packed_file]
    files = [Path(bpy.path.abspath(image.filepath, library=image.library)) for image in outside if image.filepath]
    return [str(file) for file in files if "<UDIM>" not in file.name and not file.exists()]


def _remove(objects: Iterable[bpy.types.Object]) -> None:
    for item in list(objects):
        bpy.data.objects.remove(item, do_unlink=True)


def _reason(error: Exception) -> str:
    """The line of an importer's failure that says most; Blender wraps Python's traceback into one text."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(("Location:", "File ", "Traceback"))]
    return lines[-1] if lines else type(error).__name__


def _keep_still(objects: list[bpy.types.Object]) -> list[bpy.types.Object]:
    """The objects without lights, cameras and animation, in order of name."""
    kept = []
    for item in objects:
        if item.type in ("LIGHT", "CAMERA", "SPEAKER"):
            bpy.data.objects.remove(item, do_unlink=True)
            continue
        item.animation_data_clear()
        kept.append(item)
    return sorted(kept, key=lambda item: item.name)


def _surface(objects: list[bpy.types.Object], file_from_blender: NDArray) -> ModelMesh:
    """The evaluated triangles of all mesh objects that a render shows."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    parts: dict[str, tuple[NDArray, NDArray]] = {}
    for item in objects:
        if item.type != "MESH" or item.hide_render:
            continue
        evaluated = item.evaluated_get(depsgraph)
        data = evaluated.to_mesh()
        vertices, triangles = np.empty(3 * len(data.vertices)), np.empty(3 * len(data.loop_triangles), dtype=np.int32)
        data.vertices.foreach_get("co", vertices)
        data.loop_triangles.foreach_get("vertices", triangles)
        evaluated.to_mesh_clear()
        transform = file_from_blender @ np.array(item.matrix_world)
        parts[item.name] = (vertices.reshape(-1, 3) @ transform[:3, :3].T + transform[:3, 3], triangles.reshape(-1, 3))
    return ModelMesh.from_objects(parts)
