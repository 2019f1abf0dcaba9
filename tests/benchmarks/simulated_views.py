"""Views of cars of random sizes from random sides, as keypoints and boxes: what an index holds, in any number.

Twenty points on a box-like car, of a length, width, height and wheelbase drawn for each, are seen through a pinhole
from a drawn side, height and distance. A point whose surface looks away from the camera is hidden (v = 1).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# x forward, y left, z up as shares of length / 2, width / 2 and height; then the direction the surface faces
PLACES = {
    "wheel_FL": ((0.60, 0.95, 0.20), (0, 1, 0)),
    "wheel_FR": ((0.60, -0.95, 0.20), (0, -1, 0)),
    "wheel_RL": ((-0.60, 0.95, 0.20), (0, 1, 0)),
    "wheel_RR": ((-0.60, -0.95, 0.20), (0, -1, 0)),
    "door_FL": ((0.12, 1.00, 0.42), (0, 1, 0)),
    "door_FR": ((0.12, -1.00, 0.42), (0, -1, 0)),
    "door_RL": ((-0.28, 1.00, 0.42), (0, 1, 0)),
    "door_RR": ((-0.28, -1.00, 0.42), (0, -1, 0)),
    "headlight_FL": ((0.93, 0.72, 0.45), (0.9, 0.4, 0)),
    "headlight_FR": ((0.93, -0.72, 0.45), (0.9, -0.4, 0)),
    "headlight_RL": ((-0.95, 0.75, 0.55), (-0.9, 0.4, 0)),
    "headlight_RR": ((-0.95, -0.75, 0.55), (-0.9, -0.4, 0)),
    "windshield_FRONT": ((0.35, 0.0, 0.80), (0.6, 0, 0.8)),
    "windshield_REAR": ((-0.70, 0.0, 0.80), (-0.6, 0, 0.8)),
    "bumper_FRONT": ((1.0, 0.0, 0.28), (1, 0, 0)),
    "bumper_REAR": ((-1.0, 0.0, 0.30), (-1, 0, 0)),
    "license_plate": ((1.0, 0.0, 0.33), (1, 0, 0)),
    "mirror_LEFT": ((0.33, 1.12, 0.65), (0, 1, 0.3)),
    "mirror_RIGHT": ((0.33, -1.12, 0.65), (0, -1, 0.3)),
    "roof": ((-0.10, 0.0, 1.0), (0, 0, 1)),
}
PLATE = list(PLACES).index("license_plate")
CORNERS = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (0.05, 1.0)])


@dataclass(frozen=True)
class Views:
    """N views: keypoints (N, K, 3) x, y, v and boxes (N, 4) in pixels, angles (N,) in degrees."""

    keypoints: NDArray[np.float32]
    boxes: NDArray[np.float32]
    azimuth_deg: NDArray[np.float32]
    elevation_deg: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.boxes)

    @property
    def nbytes(self) -> int:
        """Of all arrays."""
        return sum(array.nbytes for array in (self.keypoints, self.boxes, self.azimuth_deg, self.elevation_deg))


def simulate_views(count: int, rng: np.random.Generator) -> Views:
    """Exact labels of `count` views."""
    azimuth, elevation = rng.uniform(0, 360, count), rng.uniform(-2, 45, count)
    size = np.column_stack([rng.uniform(1.7, 2.6, count), rng.uniform(0.8, 1.0, count), rng.uniform(1.2, 2.0, count)])
    reach, focal = rng.uniform(5.0, 25.0, count), 800.0
    places = np.array([place for place, _ in PLACES.values()])
    points = places * size[:, None] * rng.normal(1, 0.03, (count, *places.shape))
    normals = np.tile(np.array([normal for _, normal in PLACES.values()], dtype=float), (count, 1, 1))
    behind = np.abs(azimuth - 180) < 90
    points[behind, PLATE, 0] *= -1
    normals[behind, PLATE] *= -1
    a, e = np.radians(azimuth), np.radians(elevation)
    towards = np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], axis=1)
    right = np.stack([-np.sin(a), np.cos(a), np.zeros(count)], axis=1)
    up = np.cross(towards, right)
    middle = size * [0, 0, 0.5]
    camera = middle + towards * reach[:, None]

    def project(cloud: NDArray) -> NDArray:
        offset = cloud - camera[:, None]
        depth = -np.einsum("nkc,nc->nk", offset, towards)
        x, y = np.einsum("nkc,nc->nk", offset, right), -np.einsum("nkc,nc->nk", offset, up)
        return np.stack([x / depth, y / depth], axis=-1) * focal + 1000.0

    pixels, corners = project(points), project(CORNERS * size[:, None])
    facing = np.einsum("nkc,nkc->nk", normals, camera[:, None] - points) > 0
    low, high = corners.min(axis=1), corners.max(axis=1)
    keypoints = np.concatenate([pixels, np.where(facing, 2.0, 1.0)[:, :, None]], axis=2)
    boxes = np.concatenate([low, high - low], axis=1)
    return Views(*(v.astype(np.float32) for v in (keypoints, boxes, azimuth, elevation)))


def disturb(
    views: Views, rng: np.random.Generator, jitter: float = 0.03, wrong: float = 0.1, lost: float = 0.15
) -> Views:
    """The same views as a detector would give them.

    Args:
        views: exact ones.
        rng: what is drawn from.
        jitter: of points and box edges, as a share of sqrt(box area), one deviation.
        wrong: share of visibilities that swap 1 and 2.
        lost: share of keypoints that are not there (v = 0).
    """
    count, number = views.keypoints.shape[:2]
    unit = np.sqrt(views.boxes[:, 2] * views.boxes[:, 3])[:, None]
    keypoints, boxes = views.keypoints.copy(), views.boxes + rng.normal(0, jitter, (count, 4)) * unit
    keypoints[:, :, :2] += rng.normal(0, jitter, (count, number, 2)) * unit[:, :, None]
    swapped = rng.random((count, number)) < wrong
    keypoints[:, :, 2] = np.where(swapped, 3 - keypoints[:, :, 2], keypoints[:, :, 2])
    keypoints[rng.random((count, number)) < lost] = 0
    boxes[:, 2:] = np.maximum(boxes[:, 2:], 1.0)
    return Views(keypoints, boxes.astype(np.float32), views.azimuth_deg, views.elevation_deg)
