"""A model's label file, MODEL.keypoints.yaml: where its keypoints are, in the coordinates of the model's own file.

    keypoints: vehicle20        the keypoint schema: a name that ships, or a file beside this one
    up: +Y                      the model's axes that point up and forward
    forward: +Z
    unit: m                     m, cm, mm, in, ft, or metres per unit
    # up, forward and unit may be left out: then they are found (pipeline.find_frame), and `akd check MODEL` says them
    labels:
      roof: {at: [0.0, 1.37, -0.21]}                            one place; snapped to the model
      mirror_LEFT: {at: [[0.8, 0.9, 0.5], [0.9, 0.9, 0.5]]}     the mean of several points, each snapped
      license_plate: [{at: [0, 0.4, 2.0]}, {at: [0, 0.6, -2.0]}]   two places
      wheel_FL: {vertices: [17, 18], object: wheel_3}           vertex numbers, of one object or of the whole model
    own_parts: {wheel_FL: ["wheel@fl:*"]}   objects that do not hide the keypoint; found from the label if not given

A glTF file's vertices are renumbered on import: give it coordinates. Its own frame is the scene's, all nodes applied.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator

from pipeline.config import Config, load_config, nearest
from pipeline.errors import ModelError, SpecError
from pipeline.file_names import is_file
from pipeline.keypoints import KeypointSchema, load_schema

DEFAULT_SCHEMA = "vehicle20"
UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254, "ft": 0.3048}
Axis = Literal["+X", "-X", "+Y", "-Y", "+Z", "-Z"]
Point = tuple[float, float, float]
Points = Point | Annotated[tuple[Point, ...], Field(min_length=1)]
Unit = Literal["m", "cm", "mm", "in", "ft"] | Annotated[float, Field(gt=0)]


def _points(value: Any) -> Any:
    """One point [x, y, z] as a list of one."""
    return [value] if isinstance(value, list | tuple) and value and not isinstance(value[0], list | tuple) else value


def _places(value: Any) -> Any:
    """One place as a list of one."""
    return [value] if isinstance(value, dict) else value


def _metres(value: Any) -> Any:
    """A unit's name as metres per unit."""
    if isinstance(value, str):
        if value not in UNITS:
            raise ValueError(f"must be metres per unit, or one of {nearest(value, UNITS)}")
        return UNITS[value]
    return value


class Place(Config):
    """Where a keypoint is: coordinates `at`, or `vertices` by number; `object` narrows either to one object."""

    at: (
        Annotated[tuple[Point, ...], Field(min_length=1), BeforeValidator(_points, json_schema_input_type=Points)]
        | None
    ) = None
    vertices: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)] | None = None
    object: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.at is None) == (self.vertices is None):
            raise ValueError("must have either 'at' or 'vertices'")
        return self


Places = Place | Annotated[tuple[Place, ...], Field(min_length=1)]


class Frame(Config):
    """A model's own frame, settled: its axes that point up and forward, and metres per unit."""

    up: Axis
    forward: Axis
    unit: float

    @property
    def vehicle_axes(self) -> NDArray[np.float64]:
        """(3, 3) rows: the vehicle's x (forward), y (left) and z (up) in the model's frame."""
        forward, up = _axis_vector(self.forward), _axis_vector(self.up)
        return np.array([forward, np.cross(up, forward), up])


class Sidecar(Config):
    """What a label file says.

    Attributes:
        keypoints: the keypoint schema, by name or as a file.
        up, forward: the model's axes; found where not given.
        unit: metres per unit of the model; found where not given.
        origin: a point under the middle of the wheelbase, model's frame; if not given, from the wheels' labels.
        ground: the ground's height along `up`, in the model's unit; if not given, the model's lowest point.
        snap: "surface" moves each point of `at` to the nearest point of the surface, "vertex" to the nearest vertex
            (which is far on flat panels: on tests/data's two models the median is 25 mm and the roof's is 155 mm).
        max_snap_m: how far that may be, metres; further is an error.
        source, licence: where the model is from and what its licence allows.
        labels: keypoint name to its places.
        own_parts: keypoint name to names of objects, * and ? allowed, that do not hide it.
        asymmetric: keypoints that are not meant to mirror their pair: a door that stands open, a steered wheel.
    """

    keypoints: str = DEFAULT_SCHEMA
    up: Axis | None = None
    forward: Axis | None = None
    unit: Annotated[float, Field(gt=0), BeforeValidator(_metres, json_schema_input_type=Unit)] | None = None
    origin: Point | None = None
    ground: float | None = None
    snap: Literal["surface", "vertex"] = "surface"
    max_snap_m: Annotated[float, Field(gt=0)] = 0.10
    source: str = ""
    licence: str = ""
    labels: Annotated[
        dict[
            str,
            Annotated[tuple[Place, ...], Field(min_length=1), BeforeValidator(_places, json_schema_input_type=Places)],
        ],
        Field(min_length=1),
    ]
    own_parts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    asymmetric: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _axes_are_perpendicular(self) -> Self:
        if self.up and self.forward and self.up[1] == self.forward[1]:
            raise ValueError(f"up and forward must be perpendicular; got up {self.up} and forward {self.forward}")
        return self


def _axis_vector(axis: str) -> NDArray[np.float64]:
    return np.eye(3)["XYZ".index(axis[1])] * (1.0 if axis[0] == "+" else -1.0)


def sidecar_path(model: Path) -> Path:
    """Where a model's label file is looked for: MODEL.keypoints.yaml beside it."""
    return model.with_suffix(".keypoints.yaml")


def needs_sidecar(model: Path, sidecar: Path) -> bool:
    """Whether a model's labels are in its label file: a .blend file that has none carries them itself."""
    return model.suffix.lower() != ".blend" or sidecar.is_file()


def load_sidecar(path: Path) -> Sidecar:
    """Read a label file.

    Raises:
        ModelError: it is not there, is not what a label file says, or labels a keypoint that its schema lacks.
    """
    if not is_file(path):
        raise ModelError(f"{path}: no such label file; it says where a model's keypoints are")
    try:
        sidecar = load_config(path, Sidecar)
        schema = sidecar_schema(sidecar, path)
    except SpecError as error:
        raise ModelError(str(error)) from error
    named: dict[str, Iterable[str]] = {
        "labels": sidecar.labels,
        "own_parts": sidecar.own_parts,
        "asymmetric": sidecar.asymmetric,
    }
    for where, names in named.items():
        for name in names:
            if name not in schema.names:
                raise ModelError(
                    f"{path}: {where}.{name}: is not a keypoint of {schema.name}; allowed: "
                    + nearest(name, schema.names)
                )
    kinds = {k.name: k.kind for k in schema.keypoints}
    for name in sidecar.own_parts:
        if kinds[name] != "volume":
            raise ModelError(
                f"{path}: own_parts.{name}: lies on the surface, and any part may hide it; allowed: "
                + ", ".join(n for n, kind in kinds.items() if kind == "volume")
            )
    return sidecar


def sidecar_schema(sidecar: Sidecar, path: Path) -> KeypointSchema:
    """The keypoint schema that the label file at `path` names.

    Raises:
        SpecError: there is no such schema.
    """
    return schema_of(sidecar.keypoints, path)


def schema_of(reference: str, path: Path) -> KeypointSchema:
    """The keypoint schema that a label file at `path` means by `reference`: a file beside it, or one by name.

    Raises:
        SpecError: there is no such schema.
    """
    beside = path.parent / reference
    return load_schema(str(beside) if is_file(beside) else reference)
