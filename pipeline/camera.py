"""The camera: world points to pixels, and poses that look at a target. A pinhole, with or without a lens that bends.

Frames. World and vehicle: ISO 8855, x forward, y left, z up, metres. Camera: OpenCV's, x right, y down, z along
the view. Image: COCO's, x right, y down, pixels, (0, 0) at the outer corner of the top-left pixel.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.geometry import readonly
from pipeline.lens import Distortion

BLENDER_FROM_OPENCV = np.diag([1.0, -1.0, -1.0, 1.0])
"""Blender's camera looks along its -z with y up; OpenCV's along +z with y down."""


@dataclass(frozen=True)
class Camera:
    """Intrinsics and pose of one image.

    Attributes:
        width, height: image size in pixels.
        intrinsics: K, (3, 3), pixels.
        world_from_camera: (4, 4) rigid transform, OpenCV camera frame to world, metres.
        distortion: what the lens does; None for a pinhole. *Ideal* pixels are those of the pinhole with this K.
    """

    width: int
    height: int
    intrinsics: NDArray[np.float64]
    world_from_camera: NDArray[np.float64]
    distortion: Distortion | None = None

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
        """Pixels (N, 2) and depth (N,) in metres along the view axis; pixels are NaN where nothing is pictured.

        That is where depth <= 0, and beyond the lens's fold.
        """
        pixels, depth = self.project_ideal(points_world)
        return self.distort(pixels), depth

    def project_ideal(self, points_world: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """As `project`, without the lens."""
        in_camera = self.to_camera(points_world)
        depth = in_camera[:, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            pixels = (in_camera @ self.intrinsics.T)[:, :2] / depth[:, None]
        pixels[depth <= 0] = np.nan
        return pixels, depth

    def distort(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the lens pictures ideal pixels (N, 2)."""
        if self.distortion is None:
            return pixels
        return self._from_focal(self.distortion.distort(self._to_focal(pixels)))

    def undistort(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """The ideal pixels (N, 2) of what is pictured at `pixels`."""
        if self.distortion is None:
            return pixels
        return self._from_focal(self.distortion.undistort(self._to_focal(pixels)))

    @cached_property
    def ideal_bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Least and greatest ideal x, y, (2,) each, of what the image shows.

        Raises:
            ValueError: the lens pictures nothing in the image's corners.
        """
        corners = np.zeros(2), np.array([self.width, self.height], dtype=np.float64)
        if self.distortion is None:
            return corners
        border = self.undistort(border_points(self.width, self.height))
        if np.isnan(border).any():
            raise ValueError(f"distortion {self.distortion.coefficients} does not reach the corners of the image")
        return border.min(axis=0), border.max(axis=0)

    def widened(self, left: int, top: int, right: int, bottom: int) -> "Camera":
        """A pinhole that stands where this camera does and sees so many more pixels on each side."""
        intrinsics = self.intrinsics.copy()
        intrinsics[:2, 2] += [left, top]
        return replace(
            self,
            width=self.width + left + right,
            height=self.height + top + bottom,
            intrinsics=intrinsics,
            distortion=None,
        )

    def _to_focal(self, pixels: NDArray) -> NDArray[np.float64]:
        return (pixels - self.intrinsics[:2, 2]) @ np.linalg.inv(self.intrinsics[:2, :2]).T

    def _from_focal(self, points: NDArray) -> NDArray[np.float64]:
        return points @ self.intrinsics[:2, :2].T + self.intrinsics[:2, 2]

    def contains(self, pixels: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the pixels (N, 2) lie in the frame; NaN does not."""
        with np.errstate(invalid="ignore"):
            return np.asarray(
                (pixels[:, 0] >= 0) & (pixels[:, 0] < self.width) & (pixels[:, 1] >= 0) & (pixels[:, 1] < self.height)
            )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, read back by `camera_from_json`; `distortion` (k1 k2 p1 p2 k3) only where there is one."""
        pinhole = {
            "width": self.width,
            "height": self.height,
            "intrinsics": self.intrinsics.tolist(),
            "world_from_camera": self.world_from_camera.tolist(),
        }
        if self.distortion is None:
            return pinhole
        return pinhole | {"distortion": list(self.distortion.coefficients)}


def camera_from_json(value: dict[str, Any]) -> Camera:
    """The camera that `Camera.to_json` wrote.

    Raises:
        ValueError: its distortion is not purely radial with k1 and k2.
    """
    return Camera(
        width=value["width"],
        height=value["height"],
        intrinsics=np.array(value["intrinsics"]),
        world_from_camera=np.array(value["world_from_camera"]),
        distortion=_distortion_from_json(value["distortion"]) if "distortion" in value else None,
    )


def _distortion_from_json(coefficients: list[float]) -> Distortion:
    match coefficients:
        case [k1, k2, 0, 0, 0]:
            return Distortion(k1, k2)
    raise ValueError(f"distortion must be [k1, k2, 0, 0, 0]; got {coefficients}")


def border_points(width: int, height: int) -> NDArray[np.float64]:
    """Points (N, 2) all along the outer edge of an image, no more than a pixel apart."""
    across, down = np.linspace(0.0, width, width + 1), np.linspace(0.0, height, height + 1)
    return np.concatenate(
        [np.stack(np.broadcast_arrays(across, y), axis=1) for y in (0.0, float(height))]
        + [np.stack(np.broadcast_arrays(x, down), axis=1) for x in (0.0, float(width))]
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
