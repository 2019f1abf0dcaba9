"""Axes and unit of a model that says nothing: found from labels by name, else from size, symmetry and wheels."""

from itertools import product

import numpy as np
import pytest

from blender_scenes.vehicle import build_vehicle
from pipeline.find_frame import AXIS_NAMES, Declared, find_frame, find_unit
from pipeline.model_mesh import ModelMesh
from pipeline.sidecar import Frame
from pipeline.vehicle import LabelledMesh

FRAMES = [(ahead, above) for ahead, above in product(AXIS_NAMES, AXIS_NAMES) if ahead[1] != above[1]]
SHIFT = np.array([0.4, -0.7, 1.1])


@pytest.fixture(scope="module")
def car() -> LabelledMesh:
    return build_vehicle("sedan", 11).mesh


def in_frame(car: LabelledMesh, frame: Frame) -> tuple[ModelMesh, dict[str, np.ndarray]]:
    """The car as a file with that frame would hold it, as one object, and its labels."""
    vertices = (car.vertices @ frame.vehicle_axes + SHIFT) / frame.unit
    labels = {
        name: (car.place_positions(name)[0] @ frame.vehicle_axes + SHIFT) / frame.unit
        for name in car.labels
        if name != "license_plate"
    }
    return ModelMesh.from_objects({"car": (vertices, car.triangles)}), labels


@pytest.mark.parametrize(("ahead", "above"), FRAMES)
def test_all_axes_are_found_from_labels_and_from_shape(ahead: str, above: str, car: LabelledMesh):
    frame = Frame(up=above, forward=ahead, unit=0.01)
    model, labels = in_frame(car, frame)
    by_label = find_frame(model, labels, Declared())
    assert (by_label.frame, by_label.forward_from) == (frame, "found from labels")
    by_shape = find_frame(model, {}, Declared())
    assert (by_shape.frame, by_shape.forward_from) == (frame, "found from shape")


@pytest.mark.parametrize("style", ["hatchback", "suv", "pickup"])
def test_the_shape_of_other_styles_tells_too(style: str):
    frame = Frame(up="+Y", forward="-X", unit=1.0)
    model, _ = in_frame(build_vehicle(style, 3).mesh, frame)
    assert find_frame(model, {}, Declared()).frame == frame


def test_what_the_label_file_says_comes_first_then_the_format(car: LabelledMesh):
    model, labels = in_frame(car, Frame(up="+Z", forward="+X", unit=1.0))
    found = find_frame(model, labels, Declared(forward="-Y"), Declared(up="+Z", unit=0.5))
    assert found.frame == Frame(up="+Z", forward="-Y", unit=0.5)
    assert found.sentence(model, None) == (
        f"axes: forward -Y (label file), up +Z (format); unit 0.5 m (format); "
        f"ground z = {model.vertices[:, 2].min():.3f}"
    )


@pytest.mark.parametrize(
    ("length", "unit"), [(4.4, 1.0), (440, 0.01), (4400, 0.001), (173, 0.0254), (12.5, 1.0), (0.02, 1.0)]
)
def test_units_that_make_a_car_as_long_as_cars_are(length: float, unit: float):
    assert find_unit(length) == unit
