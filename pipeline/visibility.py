"""Which keypoints are seen, which are hidden, and by what.

COCO's v, as this project defines it: 2 in the frame and seen; 1 in the frame and hidden; 0 outside the frame, behind
the camera, or not on this vehicle (then x = y = 0). Hidden means that the line from the camera meets something else
before the keypoint, by more than its tolerance. Glass is a surface: what lies behind it is hidden.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.camera import Camera
from pipeline.keypoints import Keypoint, KeypointSchema
from pipeline.raster import ScreenTriangles, depths_at, project_triangles, rasterize
from pipeline.raster_lens import pixel_centres, rasterize_at
from pipeline.vehicle import LabelledMesh

Reason = Literal["seen", "self", "instance", "object", "truncated", "absent"]


@dataclass(frozen=True)
class PosedVehicle:
    """A vehicle somewhere in the world: `world_from_vehicle` is (4, 4), rigid, metres."""

    mesh: LabelledMesh
    world_from_vehicle: NDArray[np.float64]

    def to_world(self, points: NDArray) -> NDArray[np.float64]:
        """Points (N, 3) of the vehicle frame in the world."""
        return points @ self.world_from_vehicle[:3, :3].T + self.world_from_vehicle[:3, 3]

    def to_vehicle(self, points: NDArray) -> NDArray[np.float64]:
        """World points (N, 3) in the vehicle frame."""
        return (points - self.world_from_vehicle[:3, 3]) @ self.world_from_vehicle[:3, :3]


@dataclass(frozen=True)
class SceneView:
    """Everything solid in a scene, projected once for one camera.

    Attributes:
        screen: the triangles in the ideal image: a lens moves what is seen, it hides nothing.
        owner: (T,) for each world triangle the number of the vehicle it belongs to, -1 for other objects.
        part: (T,) the part's index within its vehicle, -1 for other objects.
    """

    camera: Camera
    vehicles: tuple[PosedVehicle, ...]
    screen: ScreenTriangles
    owner: NDArray[np.int64]
    part: NDArray[np.int64]

    @cached_property
    def instances(self) -> NDArray[np.int64]:
        """(H, W) the number of the vehicle that is seen at each pixel's middle, -1 where none is."""
        seen = self.seen_triangles
        return np.where(seen >= 0, self.owner[seen], -1)

    @cached_property
    def seen_triangles(self) -> NDArray[np.int64]:
        """(H, W) the world triangle that is seen at each pixel of the finished image, -1 where none is."""
        camera = self.camera
        if camera.distortion is None:
            return rasterize(self.screen, camera.width, camera.height)[1]
        points = camera.undistort(pixel_centres(camera.width, camera.height))
        return rasterize_at(self.screen, points)[1].reshape(camera.height, camera.width)


def view_scene(
    camera: Camera,
    vehicles: tuple[PosedVehicle, ...],
    objects: tuple[tuple[NDArray, NDArray], ...] = (),
) -> SceneView:
    """Project vehicles and other objects, each of these world vertices (V, 3) and triangles (T, 3)."""
    meshes = [(v.to_world(v.mesh.vertices), v.mesh.triangles) for v in vehicles] + list(objects)
    parts = [v.mesh.triangle_part for v in vehicles] + [np.full(len(t), -1) for _, t in objects]
    numbers = [*range(len(vehicles)), *([-1] * len(objects))]
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
    triangles = np.concatenate([t + start for (_, t), start in zip(meshes, starts, strict=False)])
    return SceneView(
        camera=camera,
        vehicles=vehicles,
        screen=project_triangles(camera, np.concatenate([v for v, _ in meshes]), triangles),
        owner=np.concatenate([np.full(len(t), n) for n, (_, t) in zip(numbers, meshes, strict=True)]),
        part=np.concatenate(parts),
    )


@dataclass(frozen=True)
class KeypointLabels:
    """Labels of one vehicle in one image.

    Attributes:
        keypoints: (K, 3) x, y in pixels and COCO's v.
        reasons: why each is as it is.
        camera_m: (K, 3) position in the camera frame, metres; NaN where the vehicle lacks the keypoint.
    """

    keypoints: NDArray[np.float64]
    reasons: tuple[Reason, ...]
    camera_m: NDArray[np.float64]


def label_keypoints(view: SceneView, number: int, schema: KeypointSchema) -> KeypointLabels:
    """The keypoints of vehicle `number` of the scene."""
    vehicle = view.vehicles[number]
    viewer = vehicle.to_vehicle(view.camera.position[None])[0]
    keypoints = np.zeros((len(schema), 3))
    in_camera = np.full((len(schema), 3), np.nan)
    reasons: list[Reason] = []
    for i, keypoint in enumerate(schema.keypoints):
        position = vehicle.mesh.keypoint_position(keypoint.name, viewer)
        if position is None:
            reasons.append("absent")
            continue
        world = vehicle.to_world(position[None])
        in_camera[i] = view.camera.to_camera(world)[0]
        ideal, _ = view.camera.project_ideal(world)
        pixel = view.camera.distort(ideal)
        reason: Reason = "truncated"
        if view.camera.contains(pixel)[0]:
            reason = _what_hides(view, number, keypoint, ideal[0], in_camera[i])
            keypoints[i] = [*pixel[0], 2 if reason == "seen" else 1]
        reasons.append(reason)
    return KeypointLabels(keypoints, tuple(reasons), in_camera)


def _what_hides(view: SceneView, number: int, keypoint: Keypoint, pixel: NDArray, in_camera: NDArray) -> Reason:
    depths, triangles = depths_at(view.screen, pixel)
    # depth is along the axis, tolerance along the line of sight
    tolerance = keypoint.tolerance_m * in_camera[2] / float(np.linalg.norm(in_camera))
    in_front = depths < in_camera[2] - tolerance
    if keypoint.kind == "volume":
        mesh = view.vehicles[number].mesh
        own = [mesh.parts.index(part) for part in mesh.own_parts.get(keypoint.name, ())]
        in_front &= ~((view.owner[triangles] == number) & np.isin(view.part[triangles], own))
    if not in_front.any():
        return "seen"
    hider = int(view.owner[triangles[in_front][np.argmin(depths[in_front])]])
    if hider == number:
        return "self"
    return "object" if hider < 0 else "instance"
