"""Proposed labels: on vehicles whose truth is known, in any pose, with names and without."""

import numpy as np
import pytest

from blender_scenes.vehicle import build_vehicle
from blender_scenes.vehicle.lenders import AT_REST
from blender_scenes.vehicle.part import Vehicle
from pipeline.find_frame import Declared
from pipeline.keypoints import load_schema
from pipeline.model_mesh import ModelMesh
from pipeline.open_model import OpenModel
from pipeline.propose import propose_labels
from pipeline.propose_fit import Lender, lender_of
from pipeline.propose_names import NamedSurface, named_wheels
from tests.conftest import ROOT

SCHEMA = load_schema("vehicle20")
Y_UP = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
"""Rows: left, up, forward as x, y, z of the file, as glTF has it."""


@pytest.fixture(scope="module")
def lenders() -> list[Lender]:
    return [lender_of(build_vehicle(style, 101, AT_REST).mesh) for style in ("sedan", "hatchback", "suv", "coupe")]


@pytest.fixture(scope="module")
def car() -> Vehicle:
    return build_vehicle("sedan", 3, AT_REST)


def as_model(car: Vehicle, turn: np.ndarray, declared: Declared, named: bool) -> OpenModel:
    """The car as an unlabelled model in a file's frame."""
    objects = {
        f"{number:03d}_{part.name}_{part.material}": (part.vertices @ turn.T, part.triangles)
        for number, part in enumerate(car.parts)
    }
    mesh = ModelMesh.from_objects(objects)
    trails = mesh.parts if named else ("",) * len(mesh.parts)
    grey = np.full((len(mesh.triangles), 3), 128, dtype=np.uint8)
    return OpenModel(ROOT / "car.glb", mesh, grey, np.zeros(len(mesh.triangles), int), ("",), trails, declared)


def good(car: Vehicle, labels: dict, turn: np.ndarray) -> int:
    length = car.mesh.extent_m[0]
    count = 0
    for name in SCHEMA.names:
        wanted, got = car.mesh.place_positions(name), np.array(labels.get(name, ())).reshape(-1, 3) @ turn
        count += len(wanted) == len(got) and bool((np.linalg.norm(wanted - got, axis=1) < 0.05 * length).all())
    return count


@pytest.mark.parametrize("forward", [1, -1])
def test_shape_alone_finds_most_keypoints_and_the_way_forward(car: Vehicle, lenders: list[Lender], forward: int):
    turn = Y_UP * [[forward], [1], [forward]]
    proposal = propose_labels(as_model(car, turn, Declared(up="+Y", unit=1.0), named=False), SCHEMA, lenders)
    assert proposal.frame.forward == ("+Z" if forward > 0 else "-Z")
    assert set(proposal.source.values()) == {"shape"}
    assert good(car, dict(proposal.labels), turn) >= 16


def test_names_find_them_better(car: Vehicle, lenders: list[Lender]):
    declared = Declared(up="+Y", unit=1.0)
    proposal = propose_labels(as_model(car, Y_UP, declared, named=True), SCHEMA, lenders)
    assert {"wheel_FL", "windshield_FRONT", "mirror_LEFT", "license_plate"} <= {
        name for name, teller in proposal.source.items() if teller == "name"
    }
    assert good(car, dict(proposal.labels), Y_UP) >= 18


def test_unit_is_found(car: Vehicle, lenders: list[Lender]):
    proposal = propose_labels(as_model(car, Y_UP * 100, Declared(up="+Y"), named=False), SCHEMA, lenders)
    assert proposal.frame.unit == pytest.approx(0.01)
    assert good(car, dict(proposal.labels), Y_UP / 100) >= 16


def test_pairs_are_proposed_as_mirror_images(car: Vehicle, lenders: list[Lender]):
    proposal = propose_labels(as_model(car, Y_UP, Declared(up="+Y", unit=1.0), named=False), SCHEMA, lenders)
    pairs = [(left, right) for left, right in SCHEMA.flip if left in proposal.labels or right in proposal.labels]
    assert len(pairs) >= 5
    for left, right in pairs:
        difference = np.array(proposal.labels[left]) - np.array(proposal.labels[right]) * [-1, 1, 1]
        assert np.abs(difference).max() < 0.03


def test_a_car_without_mirrors_is_offered_none(car: Vehicle, lenders: list[Lender]):
    bare = Vehicle(
        car.style,
        car.seed,
        car.parameters,
        tuple(part for part in car.parts if not part.name.startswith("mirror")),
        car.mesh,
        car.asymmetric,
    )
    proposal = propose_labels(as_model(bare, Y_UP, Declared(up="+Y", unit=1.0), named=False), SCHEMA, lenders)
    assert "mirror_LEFT" not in proposal.labels


def test_a_steering_wheel_is_no_wheel():
    corners = np.zeros((1, 3, 3))
    surface = NamedSurface(corners, ["Steering_Wheel"], np.zeros(1, int), [""], np.zeros(1, int))
    assert len(surface.named("wheel")) == 0
    assert named_wheels(surface, 1.8, 1.5) == {}
