"""From a scene's geometry to its labels: the annotation of each vehicle in an image, as COCO wants it.

Box, mask and area are those of the visible pixels, by a z-buffer over the same triangles that are rendered. Beside
COCO's own fields each annotation has

    keypoint_reasons     why each keypoint is as it is: seen, self, instance, object, truncated, absent
    keypoints_camera_m   their positions in the camera frame, metres; null where the vehicle lacks one
    bbox_amodal          x, y, width, height of the whole vehicle, as if nothing hid it and the image had no edge
    visible_fraction     visible pixels as a share of the whole vehicle's
    pose                 camera_from_vehicle: rotation (3, 3) and translation_m (3,); frames as in pipeline.camera
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from pipeline.annotations_spec import Segmentation
from pipeline.camera import Camera
from pipeline.keypoints import KeypointSchema
from pipeline.polygons import encode_polygons
from pipeline.raster import project_triangles, rasterize
from pipeline.visibility import KeypointLabels, PosedVehicle, SceneView, label_keypoints

DECIMALS = 3
"""Labels are written to a thousandth of a pixel: far below what a detector can tell, and the same on any machine."""

SILHOUETTE_PX = 512
"""Longer side of the image in which a vehicle's whole silhouette is counted."""


def annotate(
    view: SceneView, schema: KeypointSchema, crowd_below: float = 0.0, segmentation: Segmentation = "rle"
) -> list[dict[str, Any]]:
    """One annotation for each vehicle of which at least a pixel is seen; without ids, which the dataset gives.

    All but the first, the target, are marked iscrowd where less than `crowd_below` of them is seen. Of a crowd the mask
    is run lengths whatever `segmentation` says: COCO's tools know no other.
    """
    annotations = []
    for number in range(len(view.vehicles)):
        mask = view.instances == number
        if mask.any():
            whole = whole_vehicle(view, number, mask)
            annotation = {**instance_annotation(mask, label_keypoints(view, number, schema)), **whole}
            annotation["iscrowd"] = int(number > 0 and whole["visible_fraction"] < crowd_below)
            if segmentation == "polygon" and not annotation["iscrowd"]:
                annotation["segmentation"] = encode_polygons(mask)
            annotations.append(annotation)
    return annotations


def instance_annotation(mask: NDArray[np.bool_], labels: KeypointLabels) -> dict[str, Any]:
    """COCO's fields for one instance, and why its keypoints are as they are and where."""
    keypoints = np.column_stack([labels.keypoints[:, :2].round(DECIMALS), labels.keypoints[:, 2]])
    return {
        "category_id": 1,
        "bbox": mask_box(mask),
        "area": int(mask.sum()),
        "segmentation": encode_mask(mask),
        "iscrowd": 0,
        "keypoints": [int(v) if v.is_integer() else v for v in keypoints.ravel().tolist()],
        "num_keypoints": int((keypoints[:, 2] > 0).sum()),
        "keypoint_reasons": list(labels.reasons),
        "keypoints_camera_m": [None if np.isnan(point).any() else point.round(4).tolist() for point in labels.camera_m],
    }


def mask_box(mask: NDArray[np.bool_]) -> list[int]:
    """x, y, width, height of the pixels that are set, from outer edge to outer edge."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return [int(v) for v in (columns[0], rows[0], columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0])]


def encode_mask(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """COCO's compressed run lengths, as JSON can hold them."""
    encoded = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"size": [int(n) for n in encoded["size"]], "counts": encoded["counts"].decode("ascii")}


def whole_vehicle(view: SceneView, number: int, mask: NDArray[np.bool_]) -> dict[str, Any]:
    """`bbox_amodal`, `visible_fraction` and `pose` of a vehicle of which `mask` (H, W) is seen."""
    vehicle, camera = view.vehicles[number], view.camera
    world = vehicle.to_world(vehicle.mesh.vertices[vehicle.mesh.in_triangles])
    pixels, _ = camera.project(world)
    low, high = np.nanmin(pixels, axis=0), np.nanmax(pixels, axis=0)
    alone = len(view.vehicles) == 1 and not (view.owner < 0).any()
    inside = (low >= 0).all() and (high <= [camera.width, camera.height]).all()
    fraction = 1.0 if alone and inside else min(1.0, float(mask.sum()) / silhouette_area(vehicle, camera))
    camera_from_vehicle = np.linalg.inv(camera.world_from_camera) @ vehicle.world_from_vehicle
    return {
        "bbox_amodal": [round(float(v), DECIMALS) for v in (*low, *(high - low))],
        "visible_fraction": round(fraction, 4),
        "pose": {
            "rotation": camera_from_vehicle[:3, :3].round(6).tolist(),
            "translation_m": camera_from_vehicle[:3, 3].round(4).tolist(),
        },
    }


def silhouette_area(vehicle: PosedVehicle, camera: Camera) -> float:
    """Pixels that the whole vehicle would fill in an image without edges, through a lens that bends nothing."""
    pixels, _ = replace(camera, distortion=None).project(vehicle.to_world(vehicle.mesh.vertices))
    low, high = np.nanmin(pixels, axis=0), np.nanmax(pixels, axis=0)
    margin = 2.0
    scale = min(1.0, SILHOUETTE_PX / float((high - low + 2 * margin).max()))
    zoom = np.array([[scale, 0, scale * (margin - low[0])], [0, scale, scale * (margin - low[1])], [0, 0, 1.0]])
    width, height = np.ceil((high - low + 2 * margin) * scale).astype(int)
    wide = Camera(int(width), int(height), zoom @ camera.intrinsics, camera.world_from_camera)
    screen = project_triangles(wide, vehicle.to_world(vehicle.mesh.vertices), vehicle.mesh.triangles)
    _, seen = rasterize(screen, wide.width, wide.height)
    return max(float((seen >= 0).sum()) / scale**2, 1.0)
