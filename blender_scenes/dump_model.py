"""A user's model as arrays, labelled or not: python -m blender_scenes.dump_model MODEL OUTPUT.npz.

One JSON object on stdout: {} or {"error": "..."}. `pipeline.open_model` reads what is written.
"""

import json
import sys
from pathlib import Path
from typing import Any

from blender_scenes.answer import answer


def main() -> int:
    """Dump one model; 1 when it cannot be opened."""
    return answer(lambda: dump(Path(sys.argv[1]), Path(sys.argv[2])))


def dump(model: Path, path: Path) -> dict[str, Any]:
    """Import and write; there is nothing to say of it.

    Raises:
        ModelError: the model cannot be used.
    """
    import bpy
    import numpy as np

    from blender_scenes.base_color import triangle_materials
    from blender_scenes.importers import import_model

    bpy.ops.wm.read_factory_settings(use_empty=True)
    opened = import_model(model)
    looks = triangle_materials(opened.objects)
    mesh, declared = opened.mesh, opened.declared
    np.savez(
        path,
        vertices=mesh.vertices,
        triangles=mesh.triangles,
        triangle_part=mesh.triangle_part,
        parts=np.array(mesh.parts, dtype=str),
        part_start=mesh.part_start,
        triangle_rgb=looks.rgb,
        triangle_material=looks.material,
        materials=np.array(looks.names, dtype=str),
        part_trail=np.array([_trail(bpy.data.objects[name]) for name in mesh.parts], dtype=str),
        declared=np.array(json.dumps([declared.up, declared.forward, declared.unit])),
    )
    return {}


def _trail(item: Any) -> str:
    """The names of an object, its data and all its parents: whichever of them tells what it is."""
    names = [item.name, item.data.name]
    while item.parent:
        item = item.parent
        names.append(item.name)
    return "/".join(names)


if __name__ == "__main__":
    sys.exit(main())
