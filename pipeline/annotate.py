"""From a scene's geometry to its labels: the annotation of each vehicle in an image, as COCO wants it.

Box, mask and area are those of the visible pixels, by a z-buffer over the same triangles that are rendered.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from pipeline.keypoints import KeypointSchema
from pipeline.raster import rasterize
from pipeline.raster_lens import pixel_centres, rasterize_at
from pipeline.visibility import KeypointLabels, SceneView, label_keypoints

DECIMALS = 3
"""Labels are written to a thousandth of a pixel: far below what a detector can tell, and the same on any machine."""


def annotate(view: SceneView, schema: KeypointSchema) -> list[dict[str, Any]]:
    """One annotation for each vehicle of which at least a pixel is seen; without ids, which the dataset gives."""
    seen = seen_triangles(view)
    instance = np.where(seen >= 0, view.owner[seen], -1)
    annotations = []
    for number in range(len(view.vehicles)):
        mask = instance == number
        if mask.any():
            annotations.append(instance_annotation(mask, label_keypoints(view, number, schema)))
    return annotations


def seen_triangles(view: SceneView) -> NDArray[np.int64]:
    """The world triangle seen at each pixel of the image (H, W), -1 where none is."""
    camera = view.camera
    if camera.distortion is None:
        return rasterize(view.screen, camera.width, camera.height)[1]
    points = camera.undistort(pixel_centres(camera.width, camera.height))
    return rasterize_at(view.screen, points)[1].reshape(camera.height, camera.width)


def instance_annotation(mask: NDArray[np.bool_], labels: KeypointLabels) -> dict[str, Any]:
    """COCO's fields for one instance, plus `keypoint_reasons` and `keypoints_camera_m`."""
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
