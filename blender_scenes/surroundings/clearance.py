"""What must stay free: the vehicle's surroundings, the camera's, and the view from one to the other."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from blender_scenes.surroundings.layout import Item, Layout
from pipeline.camera import Camera

Array = NDArray[np.float64]
CLEARANCE_M = 1.2
CAMERA_ROOM_M = 2.0
LOW_M = 0.45
"""What is lower may stand in the picture's foreground, beside the view of the vehicle."""
MAX_STEP_M = 0.13


@dataclass(frozen=True)
class FreeRoom:
    """Convex areas (N, 2) of the ground.

    Attributes:
        sight: around the vehicle, around the camera and between them: nothing but paint and kerbs lies in it.
        view: what of the ground the camera sees before it sees the vehicle: only low things stand in it.
    """

    sight: Array
    view: Array


def free_room(box: Array, camera: Camera) -> FreeRoom:
    """The areas for a vehicle in the box (2, 3), and a camera; world frame, metres."""
    low, high = box[0, :2] - CLEARANCE_M, box[1, :2] + CLEARANCE_M
    around = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    eye = camera.position[:2]
    by_camera = eye + CAMERA_ROOM_M * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    target = box[:, :2].mean(axis=0)
    away = float(np.linalg.norm(target - eye))
    ahead = (target - eye) / max(away, 1e-9)
    focal = camera.intrinsics[0, 0]
    reach = max(camera.intrinsics[0, 2], camera.width - camera.intrinsics[0, 2]) / focal
    side = np.array([-ahead[1], ahead[0]]) * away * reach
    edges = np.array([target + side, target - side])
    return FreeRoom(hull(np.concatenate([around, by_camera])), hull(np.concatenate([around, by_camera, edges])))


def cleared(layout: Layout, room: FreeRoom) -> Layout:
    """The place without what stands in the way; kerbs and what lies flat stay."""
    return replace(layout, items=tuple(item for item in layout.items if not _in_the_way(item, room)))


def step_height(box: Array, camera: Camera) -> float:
    """How high a step may be, just outside the clearance, that hides nothing of the vehicle from the camera."""
    eye = camera.position
    corners = np.array([(x, y) for x in box[:, 0] for y in box[:, 1]])
    furthest = float(np.linalg.norm(corners - eye[:2], axis=1).max())
    return float(np.clip(0.8 * eye[2] * CLEARANCE_M / furthest, 0.004, MAX_STEP_M))


def hull(points: Array) -> Array:
    """The convex hull of points (N, 2), in order around."""
    return cv2.convexHull(points.astype(np.float32))[:, 0].astype(np.float64)


def overlap(a: Array, b: Array) -> bool:
    """Whether two convex polygons (N, 2) have a point in common: no edge's line parts them."""
    for polygon in (a, b):
        edges = np.roll(polygon, -1, axis=0) - polygon
        across = np.stack([-edges[:, 1], edges[:, 0]], axis=1)
        of_a, of_b = a @ across.T, b @ across.T
        if ((of_a.max(axis=0) < of_b.min(axis=0)) | (of_b.max(axis=0) < of_a.min(axis=0))).any():
            return False
    return True


def _in_the_way(item: Item, room: FreeRoom) -> bool:
    footprint = item.footprint()
    if item.top() <= MAX_STEP_M + 0.01:
        return False
    return overlap(footprint, room.sight if item.top() < LOW_M else room.view)
