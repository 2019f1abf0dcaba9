"""Checks of a COCO file's masks: that they can be decoded, and agree with the area and the box beside them."""

from collections.abc import Iterator

import numpy as np
from pycocotools import mask as coco_mask

from pipeline.check_problem import Problem, error, warning
from pipeline.check_rows import AnnotationRow, CocoRows, ImageRow
from pipeline.segmentation import Rle, packed_mask
from pipeline.segmentation import run_lengths as decoded_runs

AREA_SLACK = 0.1
"""Share by which an area may differ from its mask's: tools count polygons in several ways."""
AREA_SLACK_PX = 25.0
BOX_SLACK, BOX_SLACK_PX = 0.05, 3.0
"""By how much of its own size, and how many pixels at least, a box may differ from its mask's."""


def run_lengths(rows: CocoRows) -> Iterator[Problem]:
    """The runs of a run-length mask fill its image."""
    for annotation, image, _ in _with_segmentation(rows):
        shape = annotation.raw["segmentation"]
        if not isinstance(shape, dict) or shape.get("size") != [image.height, image.width]:
            continue  # another check tells of the size
        runs = decoded_runs(shape, image.width, image.height)
        whole = image.width * image.height
        if runs is None:
            yield error(annotation.where, "segmentation.counts cannot be decoded", "COCO's run lengths")
        elif sum(runs) != whole:
            yield error(annotation.where, f"segmentation.counts are of {sum(runs)} pixels", f"{whole}, the image's")


def masks_and_areas(rows: CocoRows) -> Iterator[Problem]:
    """The area is about the mask's."""
    for annotation, _, mask in _with_segmentation(rows):
        if mask is None or not 0 < annotation.area <= annotation.bbox[2] * annotation.bbox[3]:
            continue  # another check tells of such an area
        area = float(coco_mask.area(mask))
        if abs(area - annotation.area) > max(AREA_SLACK * area, AREA_SLACK_PX):
            yield warning(annotation.where, f"area is {annotation.area:g}", f"about {area:g}, its segmentation's")


def masks_and_boxes(rows: CocoRows) -> Iterator[Problem]:
    """The box is about the mask's."""
    for annotation, _, mask in _with_segmentation(rows):
        if mask is None or annotation.raw.get("iscrowd"):
            continue
        box = np.asarray(coco_mask.toBbox(mask), dtype=np.float64)
        corners, given = (np.array([*b[:2], *(b[:2] + b[2:])]) for b in (box, annotation.bbox))
        if np.abs(corners - given).max() > max(BOX_SLACK * float(box[2:].max()), BOX_SLACK_PX):
            around = f"about {box.tolist()}, around its segmentation"
            yield warning(annotation.where, f"bbox is {annotation.bbox.tolist()}", around)


def _with_segmentation(rows: CocoRows) -> Iterator[tuple[AnnotationRow, ImageRow, Rle | None]]:
    """Each annotation that has one, with its image, and its mask where that can be decoded without harm."""
    for annotation in rows.annotations:
        image = rows.images_by_id.get(annotation.image_id)
        if image is not None and annotation.raw.get("segmentation"):
            yield annotation, image, _mask(annotation.raw["segmentation"], image)


def _mask(shape: object, image: ImageRow) -> Rle | None:
    """Only where all of it is sound: another check tells of the rest."""
    shapes = shape if isinstance(shape, list) else []
    if all(isinstance(one, list) and len(one) >= 6 and len(one) % 2 == 0 for one in shapes):
        return packed_mask(shape, image.width, image.height)
    return None
