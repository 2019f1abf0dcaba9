"""All keypoints of an unlabelled model proposed before anybody has clicked: by names where they tell, else by shape."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.find_frame import AXIS_NAMES, Declared, find_frame
from pipeline.frame_shape import sample_surface
from pipeline.keypoints import KeypointSchema
from pipeline.open_model import OpenModel
from pipeline.proposal import Proposal
from pipeline.propose_fit import SAMPLES, Fit, Lender, centred, fit_labels
from pipeline.propose_mirrors import protruding_mirrors
from pipeline.propose_names import NamedSurface, named_labels, named_wheels
from pipeline.sidecar import Axis, Frame
from pipeline.surface import closest_point, first_hit
from pipeline.vehicle_profile import VehicleProfile, measure_profile

Places = NDArray[np.float64]
TOWARDS: Mapping[str, tuple[float, float, float]] = {
    "door": (0, 1, 0),
    "wheel": (0, 1, 0),
    "headlight_F": (1, 0.2, 0),
    "headlight_R": (-1, 0.2, 0),
    "bumper_FRONT": (1, 0, 0),
    "bumper_REAR": (-1, 0, 0),
    "windshield_FRONT": (1, 0, 1),
    "windshield_REAR": (-1, 0, 1),
    "roof": (0, 0, 1),
}
"""Start of a keypoint's name to the side from which it is looked for on the surface, of the left one of a pair."""
UNDER_LOAD_M = 0.15
"""How far over the panes' upper edge a roof is looked for from, where panes are known: under what it carries."""
MAX_JUMP = 0.06
"""Share of the length that a keypoint may move along that way; beyond, it goes to the nearest surface."""


def propose_labels(model: OpenModel, schema: KeypointSchema, lenders: Sequence[Lender]) -> Proposal:
    """Where the model's keypoints seem to be; `lenders`: vehicles whose labels are known.

    Both directions of travel are tried where the file does not say which way is forward.
    """
    found = find_frame(model.mesh, {}, Declared(), model.declared).frame
    ways = (
        [found] if model.declared.forward else [found, found.model_copy(update={"forward": _opposite(found.forward)})]
    )
    attempts = [_Attempt(model, frame, lenders) for frame in ways]
    best = min(attempts, key=lambda attempt: attempt.fit.cost)
    places, source = best.labels()
    return Proposal(
        frame=best.frame,
        labels={name: best.in_file(places[name]) for name in schema.names if name in places},
        source={name: source[name] for name in schema.names if name in places},
    )


def _opposite(axis: Axis) -> Axis:
    return next(name for name in AXIS_NAMES if name[1] == axis[1] and name[0] != axis[0])


class _Attempt:
    """A model in one of the frames it may have, and the vehicle that fits it there."""

    def __init__(self, model: OpenModel, frame: Frame, lenders: Sequence[Lender]) -> None:
        self.frame = frame
        self._turn = frame.unit * frame.vehicle_axes
        turned = model.mesh.vertices @ self._turn.T
        self._shift = centred(turned[model.mesh.triangles].reshape(-1, 3))
        self._corners = (turned - self._shift)[model.mesh.triangles]
        self._surface = NamedSurface(
            self._corners, model.trails, model.mesh.triangle_part, model.materials, model.triangle_material
        )
        self._points = sample_surface(self._corners, SAMPLES)
        profile = measure_profile(self._points)
        self._wheels = named_wheels(self._surface, profile.width, profile.height)
        self.profile = _on_wheels(profile, self._wheels) if self._wheels else profile
        self.fit: Fit = fit_labels(self.profile, lenders)

    def labels(self) -> tuple[dict[str, Places], dict[str, str]]:
        """Keypoint to places on the surface, centred frame; and keypoint to what told."""
        places = dict(self.fit.places)
        source = dict.fromkeys(places, "shape")
        _take(places, source, protruding_mirrors(self._points, self.profile, places), "shape")
        _take(places, source, {**named_labels(self._surface, self.profile, places), **self._wheels}, "name")
        return {name: self._snapped(name, _even(name, places), source[name]) for name in places}, source

    def in_file(self, places: Places) -> tuple[tuple[float, float, float], ...]:
        """Centred frame to the file's."""
        points = (places + self._shift) @ np.linalg.inv(self._turn).T
        return tuple((float(x), float(y), float(z)) for x, y, z in points.round(6))

    def _snapped(self, name: str, places: Places, teller: str) -> Places:
        if name.startswith("mirror"):
            return np.array([closest_point(self._corners, place)[0] for place in places])
        return np.array([self._on_surface(name, place, teller) for place in places])

    def _on_surface(self, name: str, place: NDArray[np.float64], teller: str) -> NDArray[np.float64]:
        way = next((np.array(way, float) for start, way in TOWARDS.items() if name.startswith(start)), None)
        if way is None:  # a plate: on the end where it is
            way = np.array([np.sign(place[0]), 0.0, 0.0])
        way = way * [1.0, -1.0 if place[1] < 0 else 1.0, 1.0] / np.linalg.norm(way)
        far = UNDER_LOAD_M if name == "roof" and teller == "name" else 2 * self.profile.length
        hit = first_hit(self._corners, place + far * way, -way)
        reach = MAX_JUMP * self.profile.length
        if hit is not None and np.linalg.norm(hit - place) < reach:
            return hit
        return closest_point(self._corners, place)[0]


def _take(places: dict[str, Places], source: dict[str, str], told: Mapping[str, Places | None], teller: str) -> None:
    """Put in what is told; None takes out."""
    for name, value in told.items():
        if value is None:
            places.pop(name, None)
        else:
            places[name], source[name] = value, teller


def _on_wheels(profile: VehicleProfile, wheels: Mapping[str, Places]) -> VehicleProfile:
    """The same profile with axles where the named wheels are."""
    front, rear = (float(np.mean([wheels[f"wheel_{end}{side}"][0, 0] for side in "LR"])) for end in "FR")
    return replace(profile, front_axle=front, rear_axle=rear, radius=float(np.mean([w[0, 2] for w in wheels.values()])))


def _even(name: str, places: Mapping[str, Places]) -> Places:
    """A keypoint's places made the mirror image of its pair's: both are moved half of the way."""
    pair = _pair_of(name)
    if pair not in places or len(places[pair]) != len(places[name]):
        return places[name] * [1, 0, 1] if pair == name and len(places[name]) else places[name]
    return np.asarray((places[name] + places[pair] * [1, -1, 1]) / 2)


def _pair_of(name: str) -> str:
    stem, _, side = name.rpartition("_")
    swapped = {"FL": "FR", "FR": "FL", "RL": "RR", "RR": "RL", "LEFT": "RIGHT", "RIGHT": "LEFT"}.get(side)
    return f"{stem}_{swapped}" if swapped else name
