"""A vehicle's labels by the names of another keypoint schema."""

from dataclasses import replace

from pipeline.keypoints import KeypointSchema
from pipeline.vehicle import LabelledMesh


def named_for(mesh: LabelledMesh, schema: KeypointSchema) -> LabelledMesh:
    """The same surface with the schema's keypoints: each is the label of its own name, or of the one it is `same_as`.

    Keypoints for which the mesh has neither are left out: this vehicle lacks them.
    """
    labels, own_parts = {}, {}
    for keypoint in schema.keypoints:
        source = keypoint.name if keypoint.name in mesh.labels else keypoint.same_as
        if source is not None and source in mesh.labels:
            labels[keypoint.name] = mesh.labels[source]
            if source in mesh.own_parts:
                own_parts[keypoint.name] = mesh.own_parts[source]
    return replace(mesh, labels=labels, own_parts=own_parts)
