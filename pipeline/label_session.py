"""What a labeller works on: the labels of one model, how each came about, and every step back and forth."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ModelError
from pipeline.find_frame import Declared, find_frame
from pipeline.keypoints import KeypointSchema
from pipeline.label_file import LabelFile
from pipeline.label_surface import LabelSurface
from pipeline.open_model import OpenModel
from pipeline.proposal import Proposal
from pipeline.resolve import AXLES, vehicle_from_model
from pipeline.sidecar import Frame, Place, Point, Sidecar

Status = Literal["from file", "proposed", "mirrored", "set by hand"]
FRONT_AND_REAR = ("license_plate",)
"""Keypoints with a place at each end of the vehicle; every other has one place."""


@dataclass(frozen=True)
class Spot:
    """One place of a keypoint: as the label file has it, its middle on the surface (file frame), how it came about."""

    place: Place
    point: Point
    status: Status


@dataclass(frozen=True)
class LabelState:
    """All that undo brings back: keypoint name to its spots, and the model's frame."""

    spots: Mapping[str, tuple[Spot, ...]]
    frame: Frame


class LabelSession:
    """Labels being set on one model. Points are in the frame and unit of the model's file.

    Attributes:
        mirror: whether placing one keypoint of a left/right pair also places the other.
        snap_to_vertex: whether points go to the nearest vertex; always so where the label file says `snap: vertex`.
    """

    def __init__(self, model: OpenModel, schema: KeypointSchema, file: LabelFile, reference: str) -> None:
        """Start with what `file` says; `reference` is what it says, or shall say, for `keypoints`.

        Raises:
            ModelError: the model has no surface, or the file labels an object or vertex that it lacks.
        """
        if not len(model.mesh.triangles):
            raise ModelError(f"{model.path}: the model has no surface")
        self.model, self.schema, self.file = model, schema, file
        self.surface = LabelSurface(model.mesh)
        self.mirror, self.snap_to_vertex = True, file.sidecar is not None and file.sidecar.snap == "vertex"
        self._reference = reference
        self._decimals = 6 - int(np.ceil(np.log10(max(float(np.ptp(model.mesh.vertices, axis=0).max()), 1e-9))))
        self._past: list[LabelState] = []
        self._future: list[LabelState] = []
        labels = file.sidecar.labels if file.sidecar else {}
        spots = {name: tuple(self._from_file(name, place) for place in places) for name, places in labels.items()}
        self.state = LabelState(spots, self._find_frame(spots))
        self._saved = self._kept()

    # what is there

    def spots(self, name: str) -> tuple[Spot, ...]:
        """The places of a keypoint; none where it has no label."""
        return self.state.spots.get(name, ())

    def status(self, name: str) -> Status | Literal["missing"]:
        """How a keypoint's label came about; of two places, what is least certain."""
        statuses = [spot.status for spot in self.spots(name)]
        order: tuple[Status, ...] = ("proposed", "mirrored", "set by hand", "from file")
        return min(statuses, key=order.index, default="missing")

    def missing(self) -> tuple[str, ...]:
        """Keypoints without a label, and those that have one end of two, in the schema's order."""
        return tuple(name for name in self.schema.names if len(self.spots(name)) < (2 if name in FRONT_AND_REAR else 1))

    def next_missing(self, after: str) -> str:
        """The keypoint to place next: `after` itself while it lacks a place, else the next that is missing."""
        start = self.schema.index(after)
        cycle = self.schema.names[start:] + self.schema.names[:start]
        return next((name for name in cycle if name in self.missing()), after)

    @property
    def unsaved(self) -> bool:
        """Whether a save would change what the file says."""
        return self._kept() != self._saved

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was taken back."""
        return bool(self._future)

    def vehicle_from_model(self, without: tuple[str, ...] = ()) -> NDArray[np.float64]:
        """(4, 4) from the file's frame to the vehicle's, whose middle the keypoints in `without` must not tell."""
        wheels = [name for axle in AXLES for name in axle if self.spots(name) and name not in without]
        hubs = {name: np.array(self.spots(name)[0].point) for name in wheels}
        said = self.file.sidecar
        given = (said.origin, said.ground) if said else (None, None)
        return vehicle_from_model(self.model.mesh, self.state.frame, hubs, *given)[0]

    def pick(self, origin: NDArray[np.float64], direction: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The first point (3,) of the model on a ray, file frame; None where the ray misses it."""
        return self.surface.pick(origin, direction)

    def nearest_label(self, origin: NDArray[np.float64], direction: NDArray[np.float64]) -> str | None:
        """The keypoint with a label nearest to a ray in angle, of those the model does not hide; None without any."""
        ahead = direction / np.linalg.norm(direction)
        hit = self.pick(origin, direction)
        limit = np.inf if hit is None else float(np.linalg.norm(hit - origin)) * 1.2
        angles: dict[str, float] = {}
        for name, spots in self.state.spots.items():
            for spot in spots:
                away = np.array(spot.point) - origin
                if 0 < (distance := float(away @ ahead)) < limit:
                    angles[name] = min(
                        angles.get(name, np.inf), float(np.linalg.norm(np.cross(ahead, away))) / distance
                    )
        return min(angles, key=lambda name: angles[name], default=None)

    # what can be done

    def offer(self, proposal: Proposal) -> None:
        """Take over proposed labels for keypoints that have none; no step that undo takes back.

        They are left out where the label file says another frame: then left and right are not what they seem.
        """
        same = (proposal.frame.up, proposal.frame.forward) == (self.state.frame.up, self.state.frame.forward)
        if self.file.sidecar is not None and not same:
            return
        frame = self.state.frame if self.file.sidecar else proposal.frame
        spots = dict(self.state.spots)
        for name, points in proposal.labels.items():
            if name in self.schema.names and name not in spots:
                spots[name] = tuple(self._spot(np.array(point), "proposed") for point in points)
        self.state = LabelState(spots, frame)

    def place(self, name: str, point: NDArray[np.float64]) -> str:
        """Set a keypoint by hand at `point` (3,), and its pair's on the other side; says in words what was set."""
        spots = dict(self.state.spots)
        spots[name] = self._with(name, self._spot(point, "set by hand"))
        said, partner = f"{name} set", self._partner(name)
        if partner and self.mirror:
            if self.status(partner) in ("set by hand", "from file"):
                said += f"; {partner} stays: it was {self.status(partner).replace('from', 'in the')}"
            elif (mirrored := self._mirrored(np.array(spots[name][0].point), (name, partner))) is None:
                said += f"; {partner} not: the model has no surface there"
            else:
                spots[partner], said = (mirrored,), said + f"; {partner} mirrored"
        self._step(replace(self.state, spots=spots))
        return said

    def remove(self, name: str) -> None:
        """Take a keypoint's label away."""
        if self.spots(name):
            self._step(replace(self.state, spots={k: v for k, v in self.state.spots.items() if k != name}))

    def accept(self, *names: str) -> int:
        """Believe the proposed labels of these keypoints, of all where none is named; how many keypoints that were."""
        accepted = [name for name in names or self.schema.names if self.status(name) == "proposed"]
        changed = {
            name: tuple(
                replace(s, status="set by hand" if s.status == "proposed" else s.status) for s in self.spots(name)
            )
            for name in accepted
        }
        if accepted:
            self._step(replace(self.state, spots={**self.state.spots, **changed}))
        return len(accepted)

    def set_frame(self, frame: Frame) -> None:
        """Say the model's frame; proposals that were made in another one are dropped."""
        turned = (frame.up, frame.forward) != (self.state.frame.up, self.state.frame.forward)
        kept = {n: tuple(s for s in spots if s.status != "proposed") for n, spots in self.state.spots.items()}
        spots = {name: spots for name, spots in kept.items() if spots} if turned else self.state.spots
        self._step(LabelState(spots, frame))

    def undo(self) -> None:
        """Take the last step back."""
        if self._past:
            self._future.append(self.state)
            self.state = self._past.pop()

    def redo(self) -> None:
        """Take the step again that was taken back last."""
        if self._future:
            self._past.append(self.state)
            self.state = self._future.pop()

    def save(self, force: bool = False) -> str:
        """Write the label file, all but what is only proposed; says in words what was written.

        Raises:
            ModelError: nothing is labelled, or the file was changed by somebody else and `force` is not set.
        """
        sidecar = self._kept()
        if sidecar is None:
            raise ModelError(f"{self.file.path}: not written: nothing is labelled yet")
        self.file = self.file.write(sidecar, force)
        self._saved = sidecar
        left = sum(self.status(name) == "proposed" for name in self.schema.names)
        return f"saved {self.file.path}: {len(sidecar.labels)} keypoints" + (
            f"; {left} are only proposed and were left out: accept them first" if left else ""
        )

    # how

    def _step(self, state: LabelState) -> None:
        self._past.append(self.state)
        self._future.clear()
        self.state = state

    def _kept(self) -> Sidecar | None:
        """What the label file should say now; None while there is nothing to say."""
        labels = {}
        for name in self.schema.names:
            if places := tuple(s.place for s in self.spots(name) if s.status != "proposed"):
                labels[name] = places
        if not labels:
            return None
        said = self.file.sidecar or Sidecar(keypoints=self._reference, labels=labels)
        frame = self.state.frame
        changes = {"labels": labels, "up": frame.up, "forward": frame.forward, "unit": frame.unit}
        return said.model_copy(update=changes)

    def _partner(self, name: str) -> str | None:
        asymmetric = self.file.sidecar.asymmetric if self.file.sidecar else ()
        other = self.schema.names[self.schema.flip_index[self.schema.index(name)]]
        return None if other == name or {name, other} & set(asymmetric) else other

    def _with(self, name: str, spot: Spot) -> tuple[Spot, ...]:
        """The keypoint's spots with a new one: in the place of the one at its end of the vehicle, front before rear."""
        if name not in FRONT_AND_REAR:
            return (spot,)
        transform = self.vehicle_from_model()
        ahead = {s: transform[0] @ [*s.point, 1.0] for s in (*self.spots(name), spot)}
        others = [s for s in self.spots(name) if (ahead[s] > 0) != (ahead[spot] > 0)]
        return tuple(sorted((*others, spot), key=lambda s: -ahead[s]))

    def _mirrored(self, point: NDArray[np.float64], pair: tuple[str, str]) -> Spot | None:
        transform = self.vehicle_from_model(without=pair)
        flipped = np.linalg.inv(transform) @ np.diag([1.0, -1.0, 1.0, 1.0]) @ transform @ [*point, 1.0]
        spot = self._spot(flipped[:3], "mirrored")
        moved_m = float(np.linalg.norm(np.array(spot.point) - flipped[:3])) * self.state.frame.unit
        allowed_m = self.file.sidecar.max_snap_m if self.file.sidecar else Sidecar.model_fields["max_snap_m"].default
        return spot if moved_m <= allowed_m else None

    def _spot(self, point: NDArray[np.float64], status: Status) -> Spot:
        snapped = self.surface.nearest_vertex(point) if self.snap_to_vertex else self.surface.nearest(point)
        x, y, z = (round(float(value), self._decimals) + 0.0 for value in snapped)
        return Spot(Place(at=((x, y, z),)), (x, y, z), status)

    def _find_frame(self, spots: Mapping[str, tuple[Spot, ...]]) -> Frame:
        said = self.file.sidecar
        given = Declared(said.up, said.forward, said.unit) if said else Declared()
        told = {name: np.array(places[0].point) for name, places in spots.items() if len(places) == 1}
        return find_frame(self.model.mesh, told, given, self.model.declared).frame

    def _from_file(self, name: str, place: Place) -> Spot:
        """A place of the label file; its middle is shown where it will be snapped to."""
        mesh, where = self.model.mesh, f"{self.file.path}: labels.{name}"
        if place.object is not None and place.object not in mesh.parts:
            raise ModelError(f"{where}: no object {place.object!r} in the model")
        part = None if place.object is None else mesh.parts.index(place.object)
        if part is not None and not (mesh.triangle_part == part).any():
            raise ModelError(f"{where}: the object {place.object!r} has no surface")
        if place.vertices is not None:
            numbers = np.array(place.vertices) + (0 if part is None else mesh.part_start[part])
            if numbers.max() >= len(mesh.vertices):
                raise ModelError(f"{where}: no vertex {max(place.vertices)} in the model")
            middle = mesh.vertices[numbers].mean(axis=0)
        else:
            middle = np.mean([self.surface.nearest(np.array(point), part) for point in place.at or ()], axis=0)
        x, y, z = (float(value) for value in middle)
        return Spot(place, (x, y, z), "from file")
