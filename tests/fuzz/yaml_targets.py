"""Dataset specs and label files."""

from pathlib import Path

import yaml

from pipeline.config import CONFIGS
from pipeline.sidecar import load_sidecar
from pipeline.spec import load_spec
from tests.fuzz.target import Target

LABELS = Path(__file__).resolve().parent.parent / "data"
MODEL_SPEC = b"""name: own
images: 4
vehicles: {sources: [{model: car.glb, keypoints: car.keypoints.yaml, weight: 0.5}, {parametric: suv}]}
light: {hdri: maps}
background: {kind: plate, folder: photos}
occluders: {count: 1, cutouts: cut}
camera: &c {azimuth_deg: {choice: [1, 2], weights: [1, 3]}}
"""
NUMBERED = b"""keypoints: vehicle20
unit: cm
snap: vertex
labels:
  wheel_FL: {vertices: [17, 18], object: wheel_3}
  license_plate: [{at: [0, 0.4, 2.0]}, {at: [[0, 0.6, -2.0], [1, 2, 3]]}]
own_parts: {wheel_FL: ["wheel@fl:*"]}
asymmetric: [door_FL]
"""


def _specs(_: Path) -> list[bytes]:
    """The sections of the specs that ship, each as a spec of its own: long inputs take long to read."""
    whole = [yaml.safe_load(file.read_bytes()) for file in sorted((CONFIGS / "datasets").glob("*.yaml"))]
    needed = {"name": "x", "images": 4, "vehicles": {"sources": [{"parametric": "suv"}]}}
    parts = [{**needed, key: value} for spec in whole for key, value in spec.items() if key != "background"]
    return [MODEL_SPEC, *dict.fromkeys(yaml.safe_dump(part, default_flow_style=None).encode() for part in parts)]


def _feed_spec(data: bytes, folder: Path) -> None:
    file = folder / "spec.yaml"
    file.write_bytes(data)
    load_spec(str(file))


def _sidecars(_: Path) -> list[bytes]:
    """The developers' label files with three labels each."""
    whole = [yaml.safe_load(file.read_bytes()) for file in sorted(LABELS.glob("*.keypoints.yaml"))]
    for one in whole:
        one["labels"] = dict(list(one["labels"].items())[:3])
        one["own_parts"] = {key: value for key, value in one.get("own_parts", {}).items() if key in one["labels"]}
    return [NUMBERED, *(yaml.safe_dump(one, default_flow_style=None).encode() for one in whole)]


def _feed_sidecar(data: bytes, folder: Path) -> None:
    file = folder / "car.keypoints.yaml"
    file.write_bytes(data)
    load_sidecar(file)


SPEC = Target(_specs, _feed_spec)
SIDECAR = Target(_sidecars, _feed_sidecar)
