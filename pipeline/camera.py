"""The pinhole camera: world points to pixels, and poses that look at a target.

Frames. World and vehicle: ISO 8855, x forward, y left, z up, metres. Camera: OpenCV's, x right, y down, z along
the view. Image: COCO's, x right, y down, pixels, (0, 0) at the outer corner of the top-left pixel.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.geometry import readonly

BLENDER_FROM_OPENCV = np.diag([1.0, -1.0, -1.0, 1.0])
"""Blender's camera looks along its -z with y up; OpenCV's along +z with y down."""


@dataclass(frozen=True)
class Camera:
    """Intrinsics and pose of one image.

    Attributes:
        width, height: image size in pixels.
        intrinsics: K, (3, 3), pixels.
        world_from_camera: (4, 4) rigid transform, OpenCV camera frame to world, metres.
    """

    width: int
    height: int
    intrinsics: NDArray[np.float64]
    world_from_camera: NDArray[np.float64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "intrinsics", readonly(self.intrinsics, (3, 3), "intrinsics"))
        object.__setattr__(self, "world_from_camera", readonly(self.world_from_camera, (4, 4), "world_from_camera"))

    @property
    def position(self) -> NDArray[np.float64]:
        """Centre of projection in the world, (3,) metres."""
        return self.world_from_camera[:3, 3]

    def to_camera(self, points_world: ArrayLike) -> NDArray[np.float64]:
        """World points (N, 3) in the camera frame, (N, 3) metres."""
        points = np.asarray(points_world, dtype=np.float64)
        return (points - self.position) @ self.world_from_camera[:3, :3]

    def project(self, points_world: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pixels (N, 2) and depth (N,) in metres along the view axis; pixels are NaN where depth <= 0."""
        in_camera = self.to_camera(points_world)
        depth = in_camera[:, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            pixels = (in_camera @ self.intrinsics.T)[:, :2] / depth[:, None]
        pixels[depth <= 0] = np.nan
        return pixels, depth

    def contains(self, pixels: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the pixels (N, 2) lie in the frame; NaN does not."""
        with np.errstate(invalid="ignore"):
            return np.asarray(
                (pixels[:, 0] >= 0) & (pixels[:, 0] < self.width) & (pixels[:, 1] >= 0) & (pixels[:, 1] < self.height)
            )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, read back by `camera_from_json`."""
        return {
            "width": self.width,
            "height": self.height,
            "intrinsics": self.intrinsics.tolist(),
            "world_from_camera": self.world_from_camera.tolist(),
        }


def camera_from_json(value: dict[str, Any]) -> Camera:
    """The camera that `Camera.to_json` wrote."""
    return Camera(
        width=value["width"],
        height=value["height"],
        intrinsics=np.array(value["intrinsics"]),
        world_from_camera=np.array(value["world_from_camera"]),
    )


def intrinsics_from_lens(width: int, height: int, lens_mm: float, sensor_mm: float = 36.0) -> NDArray[np.float64]:
    """K of a centred lens whose sensor's longer side is `sensor_mm` (Blender's sensor fit AUTO), square pixels."""
    focal_px = lens_mm / sensor_mm * max(width, height)
    return np.array([[focal_px, 0.0, width / 2], [0.0, focal_px, height / 2], [0.0, 0.0, 1.0]])


def look_at(position: ArrayLike, target: ArrayLike, roll_rad: float = 0.0) -> NDArray[np.float64]:
    """world_from_camera (4, 4) of a camera at `position` that looks at `target`, z up, then rolled clockwise.

    Raises:
        ValueError: position and target coincide, or the view is vertical (up is undefined).
    """
    eye, goal = np.asarray(position, float), np.asarray(target, float)
    forward = goal - eye
    right = np.cross(forward, [0.0, 0.0, 1.0])
    if np.linalg.norm(right) < 1e-9 * max(1.0, float(np.linalg.norm(forward))):
        raise ValueError(f"camera at {eye.tolist()} looks straight up or down, or at itself, at {goal.tolist()}")
    forward, right = forward / np.linalg.norm(forward), right / np.linalg.norm(right)
    down = np.cross(forward, right)
    cos, sin = np.cos(roll_rad), np.sin(roll_rad)
    pose = np.eye(4)
    pose[:3, 0] = cos * right + sin * down
    pose[:3, 1] = cos * down - sin * right
    pose[:3, 2] = forward
    pose[:3, 3] = eye
    return pose
