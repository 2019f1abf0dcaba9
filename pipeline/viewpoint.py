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
    is `draw.fill`, unless the camera would come nearer than to the points themselves; then the image is shifted.
    """
    cloud = np.asarray(points, dtype=np.float64)
    target = (cloud.min(axis=0) + cloud.max(axis=0)) / 2
    reach = float(np.linalg.norm(cloud - target, axis=1).max())
    near, far = 0.7 * reach, 4000.0 * reach
    for _ in range(60):
        middle = (near * far) ** 0.5
        if _fill(_camera_at(draw, middle, target, width, height), cloud) > draw.fill:
            near = middle
        else:
            far = middle
    return _shifted(_camera_at(draw, far, target, width, height), cloud, draw)


def view_direction(azimuth_deg: float, elevation_deg: float) -> NDArray[np.float64]:
    """Unit vector (3,) from the vehicle to the camera: azimuth 0 is straight ahead of it, 90 on its left."""
    azimuth, elevation = np.radians(azimuth_deg), np.radians(elevation_deg)
    return np.array(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)],
    )


def _camera_at(draw: CameraDraw, distance: float, target: NDArray, width: int, height: int) -> Camera:
    position = target + distance * view_direction(draw.azimuth_deg, draw.elevation_deg)
    position[2] = max(position[2], MIN_HEIGHT_M)
    return Camera(
        width=width,
        height=height,
        intrinsics=intrinsics_from_lens(width, height, draw.lens_mm),
        world_from_camera=look_at(position, target, np.radians(draw.roll_deg)),
    )


def _fill(camera: Camera, cloud: NDArray) -> float:
    pixels, depth = camera.project(cloud)
    if (depth <= 0).any():
        return np.inf
    return float((np.ptp(pixels, axis=0) / [camera.width, camera.height]).max())


def _shifted(camera: Camera, cloud: NDArray, draw: CameraDraw) -> Camera:
    """Turn the camera so that the middle of the vehicle's box lands where the shift says."""
    for _ in range(4):
        pixels, _ = camera.project(cloud)
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
