"""A z-buffer in numpy: which triangle is seen at each pixel, and how deep every triangle lies under one point.

Coverage is decided at pixel centres. Depth is along the camera's view axis, in metres; its inverse is linear over
the image of a flat triangle, which is how it is interpolated.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.barycentric import Across, barycentric, count_up, weighted, within
from pipeline.camera import Camera

NEAR_M = 0.01
PAIRS_AT_ONCE = 250_000
"""Of pixels and triangles: few enough that what is computed of them stays in the processor's cache."""


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

    @cached_property
    def boxes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Least and greatest x, y of each triangle, (T, 2) each, pixels."""
        return _boxes(self.corners)

    @cached_property
    def sides(self) -> tuple[NDArray[np.float64], ...]:
        """Least x, least y, greatest x and greatest y of each triangle, (T,) each, pixels."""
        return tuple(np.ascontiguousarray(values) for end in self.boxes for values in end.T)


def project_triangles(camera: Camera, vertices: ArrayLike, triangles: ArrayLike) -> ScreenTriangles:
    """World vertices (V, 3) and triangles (T, 3) in the ideal image; those behind the camera or off its frame are gone.

    A lens bends the edges of triangles, so it has no part in this: its image is sampled at `Camera.undistort`.
    """
    points, three = camera.to_camera(vertices), np.asarray(triangles)
    source = np.arange(len(three))
    if (points[:, 2] > NEAR_M).all():  # then each vertex is projected once, and not with each of its triangles
        corners, depth = _pictured(points, camera)[three], points[:, 2][three]
    else:
        clipped, source = _clip_near(points[three], source)
        corners, depth = _pictured(clipped, camera), clipped[..., 2]
    (low, high), (upper_left, lower_right) = _boxes(corners), camera.ideal_bounds
    seen = (high[:, 0] >= upper_left[0]) & (high[:, 1] >= upper_left[1])
    seen &= (low[:, 0] <= lower_right[0]) & (low[:, 1] <= lower_right[1])
    edge_on = np.abs(_twice_area(corners)) < 1e-12
    keep = seen & ~edge_on
    return ScreenTriangles(corners[keep], 1.0 / depth[keep], source[keep])


def _pictured(points: NDArray, camera: Camera) -> NDArray[np.float64]:
    """Ideal pixels (..., 2) of points (..., 3) in the camera frame."""
    return np.asarray((points @ camera.intrinsics.T)[..., :2] / points[..., 2:])


def rasterize(screen: ScreenTriangles, width: int, height: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Depth (H, W) in metres, inf where nothing is, and the world triangle seen (H, W), -1 where none is."""
    nearest = np.zeros(height * width)
    winner = np.full(height * width, -1, dtype=np.int64)
    first, extent = _pixel_boxes(screen, width, height)
    for rows in _batches(extent):
        pixel, triangle, inverse = _covered(screen, rows, first[rows], extent[rows], width)
        np.maximum.at(nearest, pixel, inverse)
        won = inverse == nearest[pixel]
        winner[pixel[won]] = screen.source[triangle[won]]
    with np.errstate(divide="ignore"):
        depth = 1.0 / nearest
    return depth.reshape(height, width), winner.reshape(height, width)


def depths_at(screen: ScreenTriangles, pixel: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Depth in metres and world triangle of everything under one image point (2,), exactly, in no order."""
    point = np.asarray(pixel, dtype=np.float64)
    left, top, right, bottom = screen.sides
    candidates = np.flatnonzero((left <= point[0]) & (right >= point[0]) & (top <= point[1]) & (bottom >= point[1]))
    weights = barycentric(screen.corners[candidates], point)
    inside = (weights >= 0).all(axis=-1)
    inverse = (weights[inside] * screen.inverse_depth[candidates[inside]]).sum(axis=-1)
    return 1.0 / inverse, screen.source[candidates[inside]]


def _boxes(corners: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and greatest x, y of triangles (T, 3, 2), (T, 2) each."""
    # over so short an axis numpy's own reduction takes ten times as long
    one, two, three = corners[:, 0], corners[:, 1], corners[:, 2]
    return np.minimum(np.minimum(one, two), three), np.maximum(np.maximum(one, two), three)


def _twice_area(corners: NDArray) -> NDArray:
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]


def _pixel_boxes(screen: ScreenTriangles, width: int, height: int) -> tuple[NDArray, NDArray]:
    """First pixel (T, 2) whose centre may lie in each triangle, and the number of columns and rows (T, 2)."""
    size, (low, high) = np.array([width, height]), screen.boxes
    first = np.clip(np.ceil(low - 0.5), 0, size).astype(np.int64)
    last = np.clip(np.floor(high - 0.5) + 1, 0, size).astype(np.int64)
    return first, np.maximum(last - first, 0)


def _batches(extent: NDArray) -> list[NDArray[np.int64]]:
    """Groups of triangles whose boxes, of columns and rows (T, 2), together hold few enough pixels."""
    total = np.cumsum(extent[:, 0] * extent[:, 1])
    group = total // PAIRS_AT_ONCE
    drawn = np.flatnonzero((extent[:, 0] > 0) & (extent[:, 1] > 0))
    return np.split(drawn, np.flatnonzero(np.diff(group[drawn])) + 1) if len(drawn) else []


def _covered(
    screen: ScreenTriangles, rows: NDArray, first: NDArray, extent: NDArray, width: int
) -> tuple[NDArray, NDArray, NDArray]:
    """Every (pixel, triangle) pair in which the pixel's centre lies in the triangle, with the inverse depth there.

    Of triangles `rows`, whose boxes of pixels begin at `first` and have `extent` columns and rows.
    """
    box = np.repeat(np.arange(len(rows)), extent[:, 1])  # runs: each row of each triangle's box
    row = first[box, 1] + count_up(extent[:, 1])
    across = Across(screen.corners[rows])
    low, high = across.reach(box, row + 0.5, first[box, 0], first[box, 0] + extent[box, 0])
    length = np.maximum(high - low, 0)
    column = np.repeat(low, length) + count_up(length)
    weights = across.weights(box, length, column + 0.5, np.repeat(row + 0.5, length))
    inside = within(weights)
    triangle = np.repeat(rows[box], length)[inside]
    pixel = np.repeat(row * width, length)[inside] + column[inside]
    return pixel, triangle, weighted(weights, inside, screen.inverse_depth[triangle])


def _clip_near(points: NDArray, source: NDArray) -> tuple[NDArray, NDArray]:
    """Triangles (T, 3, 3) in the camera frame, without the part nearer than NEAR_M."""
    ahead = points[..., 2] > NEAR_M
    whole = ahead[:, 0] & ahead[:, 1] & ahead[:, 2]
    if whole.all():
        return points, source
    some = ahead[:, 0] | ahead[:, 1] | ahead[:, 2]
    cut = [(_cut(points[i], ahead[i]), source[i]) for i in np.flatnonzero(some & ~whole)]
    extra = [triangle for pieces, _ in cut for triangle in pieces]
    origin = [index for pieces, index in cut for _ in pieces]
    return (
        np.concatenate([points[whole], np.array(extra).reshape(-1, 3, 3)]),
        np.concatenate([source[whole], np.array(origin, dtype=np.int64)]),
    )


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
