"""From which directions is each keypoint of a vehicle seen, by someone far away?"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.keypoints import Keypoint, KeypointSchema
from pipeline.vehicle import LabelledMesh
from pipeline.viewpoint import view_direction

FAR_M = 1000.0
EDGE_ON_M2 = 1e-12


def seen_share(mesh: LabelledMesh, schema: KeypointSchema, views: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Keypoint to the share of `views` (azimuth and elevation, degrees) from which it is seen.

    The rule is that of `pipeline.visibility`: hidden is what lies behind a surface by more than its tolerance, where
    its own part does not count. Lines of sight are parallel: perspective would change little, and cost much.
    """
    keypoints = [k for k in schema.keypoints if k.name in mesh.labels]
    seen = dict.fromkeys((k.name for k in keypoints), 0)
    own = {k.name: _own_triangles(mesh, k) for k in keypoints}
    for azimuth, elevation in views:
        direction = view_direction(azimuth, elevation)
        points = np.array([mesh.keypoint_position(k.name, mesh.centre + FAR_M * direction) for k in keypoints])
        for keypoint, hiders in zip(keypoints, _hiders(mesh, direction, points, keypoints), strict=True):
            seen[keypoint.name] += not (set(hiders.tolist()) - own[keypoint.name])
    return {name: count / len(views) for name, count in seen.items()}


def _own_triangles(mesh: LabelledMesh, keypoint: Keypoint) -> set[int]:
    if keypoint.kind != "volume":
        return set()
    parts = [mesh.parts.index(part) for part in mesh.own_parts.get(keypoint.name, ())]
    return set(np.flatnonzero(np.isin(mesh.triangle_part, parts)).tolist())


def _hiders(
    mesh: LabelledMesh, direction: NDArray, points: NDArray, keypoints: Sequence[Keypoint]
) -> Iterator[NDArray[np.int64]]:
    """For each point the triangles between it and someone far off in `direction`."""
    axes = _axes_across(direction).astype(np.float32)
    corners = (axes @ mesh.vertices.T.astype(np.float32))[:, mesh.triangles.T]  # (across, across, along), corner, T
    (left, lower), (right, upper) = corners[:2].min(axis=1), corners[:2].max(axis=1)
    nearest = corners[2].max(axis=0)
    for point, keypoint in zip(points, keypoints, strict=True):
        x, y, depth = (axes @ point).astype(np.float32)
        beside = (left <= x) & (right >= x) & (lower <= y) & (upper >= y) & (nearest > depth + keypoint.tolerance_m)
        over = np.flatnonzero(beside)
        yield over[_covers(corners[:, :, over], x, y, depth + keypoint.tolerance_m)]


def _axes_across(direction: NDArray) -> NDArray[np.float64]:
    """Rows: two unit vectors across the direction, and the direction itself."""
    helper = np.array([0.0, 0.0, 1.0]) if abs(direction[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    across = np.cross(helper, direction)
    across /= np.linalg.norm(across)
    return np.stack([across, np.cross(direction, across), direction])


def _covers(corners: NDArray, x: float, y: float, depth: float) -> NDArray[np.bool_]:
    """Which triangles, corners (3, 3, N) across and along the line of sight, lie over a point and nearer than it."""
    start, first, second = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = first[0] * second[1] - first[1] * second[0]
    area = np.where(np.abs(area) > EDGE_ON_M2, area, np.inf)
    beta = ((x - start[0]) * second[1] - (y - start[1]) * second[0]) / area
    gamma = (first[0] * (y - start[1]) - first[1] * (x - start[0])) / area
    height = start[2] + beta * first[2] + gamma * second[2]
    inside = (beta >= 0) & (gamma >= 0) & (beta + gamma <= 1) & np.isfinite(area)
    return np.asarray(inside & (height > depth))
