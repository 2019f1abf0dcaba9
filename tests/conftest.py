"""What the tests share: the schema, a box that stands for a car, and where outside data may lie."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings

from pipeline.keypoints import KeypointSchema, load_schema
from pipeline.vehicle import LabelledMesh

if TYPE_CHECKING:
    from training.config import ModelConfig

# Two of torch's threads at most, tests run side by side counted: more than cores, or than small tensors can use, spin
# and wait for one another. Before torch is imported, here and in the programs that tests start.
os.environ.setdefault("OMP_NUM_THREADS", str(max(1, 2 // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))))

settings.register_profile("patient", deadline=None)  # machines differ, and are busy: no test of ours is about time
settings.load_profile("patient")
ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def schema() -> KeypointSchema:
    return load_schema("vehicle20")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{SHARED_DATA} is not there: it holds the developers' real photos and 3D models")
    return SHARED_DATA


@pytest.fixture(scope="session")
def box_car() -> LabelledMesh:
    """A closed box, 4.4 x 1.8 x 1.5 m from 0.2 m up, with a cube for a wheel on its left: not symmetric in any way."""
    body, body_faces = box((-2.1, -0.9, 0.2), (2.3, 0.9, 1.7))
    wheel, wheel_faces = box((1.1, 0.7, 0.0), (1.7, 1.0, 0.6))
    hub = np.array([[1.4, 0.95, 0.3]])
    marks = np.array([[2.3, 0.0, 0.6], [-2.1, 0.0, 0.7], [0.1, 0.0, 1.7], [0.1, 0.9, 0.9], [0.1, -0.9, 0.9]])
    start = len(body) + len(wheel)
    return LabelledMesh(
        vertices=np.concatenate([body, wheel, hub, marks]),
        triangles=np.concatenate([body_faces, wheel_faces + len(body)]),
        triangle_part=np.repeat([0, 1], 12),
        parts=("body", "wheel_FL"),
        labels={
            "wheel_FL": ((start,),),
            "license_plate": ((start + 1,), (start + 2,)),
            "roof": ((start + 3,),),
            "door_FL": ((start + 4,),),
            "door_FR": ((start + 5,),),
        },
        own_parts={"wheel_FL": ("wheel_FL",)},
    )


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return corners, np.array([tri for a, b, c, d in quads for tri in ((a, b, c), (a, c, d))])


@pytest.fixture(scope="session")
def tiny() -> "ModelConfig":
    """A recipe of seconds: 64 pixels, random weights."""
    from training.config import Augmentation, ModelConfig

    augmentation = Augmentation(cutout=0, degrade=0.1)
    return ModelConfig(
        name="tiny",
        architecture="nano",
        image_size=64,
        epochs=2,
        batch_size=4,
        weights="none",
        seed=3,
        augmentation=augmentation,
    )


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory, tiny: "ModelConfig", schema: KeypointSchema) -> Path:
    """A weights file of akd-nano with random weights, that finds something in every image."""
    import torch

    from training.checkpoint import save_weights
    from training.nano import NanoDetector

    torch.manual_seed(0)
    model = NanoDetector(tiny, len(schema))
    with torch.no_grad():
        model.centre.out.bias[0] = 2.0
    path = tmp_path_factory.mktemp("weights") / "tiny.pt"
    save_weights(path, model.state_dict(), tiny, schema)
    return path
