"""Checks of a COCO file's annotations: references, boxes, areas, keypoints."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from pipeline.check_problem import Problem, error, warning
from pipeline.check_rows import AnnotationRow, CocoRows, ImageRow

EDGE_PX = 1.0
"""How far a box may stick out of its image: some tools count the last pixel, some its outer edge."""
AREA_SLACK = 1.01
BOX_SLACK = 0.1
"""A seen keypoint further out of its own box than this share of the box's longer side is seldom meant."""
REASONS = {"seen": 2, "self": 1, "instance": 1, "object": 1, "truncated": 0, "absent": 0}


def annotation_ids(rows: CocoRows) -> Iterator[Problem]:
    """Ids differ, and each annotation is of an image that the file lists."""
    counts = Counter(annotation.id for annotation in rows.annotations)
    for annotation in rows.annotations:
        if counts[annotation.id] > 1:
            yield error(annotation.where, f"id {annotation.id} repeats", "an id of its own for each annotation")
        if annotation.image_id not in rows.images_by_id:
            yield error(
                annotation.where, f"is of image {annotation.image_id}, which is not there", "a sound image's id"
            )


def boxes(rows: CocoRows) -> Iterator[Problem]:
    """A box has an area and lies within its image."""
    for annotation, image in _with_image(rows):
        x, y, width, height = annotation.bbox
        shown = f"bbox is {annotation.bbox.tolist()}"
        if width <= 0 or height <= 0:
            yield error(annotation.where, shown, "width and height above 0")
        elif min(x, y) < -EDGE_PX or x + width > image.width + EDGE_PX or y + height > image.height + EDGE_PX:
            yield error(annotation.where, shown, f"within the image, {image.width}x{image.height}")


def areas(rows: CocoRows) -> Iterator[Problem]:
    """An area, which OKS divides by, is above 0 and at most the box's."""
    for annotation in rows.annotations:
        box = max(0.0, float(annotation.bbox[2] * annotation.bbox[3]))
        if annotation.area <= 0 or annotation.area > box * AREA_SLACK + 1:
            yield error(annotation.where, f"area is {annotation.area:g}", f"above 0, at most the box's {box:g}")


def visibilities(rows: CocoRows) -> Iterator[Problem]:
    """v is 0, 1 or 2, and where it is 0 so are x and y."""
    for annotation, name, (x, y, v) in _keypoints(rows):
        if v not in (0, 1, 2):
            yield error(annotation.where, f"{name} has v = {v:g}", "0, 1 or 2")
        elif v == 0 and (x != 0 or y != 0):
            yield error(annotation.where, f"{name} has v = 0 at ({x:g}, {y:g})", "x = y = 0 where v = 0")


def keypoint_places(rows: CocoRows) -> Iterator[Problem]:
    """A labelled keypoint lies within its image, and a seen one in or near its box."""
    for annotation, name, (x, y, v) in _keypoints(rows):
        image = rows.images_by_id.get(annotation.image_id)
        if image is None or v <= 0:
            continue
        if not (0 <= x <= image.width and 0 <= y <= image.height):
            size = f"within the image, {image.width}x{image.height}, where v > 0"
            yield error(annotation.where, f"{name} is at ({x:g}, {y:g})", size)
        elif v == 2 and _beyond_box(annotation, x, y) > BOX_SLACK:
            yield warning(
                annotation.where, f"{name} is seen at ({x:g}, {y:g}), far out of its box", "in or near its box"
            )


def keypoint_counts(rows: CocoRows) -> Iterator[Problem]:
    """num_keypoints counts the labelled keypoints."""
    for annotation in rows.annotations:
        count = int((annotation.keypoints[:, 2] > 0).sum())
        if annotation.num_keypoints != count:
            yield error(annotation.where, f"num_keypoints is {annotation.num_keypoints}", f"{count}: those with v > 0")


def reasons(rows: CocoRows) -> Iterator[Problem]:
    """keypoint_reasons, where given, agree with v."""
    for annotation in rows.annotations:
        given = annotation.raw.get("keypoint_reasons")
        if given is None:
            continue
        if not isinstance(given, list) or len(given) != len(annotation.keypoints):
            yield error(
                annotation.where, "keypoint_reasons is not one per keypoint", f"{len(annotation.keypoints)} words"
            )
            continue
        for number, (reason, v) in enumerate(zip(given, annotation.keypoints[:, 2], strict=True)):
            if not isinstance(reason, str) or REASONS.get(reason) != v:
                yield error(annotation.where, f"keypoint {number + 1} has v = {v:g} because {reason!r}", f"{REASONS}")


def mask_sizes(rows: CocoRows) -> Iterator[Problem]:
    """A run-length mask is as large as its image."""
    for annotation, image in _with_image(rows):
        mask = annotation.raw.get("segmentation")
        if isinstance(mask, dict) and mask.get("size") != [image.height, image.width]:
            allowed = f"[height, width] of the image, {[image.height, image.width]}"
            yield error(annotation.where, f"segmentation.size is {mask.get('size')}", allowed)


def polygons(rows: CocoRows) -> Iterator[Problem]:
    """Polygons are lists of x, y within the image, of three points or more."""
    for annotation, image in _with_image(rows):
        shapes = annotation.raw.get("segmentation")
        if not isinstance(shapes, list):
            continue
        if not shapes or not all(_is_polygon(shape) for shape in shapes):
            yield error(
                annotation.where, "segmentation has a polygon that is none", "x, y, x, y ... of 3 points or more"
            )
            continue
        points = np.concatenate([np.array(shape, dtype=np.float64).reshape(-1, 2) for shape in shapes])
        low, high = points.min(axis=0), points.max(axis=0)
        if (low < -EDGE_PX).any() or (high > np.array([image.width, image.height]) + EDGE_PX).any():
            shown = f"segmentation reaches from {low.tolist()} to {high.tolist()}"
            yield error(annotation.where, shown, f"within the image, {image.width}x{image.height}")


def _is_polygon(shape: object) -> bool:
    numbers = isinstance(shape, list) and all(isinstance(v, int | float) and abs(v) < 1e15 for v in shape)
    return isinstance(shape, list) and numbers and len(shape) >= 6 and len(shape) % 2 == 0


def _with_image(rows: CocoRows) -> Iterator[tuple[AnnotationRow, ImageRow]]:
    for annotation in rows.annotations:
        if image := rows.images_by_id.get(annotation.image_id):
            yield annotation, image


def _keypoints(rows: CocoRows) -> Iterator[tuple[AnnotationRow, str, tuple[float, float, float]]]:
    for annotation in rows.annotations:
        names = rows.keypoint_names[annotation.category_id]
        for name, (x, y, v) in zip(names, annotation.keypoints.tolist(), strict=True):
            yield annotation, str(name), (x, y, v)


def _beyond_box(annotation: AnnotationRow, x: float, y: float) -> float:
    """How far a point lies out of the box, as a share of the box's longer side."""
    low, size = annotation.bbox[:2], annotation.bbox[2:]
    outside = np.maximum(low - [x, y], [x, y] - (low + size)).clip(0)
    return float(np.linalg.norm(outside) / max(1e-9, float(size.max())))
