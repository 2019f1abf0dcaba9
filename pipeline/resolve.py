"""From a model and its label file to a vehicle: labels snapped to the surface, everything in the vehicle frame."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pipeline.config import nearest
from pipeline.errors import ModelError
from pipeline.find_frame import Declared, FoundFrame, find_frame
from pipeline.keypoints import KeypointSchema
from pipeline.model_mesh import ModelMesh
from pipeline.own_parts import find_own_parts
from pipeline.sidecar import Frame, Place, Point, Sidecar
from pipeline.surface import closest_point
from pipeline.vehicle import LabelledMesh

AXLES = (("wheel_FL", "wheel_FR"), ("wheel_RL", "wheel_RR"))


@dataclass(frozen=True)
class SnapReport:
    """What was done to the labels.

    Attributes:
        distances_m: keypoint name to how far each of its places was moved (of several points, the furthest), metres.
        origin: how the vehicle's origin was found, in words.
        vehicle_from_model: (4, 4) rotation, scale and shift from the model's own frame to the vehicle frame.
        found: the model's frame, and how it was come by.
        axes: the same in one line, with the ground's height.
    """

    distances_m: Mapping[str, tuple[float, ...]]
    origin: str
    vehicle_from_model: NDArray[np.float64]
    found: FoundFrame
    axes: str

    @property
    def worst(self) -> tuple[str, float]:
        """The keypoint that was moved furthest, and how far, metres."""
        return max(((name, max(moved)) for name, moved in self.distances_m.items()), key=lambda pair: pair[1])


@dataclass(frozen=True)
class _Snapped:
    """A place on the model: vertices whose mean it is, vertices of the surface there, how far it moved in metres."""

    vertices: tuple[int, ...]
    seeds: tuple[int, ...]
    moved_m: float


def resolve_labels(
    model: ModelMesh, sidecar: Sidecar, schema: KeypointSchema, where: str, declared: Declared | None = None
) -> tuple[LabelledMesh, SnapReport]:
    """The model as a vehicle with labels; `where` names the label file in errors.

    What the label file does not say of the model's frame is taken from what its format `declared`, or found.

    The vehicle has the model's vertices, in order, and after them one for each label that was snapped to the surface
    between them. Labels of keypoints that `schema` lacks are left out.

    Raises:
        ModelError: a label names an object or vertex that is not there, or lies too far from the model.
    """
    if not len(model.triangles):
        raise ModelError(f"{where}: the model has no surface")
    said = Declared(sidecar.up, sidecar.forward, sidecar.unit)
    found = find_frame(model, _rough_positions(model, sidecar), said, declared)
    snapper = _Snapper(model, sidecar, found.frame.unit)
    snapped: dict[str, list[_Snapped]] = {}
    for name, places in sidecar.labels.items():
        for number, place in enumerate(places):
            at = f"{where}: labels.{name}" + (f".{number}" if len(places) > 1 else "")
            snapped.setdefault(name, []).append(snapper.snap(place, at))
    vertices = snapper.vertices
    hubs = {name: vertices[list(places[0].vertices)].mean(axis=0) for name, places in snapped.items()}
    transform, origin = vehicle_from_model(model, found.frame, hubs, sidecar.origin, sidecar.ground)

    inside = [k.name for k in schema.keypoints if k.kind == "volume" and k.name in snapped]
    seeds = {name: [seed for place in snapped[name] for seed in place.seeds] for name in inside}
    parts, triangle_part, own_parts = find_own_parts(model, seeds, hubs, sidecar, found.frame.unit, where)
    mesh = LabelledMesh(
        vertices=vertices @ transform[:3, :3].T + transform[:3, 3],
        triangles=model.triangles,
        triangle_part=triangle_part,
        parts=parts,
        labels={name: tuple(p.vertices for p in snapped[name]) for name in schema.names if name in snapped},
        own_parts=own_parts,
    )
    moved = {name: tuple(place.moved_m for place in places) for name, places in snapped.items()}
    axes = found.sentence(model, sidecar.ground)
    return mesh, SnapReport(MappingProxyType(moved), origin, transform, found, axes)


def _rough_positions(model: ModelMesh, sidecar: Sidecar) -> dict[str, NDArray]:
    """Labels of one place, before they are snapped, model's frame; those that name what is not there are left out."""
    positions = {}
    for name, places in sidecar.labels.items():
        place = places[0]
        if len(places) > 1:
            continue
        if place.at is not None:
            positions[name] = np.mean(place.at, axis=0)
        elif place.object is None or place.object in model.parts:
            first = 0 if place.object is None else int(model.part_start[model.parts.index(place.object)])
            numbers = np.array(place.vertices) + first
            if numbers.max() < len(model.vertices):
                positions[name] = model.vertices[numbers].mean(axis=0)
    return positions


class _Snapper:
    """Moves label coordinates to a model; collects the vertices it has to add."""

    def __init__(self, model: ModelMesh, sidecar: Sidecar, unit: float) -> None:
        self._model, self._sidecar, self._unit = model, sidecar, unit
        self._added: list[NDArray[np.float64]] = []

    @property
    def vertices(self) -> NDArray[np.float64]:
        """The model's vertices and the added ones, model's frame."""
        return np.concatenate([self._model.vertices, np.array(self._added).reshape(-1, 3)])

    def snap(self, place: Place, where: str) -> _Snapped:
        """One place of a label."""
        part = self._part(place.object, where)
        if place.vertices is not None:
            return self._numbered(place.vertices, part, where)
        found = [self._nearest(point, part, where) for point in place.at or ()]
        return _Snapped(
            vertices=tuple(vertex for vertex, _, _ in found),
            seeds=tuple(seed for _, seed, _ in found),
            moved_m=max(distance for _, _, distance in found),
        )

    def _part(self, name: str | None, where: str) -> int | None:
        if name is None:
            return None
        if name not in self._model.parts:
            raise ModelError(f"{where}: no object {name!r} in the model; allowed: {nearest(name, self._model.parts)}")
        return self._model.parts.index(name)

    def _numbered(self, numbers: tuple[int, ...], part: int | None, where: str) -> _Snapped:
        starts = self._model.part_start
        first, end = (0, len(self._model.vertices)) if part is None else (int(starts[part]), int(starts[part + 1]))
        if max(numbers) >= end - first:
            raise ModelError(f"{where}: no vertex {max(numbers)}; allowed: 0 to {end - first - 1}")
        vertices = tuple(number + first for number in numbers)
        return _Snapped(vertices, vertices, 0.0)

    def _nearest(self, point: Point, part: int | None, where: str) -> tuple[int, int, float]:
        """The vertex for one point, a vertex of the surface there, and the distance in metres."""
        triangles = self._model.triangles
        if part is not None:
            triangles = triangles[self._model.triangle_part == part]
        if not len(triangles):
            raise ModelError(f"{where}: the object has no surface")
        at = np.array(point)
        if self._sidecar.snap == "vertex":
            used = np.unique(triangles)
            distances = np.linalg.norm(self._model.vertices[used] - at, axis=1)
            vertex = seed = int(used[np.argmin(distances)])
        else:
            closest, triangle = closest_point(self._model.vertices[triangles], at)
            distances = np.linalg.norm(closest - at, keepdims=True)
            seed = int(triangles[triangle, 0])
            vertex = len(self._model.vertices) + len(self._added)
        moved_m = float(distances.min()) * self._unit
        if moved_m > self._sidecar.max_snap_m:
            raise ModelError(
                f"{where}: {list(point)} is {moved_m:.3f} m from the nearest {self._sidecar.snap} of "
                f"{'the model' if part is None else self._model.parts[part]}; allowed: max_snap_m "
                f"{self._sidecar.max_snap_m:g}" + (", or snap: surface" if self._sidecar.snap == "vertex" else "")
            )
        if self._sidecar.snap == "surface":
            self._added.append(closest)
        return vertex, seed, moved_m


def vehicle_from_model(
    model: ModelMesh,
    frame: Frame,
    hubs: Mapping[str, NDArray],
    given_origin: Point | None = None,
    given_ground: float | None = None,
) -> tuple[NDArray[np.float64], str]:
    """(4, 4) transform from the model's frame to the vehicle's, and in words where its origin is from.

    Args:
        model: the model in its own frame.
        frame: that frame.
        hubs: keypoint name to position (3,), same frame; the wheels' say where the origin is.
        given_origin, given_ground: as in `Sidecar`; they come first.
    """
    turn = frame.vehicle_axes
    turned = model.vertices @ turn.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    origin, said = np.array([*((low + high) / 2)[:2], low[2]]), ["middle of the box", "middle of the box"]
    axles = [[turn @ hubs[name] for name in axle if name in hubs] for axle in AXLES]
    if all(axles):
        origin[0] = np.mean([np.mean(axle, axis=0)[0] for axle in axles])
        said[0] = "wheels"
    if any(len(axle) == 2 for axle in axles):
        origin[1] = np.mean([np.mean(axle, axis=0)[1] for axle in axles if len(axle) == 2])
        said[1] = "wheels"
    height = "lowest point"
    if given_origin is not None:
        origin[:] = turn @ np.array(given_origin)
        said, height = ["label file", "label file"], "label file"
    if given_ground is not None:
        origin[2], height = given_ground, "label file"
    transform = np.eye(4)
    transform[:3, :3] = frame.unit * turn
    transform[:3, 3] = -frame.unit * origin
    return transform, f"x: {said[0]}, y: {said[1]}, z: {height}"
