"""A model to set labels on, and a session that starts on it."""

from pathlib import Path

import numpy as np

from pipeline.find_frame import Declared
from pipeline.keypoints import KeypointSchema
from pipeline.label_file import read_label_file, schema_reference
from pipeline.label_session import LabelSession
from pipeline.model_mesh import ModelMesh
from pipeline.open_model import OpenModel
from tests.conftest import box

# file frame: centimetres, y up, z forward, so x is the vehicle's left; the body's middle is at x = 10
BODY = ((-80.0, 20.0, -210.0), (100.0, 150.0, 230.0))


def box_model(path: Path) -> OpenModel:
    """A body and an antenna whose file would be at `path`."""
    objects = {"body": box(*BODY), "antenna": box((8.0, 150.0, -180.0), (12.0, 160.0, -176.0))}
    mesh = ModelMesh.from_objects(objects)
    count = len(mesh.triangles)
    return OpenModel(
        path=path,
        mesh=mesh,
        rgb=np.full((count, 3), 200, np.uint8),
        triangle_material=np.zeros(count, np.int64),
        materials=("paint",),
        trails=mesh.parts,
        declared=Declared("+Y", "+Z", 0.01),
    )


def start(model: OpenModel, schema: KeypointSchema) -> LabelSession:
    file = read_label_file(model.path.with_suffix(".keypoints.yaml"))
    return LabelSession(model, schema, file, schema_reference(file, None))


def point(session: LabelSession, name: str) -> np.ndarray:
    (spot,) = session.spots(name)
    return np.array(spot.point)
