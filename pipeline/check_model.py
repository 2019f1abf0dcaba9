"""Is a labelled vehicle sound? Measures on its mesh and labels, and which of them are out of bounds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.keypoints import KeypointSchema
from pipeline.sight import seen_share
from pipeline.surface import closest_point
from pipeline.vehicle import LabelledMesh

EXTENT_M = {"long": (2.3, 20.0), "wide": (1.2, 3.6), "high": (0.9, 4.6)}
"""From a two-seat city car to an articulated bus, mirrors and roof load counted."""
MAX_ASYMMETRY_M = 0.05
MAX_GROUND_GAP_M = 0.03
FRONT, REAR = ("_FL", "_FR", "_FRONT"), ("_RL", "_RR", "_REAR")
VIEWS = (*((azimuth, elevation) for azimuth in range(0, 360, 30) for elevation in (0, 30)), (0, 80))
"""Azimuth and elevation in degrees of the places from which a label is looked for."""


@dataclass(frozen=True)
class ModelMeasures:
    """What was measured.

    Attributes:
        missing: keypoints of the schema that the vehicle lacks (a two-door car's rear doors).
        asymmetry_m: left keypoint of a pair to how far it is from the mirror image of the right one, metres; the
            mirror plane is the median of the pairs' own.
        off_surface_m: surface keypoint to its distance from the surface (the largest of its places), metres.
        ground_gap_m: wheel keypoint to the height of its part's lowest point over the ground, metres.
        seen_from: keypoint to the share of `VIEWS` from which it is seen.
        extent_m: length, width, height.
    """

    missing: tuple[str, ...]
    asymmetry_m: Mapping[str, float]
    off_surface_m: Mapping[str, float]
    ground_gap_m: Mapping[str, float]
    seen_from: Mapping[str, float]
    extent_m: tuple[float, float, float]


def measure_model(mesh: LabelledMesh, schema: KeypointSchema) -> ModelMeasures:
    """Measure a labelled vehicle."""
    length, width, height = (float(side) for side in mesh.extent_m)
    surface = [k.name for k in schema.keypoints if k.kind == "surface" and k.name in mesh.labels]
    return ModelMeasures(
        missing=tuple(name for name in schema.names if name not in mesh.labels),
        asymmetry_m=_asymmetry(mesh, schema),
        off_surface_m=_off_surface(mesh, surface),
        ground_gap_m=_ground_gap(mesh),
        seen_from=seen_share(mesh, schema, VIEWS),
        extent_m=(length, width, height),
    )


def check_labelled_mesh(
    mesh: LabelledMesh,
    schema: KeypointSchema,
    measures: ModelMeasures | None = None,
    asymmetric: Collection[str] = (),
) -> list[str]:
    """What is wrong with a labelled vehicle, one line each; none where it is sound.

    Keypoints in `asymmetric`, and their pairs, need not be mirror images: an open door, a steered wheel.

    A keypoint that is missing is no fault by itself (see `ModelMeasures.missing`); half of a left/right pair is.
    """
    found = measures or measure_model(mesh, schema)
    return [*_wrong_extent(found), *_wrong_sides(mesh, schema), *_wrong_labels(schema, found, asymmetric)]


def _wrong_labels(schema: KeypointSchema, found: ModelMeasures, asymmetric: Collection[str]) -> list[str]:
    problems = []
    pairs = dict(schema.flip)
    for name, gap in found.asymmetry_m.items():
        if gap > MAX_ASYMMETRY_M and not {name, pairs[name]} & set(asymmetric):
            problems.append(f"{name}: is {gap:.3f} m from the mirror image of its pair; allowed: {MAX_ASYMMETRY_M:g}")
    for k in schema.keypoints:
        if (off := found.off_surface_m.get(k.name, 0.0)) > k.tolerance_m:
            problems.append(f"{k.name}: is {off:.3f} m off the surface; allowed: {k.tolerance_m:g}")
    for name, gap in found.ground_gap_m.items():
        if abs(gap) > MAX_GROUND_GAP_M:
            problems.append(
                f"{name}: the wheel's lowest point is {gap:+.3f} m over the ground; allowed: {MAX_GROUND_GAP_M:g}"
            )
    for name, share in found.seen_from.items():
        if share == 0:
            problems.append(f"{name}: cannot be seen from anywhere around; is it inside?")
    return problems


def _wrong_extent(found: ModelMeasures) -> list[str]:
    return [
        f"the vehicle is {side:.2f} m {word}; allowed: {low:g} to {high:g} (are unit and axes right?)"
        for side, (word, (low, high)) in zip(found.extent_m, EXTENT_M.items(), strict=True)
        if not low <= side <= high
    ]


def _wrong_sides(mesh: LabelledMesh, schema: KeypointSchema) -> list[str]:
    """Left must be left of right, and front in front of rear."""
    problems = []
    for left, right in schema.flip:
        if (left in mesh.labels) != (right in mesh.labels):
            problems.append(f"{left} and {right}: one is labelled and the other is not")
        elif left in mesh.labels and _mean(mesh, left)[1] <= _mean(mesh, right)[1]:
            problems.append(f"{left}: is not to the left of {right}; are they swapped, or forward or up wrong?")
    stems = dict.fromkeys(name.rpartition("_")[0] for name in schema.names)
    for stem in stems:
        front = [name for end in FRONT if (name := stem + end) in mesh.labels]
        rear = [name for end in REAR if (name := stem + end) in mesh.labels]
        if front and rear and max(_mean(mesh, n)[0] for n in rear) >= min(_mean(mesh, n)[0] for n in front):
            problems.append(f"{front[0]}: is not in front of {rear[0]}; are they swapped, or is forward wrong?")
    return problems


def _mean(mesh: LabelledMesh, name: str) -> NDArray[np.float64]:
    return np.asarray(mesh.place_positions(name).mean(axis=0))


def _asymmetry(mesh: LabelledMesh, schema: KeypointSchema) -> dict[str, float]:
    pairs = {
        left: (_mean(mesh, left), _mean(mesh, right))
        for left, right in schema.flip
        if left in mesh.labels and right in mesh.labels
    }
    if not pairs:
        return {}
    plane = float(np.median([(left[1] + right[1]) / 2 for left, right in pairs.values()]))
    mirrored = {name: right * [1, -1, 1] + [0, 2 * plane, 0] for name, (_, right) in pairs.items()}
    return {name: float(np.linalg.norm(left - mirrored[name])) for name, (left, _) in pairs.items()}


def _off_surface(mesh: LabelledMesh, names: Sequence[str]) -> dict[str, float]:
    """Keypoint to the distance of the furthest of its places from the surface."""
    corners = mesh.vertices[mesh.triangles]

    def distance(point: NDArray) -> float:
        return float(np.linalg.norm(closest_point(corners, point)[0] - point))

    return {name: max(distance(point) for point in mesh.place_positions(name)) for name in names}


def _ground_gap(mesh: LabelledMesh) -> dict[str, float]:
    gaps = {}
    for name, parts in mesh.own_parts.items():
        mine = np.isin(mesh.triangle_part, [mesh.parts.index(part) for part in parts])
        if name.startswith("wheel") and mine.any():
            gaps[name] = float(mesh.vertices[mesh.triangles[mine]][..., 2].min())
    return gaps
