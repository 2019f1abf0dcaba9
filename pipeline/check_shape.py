"""Is a vehicle's surface sound? Measures of what no label tells: mirror symmetry, floating pieces, clear wheels."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from pipeline.vehicle import LabelledMesh

SAMPLES = 60_000
"""Points spread over the surface: 2 to 3 cm apart on a car."""
TWIN_M = 0.04
CONTACT_M = 0.04
WELD_M = 1e-4
THIN_OUT_M = 0.012
"""Of each piece one point per cell of this size is enough."""
MAX_UNPAIRED = 0.15
"""A steering wheel and a wiper are a per cent or two; an open door and a box on one side of the roof are 13 together;
a car that lies askew is half."""
MAX_CLASH_M = 0.015
TYRE_SHARE = 0.8
STUB_SHARE = 0.5
"""An axle's stub may reach further from a wheel's middle than its tyre does, but not so far from the axis."""
AXIS_PASSES = 5
"""The first takes a stub for part of the tyre."""


@dataclass(frozen=True)
class ShapeMeasures:
    """What was measured.

    Attributes:
        unpaired_share: share of the surface whose mirror image, in the plane y = 0, is no surface within `TWIN_M`.
        floating: part to how far, in metres, its nearest floating piece is from what hangs together with the body.
        clash_m: wheel keypoint to how deep other parts reach into the cylinder of its tyre, metres.
    """

    unpaired_share: float
    floating: Mapping[str, float]
    clash_m: Mapping[str, float]


def measure_shape(mesh: LabelledMesh) -> ShapeMeasures:
    """Measure a vehicle in its own frame; the same mesh gives the same figures."""
    points, triangle = _spread(mesh)
    return ShapeMeasures(_unpaired(points), _floating(mesh, points, triangle), _clashes(mesh, points, triangle))


def check_shape(found: ShapeMeasures) -> list[str]:
    """What is wrong with a shape, one line each."""
    problems = check_mirrored(found)
    for part, gap in found.floating.items():
        problems.append(f"{part}: a piece of it floats {gap:.3f} m off the rest; allowed: {CONTACT_M:g}")
    for wheel, depth in found.clash_m.items():
        if depth > MAX_CLASH_M:
            problems.append(f"{wheel}: something reaches {depth:.3f} m into its tyre; allowed: {MAX_CLASH_M:g}")
    return problems


def check_mirrored(found: ShapeMeasures) -> list[str]:
    """The fault that any model may have: a line if left and right differ grossly."""
    if found.unpaired_share <= MAX_UNPAIRED:
        return []
    return [
        f"{found.unpaired_share:.0%} of the surface has no mirror image on the other side; "
        f"allowed: {MAX_UNPAIRED:.0%} (does it lie askew, or off the middle?)"
    ]


def _spread(mesh: LabelledMesh) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Points (N, 3) evenly over the surface, and all corners; and the triangle (N,) of each."""
    solid = trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False)
    points, triangle = trimesh.sample.sample_surface(solid, SAMPLES, seed=0)
    corners = mesh.vertices[mesh.triangles].reshape(-1, 3)
    return (
        np.concatenate([points, corners]),
        np.concatenate([triangle, np.repeat(np.arange(len(mesh.triangles)), 3)]),
    )


def _unpaired(points: NDArray) -> float:
    spread = points[:SAMPLES]
    distance, _ = cKDTree(points).query(spread * [1, -1, 1], distance_upper_bound=TWIN_M)
    return float(np.isinf(distance).mean())


def _floating(mesh: LabelledMesh, points: NDArray, triangle: NDArray) -> dict[str, float]:
    """Pieces are what welded triangles make; those that touch hang together; the largest such group is the vehicle."""
    piece = _pieces(mesh)[triangle]
    _, kept = np.unique(_cells(points, THIN_OUT_M) * (piece.max() + 1) + piece, return_index=True)
    points, piece, triangle = points[kept], piece[kept], triangle[kept]
    pairs = cKDTree(points).query_pairs(CONTACT_M, output_type="ndarray")
    touching = piece[pairs][np.diff(piece[pairs], axis=1).ravel() != 0]
    group = _linked(touching, int(piece.max()) + 1)[piece]
    vehicle = np.bincount(group).argmax()
    rest = cKDTree(points[group == vehicle])
    floating: dict[str, float] = {}
    for number in np.unique(group[group != vehicle]):
        mine = group == number
        part = mesh.parts[mesh.triangle_part[triangle[mine][0]]]
        gap = float(rest.query(points[mine])[0].min())
        floating[part] = min(gap, floating.get(part, np.inf))
    return floating


def _pieces(mesh: LabelledMesh) -> NDArray[np.int64]:
    """The number (T,) of the connected piece that each triangle belongs to, vertices welded."""
    _, welded = np.unique(_cells(mesh.vertices, WELD_M), return_inverse=True)
    corners = welded[mesh.triangles]
    edges = np.concatenate([corners[:, :2], corners[:, 1:]])
    return _linked(edges, int(welded.max()) + 1)[corners[:, 0]]


def _cells(points: NDArray, size: float) -> NDArray[np.int64]:
    """One number (N,) for each point's cell in a grid: numbers sort faster than rows."""
    x, y, z = ((points - points.min(axis=0)) / size).round().astype(np.int64).T
    return np.asarray((x * (y.max() + 1) + y) * (z.max() + 1) + z)


def _linked(pairs: NDArray, count: int) -> NDArray[np.int64]:
    graph = coo_array((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1])


def _clashes(mesh: LabelledMesh, points: NDArray, triangle: NDArray) -> dict[str, float]:
    """How deep points of other parts lie inside each wheel's cylinder, as wide as its tyre."""
    depths, owner = {}, mesh.triangle_part[triangle]
    for name, parts in mesh.own_parts.items():
        numbers = [mesh.parts.index(part) for part in parts]
        own = np.isin(mesh.triangle_part, numbers)
        if not name.startswith("wheel") or not own.any():
            continue
        middle, axis, radius, half = _cylinder(mesh.vertices[np.unique(mesh.triangles[own])])
        along, off_axis = _about(points[~np.isin(owner, numbers)], middle, axis)
        depths[name] = float(max(np.minimum(radius - off_axis, half - np.abs(along)).max(), 0.0))
    return depths


def _cylinder(wheel: NDArray) -> tuple[NDArray, NDArray, float, float]:
    """Middle (3,), axis (3,), radius and half width of the tyre among a wheel's points (N, 3); it may be steered."""
    middle, clear = (wheel.min(axis=0) + wheel.max(axis=0)) / 2, np.ones(len(wheel), dtype=bool)
    for _ in range(AXIS_PASSES):
        reach = np.linalg.norm(wheel - middle, axis=1)  # whole rings of the tyre, however askew the axis still is
        tyre = wheel[clear & (reach > TYRE_SHARE * reach[clear].max())]
        own_axes = np.linalg.eigh(np.cov(tyre.T))[1]  # the first is that along which a tyre is least long
        placed = tyre @ own_axes
        middle, axis = own_axes @ (placed.min(axis=0) + placed.max(axis=0)) / 2, own_axes[:, 0]
        along, off_axis = _about(wheel, middle, axis)
        clear = off_axis > STUB_SHARE * off_axis.max()
    return middle, axis, float(off_axis.max()), float(np.ptp(along[off_axis > TYRE_SHARE * off_axis.max()])) / 2


def _about(points: NDArray, middle: NDArray, axis: NDArray) -> tuple[NDArray, NDArray]:
    """How far points (N, 3) lie along an axis from the middle, and how far off it; (N,) each."""
    off = points - middle
    along = off @ axis
    return along, np.linalg.norm(off - along[:, None] * axis, axis=1)
