"""Is a model file, with all that it refers to, there? What can be said without Blender, before the first image."""

from pathlib import Path

from pipeline.gltf import check_gltf
from pipeline.model_formats import require_readable
from pipeline.obj import check_obj

CHECKS = {".glb": check_gltf, ".gltf": check_gltf, ".obj": check_obj}


def require_whole(path: Path) -> None:
    """See that a model is of a readable format and, for glTF and OBJ, that its textures are there.

    Raises:
        ModelError: it is not; one line names the model and the files.
    """
    require_readable(path)
    check = CHECKS.get(path.suffix.lower())
    if check:
        check(path)
