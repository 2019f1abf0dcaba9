"""Checks of a COCO file's masks: that they can be decoded, and agree with the area and the box beside them."""

from collections.abc import Iterator

import numpy as np
from pycocotools import mask as coco_mask

from pipeline.check_problem import Problem, error, warning
from pipeline.check_rows import AnnotationRow, CocoRows, ImageRow

AREA_SLACK = 0.1
"""Share by which an area may differ from its mask's: tools count polygons in several ways."""
AREA_SLACK_PX = 25.0
BOX_SLACK, BOX_SLACK_PX = 0.05, 3.0
"""By how much of its own size, and how many pixels at least, a box may differ from its mask's."""

type Mask = dict[str, object]


def run_lengths(rows: CocoRows) -> Iterator[Problem]:
    """The runs of a run-length mask fill its image."""
    for annotation, image, _ in _with_segmentation(rows):
        shape = annotation.raw["segmentation"]
        if not isinstance(shape, dict) or shape.get("size") != [image.height, image.width]:
            continue  # another check tells of the size
        counts = shape.get("counts")
        runs = decode_counts(counts) if isinstance(counts, str) else counts
        whole = image.width * image.height
        if not isinstance(runs, list) or not all(isinstance(run, int) and run >= 0 for run in runs):
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


def decode_counts(text: str) -> list[int] | None:
    """The runs of COCO's compressed counts; None where the text is none.

    Six bits a character, of which the highest says that the number goes on; from the third on numbers are differences
    to the run before the last (pycocotools' maskApi.c, rleFrString). Read here because the C code trusts its input.
    """
    runs: list[int] = []
    value, shift = 0, 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64 or shift > 30:
            return None
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value, shift = 0, 0
    return runs if shift == 0 else None


def _with_segmentation(rows: CocoRows) -> Iterator[tuple[AnnotationRow, ImageRow, Mask | None]]:
    """Each annotation that has one, with its image, and its mask where that can be decoded without harm."""
    for annotation in rows.annotations:
        image = rows.images_by_id.get(annotation.image_id)
        if image is not None and annotation.raw.get("segmentation"):
            yield annotation, image, _mask(annotation.raw["segmentation"], image)


def _mask(shape: object, image: ImageRow) -> Mask | None:
    if isinstance(shape, dict):
        if shape.get("size") != [image.height, image.width]:
            return None
        counts = shape.get("counts")
        runs = decode_counts(counts) if isinstance(counts, str) else counts
        if not isinstance(runs, list) or not all(isinstance(run, int) and run >= 0 for run in runs):
            return None
        if sum(runs) != image.width * image.height:
            return None
        return dict(coco_mask.frPyObjects({"size": shape["size"], "counts": runs}, image.height, image.width))
    limit = max(image.width, image.height)
    shapes = shape if isinstance(shape, list) else []
    sound = all(isinstance(s, list) and len(s) >= 6 and len(s) % 2 == 0 for s in shapes)
    if not shapes or not sound or not all(_is_near(v, limit) for s in shapes for v in s):
        return None
    return dict(coco_mask.merge(coco_mask.frPyObjects(shapes, image.height, image.width)))


def _is_near(value: object, limit: int) -> bool:
    return isinstance(value, int | float) and -limit <= value <= 2 * limit
