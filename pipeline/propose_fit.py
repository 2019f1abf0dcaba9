"""Keypoints of an unlabelled vehicle from its shape: the generated vehicles most like it lend theirs.

Everything here is in metres, x forward, y left, z up, the origin on the ground under the middle of the bounding box.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.frame_shape import sample_surface
from pipeline.profile_match import ProfileMatch, match_profiles, matched_x, rough_x
from pipeline.vehicle import LabelledMesh
from pipeline.vehicle_profile import VehicleProfile, measure_profile

SAMPLES = 60_000
LENDERS = 5
ON_ROOF_LINE = ("windshield_FRONT", "windshield_REAR", "roof", "mirror_LEFT", "mirror_RIGHT")
"""Keypoints whose place along the vehicle goes with the roof line; that of the others goes with axles and ends."""
Places = NDArray[np.float64]
"""(P, 3) the places of one keypoint."""


@dataclass(frozen=True)
class Lender:
    """A vehicle whose labels are known: its profile and its keypoints' places, in the centred frame."""

    profile: VehicleProfile
    places: Mapping[str, Places]


@dataclass(frozen=True)
class Fit:
    """Keypoint to places on the fitted vehicle, not yet on its surface; and how unlike it is what lent them."""

    places: Mapping[str, Places]
    cost: float


def centred(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3,) what to subtract from vertices (V, 3), x forward, z up, so that the box is centred and stands on 0."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    return np.array([*((low + high) / 2)[:2], low[2]])


def lender_of(mesh: LabelledMesh) -> Lender:
    """A labelled vehicle as one that can lend its labels."""
    shift = centred(mesh.vertices[mesh.triangles].reshape(-1, 3))
    points = sample_surface(mesh.vertices[mesh.triangles], SAMPLES) - shift
    return Lender(measure_profile(points), {name: mesh.place_positions(name) - shift for name in mesh.labels})


def fit_labels(profile: VehicleProfile, lenders: Sequence[Lender]) -> Fit:
    """The median of what the most similar lenders' labels become when their shape is laid over the profile."""
    matches = [(match_profiles(lender.profile, profile), lender) for lender in lenders]
    nearest = sorted(matches, key=lambda pair: _unlike(profile, pair[1].profile, pair[0]))[:LENDERS]
    lent = [_carried(profile, lender, match) for match, lender in nearest]
    places = {}
    for name in dict.fromkeys(name for labels in lent for name in labels):
        given = [labels[name] for labels in lent if name in labels]
        if len(given) * 2 > len(lent):
            places[name] = np.median(given, axis=0)
    cost = float(np.mean([_unlike(profile, lender.profile, match) for match, lender in nearest]))
    return Fit(places, cost)


def _unlike(profile: VehicleProfile, other: VehicleProfile, match: ProfileMatch) -> float:
    """Cost of the match, and of proportions that differ: axles along the length, height to length."""
    ends = [(p.front_axle / p.length, p.rear_axle / p.length, p.height / p.length) for p in (profile, other)]
    return match.cost + float(((np.array(ends[0]) - np.array(ends[1])) ** 2).sum())


def _carried(profile: VehicleProfile, lender: Lender, match: ProfileMatch) -> dict[str, Places]:
    carried = {}
    other = lender.profile
    for name, places in lender.places.items():
        if name in ON_ROOF_LINE:
            x = np.array([matched_x(match, value) for value in places[:, 0]])
        else:
            x = rough_x(other, profile, places[:, 0])
        y = places[:, 1] * profile.width / other.width
        z = places[:, 2] * profile.height / other.height
        carried[name] = np.stack([x, y, z], axis=1)
    return carried
