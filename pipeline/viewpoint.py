"""From what a spec says of the camera (size in the image, azimuth, elevation, lens) to a pose."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.camera import Camera, intrinsics_from_lens, look_at
from pipeline.plan import CameraDraw

MIN_HEIGHT_M = 0.15
"""A camera is never put lower over the ground than this."""


def place_camera(draw: CameraDraw, points: ArrayLike, width: int, height: int) -> Camera:
    """The camera from which `points` (N, 3), vehicle frame (its vertices, or their hull), fill the image as drawn.

    The distance is found by bisection, so that the larger of box width / image width and box height / image height
    is `draw.fill`; it stays larger than where the camera would enter the vehicle. Then the box has its middle where
    the shift says.
    """
    cloud = extreme_points(points)
    target = (cloud.min(axis=0) + cloud.max(axis=0)) / 2
    reach = float(np.linalg.norm(cloud - target, axis=1).max())
    near, far = 0.7 * reach, 4000.0 * reach
    for _ in range(40):
        middle = (near * far) ** 0.5
        if _fill(_camera_at(draw, middle, target, cloud, width, height), cloud) > draw.fill:
            near = middle
        else:
            far = middle
    return _camera_at(draw, far, target, cloud, width, height)


def extreme_points(points: ArrayLike, directions: int = 160) -> NDArray[np.float64]:
    """The points (N, 3) that lie furthest in each of many directions: they project to the same box as all of them."""
    cloud = np.asarray(points, dtype=np.float64)
    if len(cloud) <= directions:
        return cloud
    number = np.arange(directions) + 0.5  # Fibonacci's even spread over the sphere
    polar, around = np.arccos(1 - 2 * number / directions), np.pi * (1 + 5**0.5) * number
    rays = np.stack([np.cos(around) * np.sin(polar), np.sin(around) * np.sin(polar), np.cos(polar)])
    return cloud[np.unique((cloud.astype(np.float32) @ rays.astype(np.float32)).argmax(axis=0))]


def view_direction(azimuth_deg: float, elevation_deg: float) -> NDArray[np.float64]:
    """Unit vector (3,) from the vehicle to the camera: azimuth 0 is straight ahead of it, 90 on its left."""
    azimuth, elevation = np.radians(azimuth_deg), np.radians(elevation_deg)
    return np.array(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)],
    )


def _camera_at(draw: CameraDraw, distance: float, target: NDArray, cloud: NDArray, width: int, height: int) -> Camera:
    position = target + distance * view_direction(draw.azimuth_deg, draw.elevation_deg)
    position[2] = max(position[2], MIN_HEIGHT_M)
    camera = Camera(
        width=width,
        height=height,
        intrinsics=intrinsics_from_lens(width, height, draw.lens_mm),
        world_from_camera=look_at(position, target, np.radians(draw.roll_deg)),
    )
    return _shifted(camera, cloud, draw)


def _fill(camera: Camera, cloud: NDArray) -> float:
    pixels, depth = camera.project(cloud)
    if (depth <= 0).any():
        return np.inf
    return float((np.ptp(pixels, axis=0) / [camera.width, camera.height]).max())


def _shifted(camera: Camera, cloud: NDArray, draw: CameraDraw) -> Camera:
    """Turn the camera so that the middle of the vehicle's box lands where the shift says."""
    for _ in range(8):
        pixels, depth = camera.project(cloud)
        if (depth <= 0).any():
            return camera
        middle = (pixels.min(axis=0) + pixels.max(axis=0)) / 2
        wanted = np.array([(0.5 + draw.shift_x) * camera.width, (0.5 + draw.shift_y) * camera.height])
        camera = _turned(camera, middle, wanted)
    return camera


def _turned(camera: Camera, source: NDArray, goal: NDArray) -> Camera:
    """The camera rotated about its centre so that what was seen at pixel `source` is seen at `goal`."""
    inverse = np.linalg.inv(camera.intrinsics)
    was, becomes = (ray / np.linalg.norm(ray) for ray in (inverse @ [*source, 1.0], inverse @ [*goal, 1.0]))
    axis = np.cross(becomes, was)
    sine, cosine = float(np.linalg.norm(axis)), float(was @ becomes)
    if sine < 1e-12:
        return camera
    x, y, z = axis / sine
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    pose = camera.world_from_camera.copy()
    pose[:3, :3] = pose[:3, :3] @ (np.eye(3) + sine * skew + (1 - cosine) * skew @ skew)
    return replace(camera, world_from_camera=pose)
