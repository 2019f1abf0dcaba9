"""A z-buffer: which triangle is seen at each pixel, and how deep every triangle lies under one point.

Coverage is decided at pixel centres. Depth is along the camera's view axis, in metres; its inverse is linear over
the image of a flat triangle, which is how it is interpolated.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.camera import Camera
from pipeline.raster_kernels import fill, select, under

NEAR_M = 0.01


@dataclass(frozen=True)
class ScreenTriangles:
    """Triangles projected into an image, cut off at the near plane.

    Attributes:
        corners: (T, 3, 2) pixels.
        inverse_depth: (T, 3) one over metres.
        source: (T,) index of the world triangle that each comes from; cutting can make two of one.
    """

    corners: NDArray[np.float64]
    inverse_depth: NDArray[np.float64]
    source: NDArray[np.int64]


def project_triangles(camera: Camera, vertices: ArrayLike, triangles: ArrayLike) -> ScreenTriangles:
    """World vertices (V, 3) and triangles (T, 3) in the ideal image; those behind the camera or off its frame are gone.

    A lens bends the edges of triangles, so it has no part in this: its image is sampled at `Camera.undistort`.
    """
    points, faces = camera.to_camera(vertices), np.ascontiguousarray(triangles, dtype=np.int64)
    bounds = camera.ideal_bounds
    ahead = points[:, 2] > NEAR_M
    whole = _in_frame(camera, points, ahead, faces, bounds)
    pieces, source = _cut_all(points, ahead, faces)
    cut = _in_frame(camera, pieces.reshape(-1, 3), None, np.arange(3 * len(pieces)).reshape(-1, 3), bounds)
    return ScreenTriangles(
        np.concatenate([whole.corners, cut.corners]),
        np.concatenate([whole.inverse_depth, cut.inverse_depth]),
        np.concatenate([whole.source, source[cut.source]]),
    )


def _in_frame(
    camera: Camera,
    points: NDArray[np.float64],
    ahead: NDArray[np.bool_] | None,
    triangles: NDArray[np.int64],
    bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> ScreenTriangles:
    """Those triangles of camera points (V, 3) that are wholly ahead and touch the frame's `bounds`."""
    kept = np.ones(len(points), dtype=bool) if ahead is None else ahead
    depth = np.where(kept, points[:, 2], 1.0)
    pixels = (points @ camera.intrinsics.T)[:, :2] / depth[:, None]
    chosen = np.flatnonzero(select(pixels, kept, triangles, *bounds))
    corners = triangles[chosen]
    return ScreenTriangles(pixels[corners], 1.0 / depth[corners], chosen)


def rasterize(screen: ScreenTriangles, width: int, height: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Depth (H, W) in metres, inf where nothing is, and the world triangle seen (H, W), -1 where none is."""
    nearest, winner = np.zeros((height, width)), np.full((height, width), -1, dtype=np.int64)
    fill(screen.corners, screen.inverse_depth, nearest, winner)
    return depth_and_source(screen, nearest, winner)


def depth_and_source(
    screen: ScreenTriangles, nearest: NDArray[np.float64], winner: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """From inverse depths and the numbers of screen triangles to metres and the numbers of world triangles."""
    with np.errstate(divide="ignore"):
        depth = 1.0 / nearest
    return depth, np.where(winner >= 0, np.append(screen.source, -1)[winner], -1)


def depths_at(screen: ScreenTriangles, pixel: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Depth in metres and world triangle of everything under one image point (2,), exactly, in no order."""
    x, y = np.asarray(pixel, dtype=np.float64)
    inverse, number = under(screen.corners, screen.inverse_depth, x, y)
    return 1.0 / inverse, screen.source[number]


def _cut_all(
    points: NDArray[np.float64], ahead: NDArray[np.bool_], triangles: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """What lies ahead (P, 3, 3) of the triangles that cross the near plane, and which (P,) each piece is of."""
    count = ahead[triangles].sum(axis=1)
    crossing = np.flatnonzero((count > 0) & (count < 3))
    cut = [(_cut(points[triangles[i]], ahead[triangles[i]]), i) for i in crossing]
    pieces = [piece for found, _ in cut for piece in found]
    source = [i for found, i in cut for _ in found]
    return np.array(pieces).reshape(-1, 3, 3), np.array(source, dtype=np.int64)


def _cut(triangle: NDArray, ahead: NDArray) -> list[NDArray]:
    """One triangle (3, 3) that crosses the near plane, as one or two that do not (Sutherland-Hodgman)."""
    polygon = []
    for i in range(3):
        here, there = triangle[i], triangle[(i + 1) % 3]
        if ahead[i]:
            polygon.append(here)
        if ahead[i] != ahead[(i + 1) % 3]:
            share = (NEAR_M - here[2]) / (there[2] - here[2])
            polygon.append(here + share * (there - here))
    return [np.array([polygon[0], polygon[i], polygon[i + 1]]) for i in range(1, len(polygon) - 1)]
