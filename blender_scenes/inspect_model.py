"""Import a labelled model and say what is wrong with it: python -m blender_scenes.inspect_model MODEL.

One JSON object on stdout: {"facts": [...], "problems": [...]} or {"error": "..."}.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from blender_scenes.answer import answer


def main() -> int:
    """Inspect one model; 0 whatever is found, 1 when it cannot be imported."""
    parser = argparse.ArgumentParser(prog="python -m blender_scenes.inspect_model", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--sheet", type=Path, help="write a picture of it from all around, labels drawn")
    arguments = parser.parse_args()
    return answer(lambda: inspect(arguments.model, arguments.sheet))


def inspect(model: Path, sheet: Path | None) -> dict[str, Any]:
    """Import, measure, and draw if asked to.

    Raises:
        ModelError: the model or its sidecar cannot be used.
    """
    import bpy

    from blender_scenes.importers import add_model_reported
    from pipeline.check_model import check_labelled_mesh, measure_model
    from pipeline.check_shape import MAX_UNPAIRED, check_mirrored, measure_shape
    from pipeline.keypoints import load_schema
    from pipeline.model_formats import require_readable
    from pipeline.sidecar import DEFAULT_SCHEMA, load_sidecar, needs_sidecar, sidecar_path, sidecar_schema

    require_readable(model)
    sidecar = sidecar_path(model)
    labels = load_sidecar(sidecar) if needs_sidecar(model, sidecar) else None
    bpy.ops.wm.read_factory_settings(use_empty=True)
    objects, mesh, report = add_model_reported(model, sidecar)
    schema = sidecar_schema(labels, sidecar) if labels else load_schema(DEFAULT_SCHEMA)
    measures, shape = measure_model(mesh, schema), measure_shape(mesh)
    asymmetric = labels.asymmetric if labels else ()
    if sheet:
        _draw_sheet(objects, mesh, schema, sheet)
    length, width, height = measures.extent_m
    name, moved = report.worst
    facts = [
        report.axes,
        f"{len(mesh.triangles)} triangles, {length:.2f} x {width:.2f} x {height:.2f} m",
        f"{len(mesh.labels)} of {len(schema)} keypoints labelled; not: {', '.join(measures.missing) or 'none'}",
        f"labels snapped to the surface by at most {moved * 1000:.1f} mm ({name})",
        f"origin: {report.origin}",
        f"left and right agree to {max(measures.asymmetry_m.values(), default=0.0) * 1000:.1f} mm; "
        f"{shape.unpaired_share:.1%} of the surface has no mirror image (askew above {MAX_UNPAIRED:.0%})",
        f"parts with pieces that touch nothing: {', '.join(shape.floating) or 'none'}",
    ]
    return {
        "facts": facts,
        "problems": [*check_labelled_mesh(mesh, schema, measures, asymmetric), *check_mirrored(shape)],
    }


def _draw_sheet(objects: Any, mesh: Any, schema: Any, sheet: Path) -> None:
    import numpy as np

    from blender_scenes.turntable import turntable
    from pipeline.draw import contact_sheet, draw_instance
    from pipeline.images import write_image
    from pipeline.visibility import PosedVehicle, label_keypoints, view_scene

    pictures = []
    for image, camera in turntable(objects, mesh):
        labels = label_keypoints(view_scene(camera, (PosedVehicle(mesh, np.eye(4)),)), 0, schema)
        pictures.append(draw_instance(image, labels.keypoints, schema))
    write_image(sheet, contact_sheet(pictures, 3, cell=(600, 450)))


if __name__ == "__main__":
    sys.exit(main())
