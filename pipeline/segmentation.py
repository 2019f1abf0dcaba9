"""COCO's segmentations from strangers, checked before pycocotools' C code sees them.

It takes memory by a polygon's length: three points 10^8 pixels apart end the process (2.0.11). Run lengths that do not
fill their image are a ValueError of its decoder, and were written beyond the image by older versions.
"""

from typing import Any

from pycocotools import mask as coco_mask

type Rle = dict[str, Any]


def packed_mask(segmentation: object, width: int, height: int) -> Rle | None:
    """A segmentation as compressed run lengths of an image of this size; None where it is none, or not of that size.

    Of polygons, those of fewer than three points are left out.
    """
    if isinstance(segmentation, dict):
        runs = run_lengths(segmentation, width, height)
        if runs is None or sum(runs) != width * height:
            return None
        return dict(coco_mask.frPyObjects({"size": [height, width], "counts": runs}, height, width))
    polygons = near_polygons(segmentation, width, height)
    return dict(coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))) if polygons else None


def run_lengths(segmentation: dict[str, Any], width: int, height: int) -> list[int] | None:
    """The runs of a mask of this size, which may not fill it; None where they cannot be told."""
    size, counts = segmentation.get("size"), segmentation.get("counts")
    if not isinstance(size, list | tuple) or list(size) != [height, width]:
        return None
    if isinstance(counts, bytes):  # as pycocotools has them in memory
        counts = counts.decode("latin-1")
    runs = decode_counts(counts) if isinstance(counts, str) else counts
    if not isinstance(runs, list) or not all(isinstance(run, int) and run >= 0 for run in runs):
        return None
    return runs


def near_polygons(segmentation: object, width: int, height: int) -> list[list[float]]:
    """Polygons (x, y, x, y ...) of three points or more; none at all where a number is none or far from the image."""
    shapes = segmentation if isinstance(segmentation, list) else []
    limit = max(width, height)
    if not all(isinstance(shape, list) and all(_is_near(v, limit) for v in shape) for shape in shapes):
        return []
    return [shape for shape in shapes if len(shape) >= 6 and len(shape) % 2 == 0]


def decode_counts(text: str) -> list[int] | None:
    """The runs of COCO's compressed counts; None where the text is none.

    Six bits a character, of which the highest says that the number goes on; from the third on numbers are differences
    to the run before the last (pycocotools' maskApi.c, rleFrString).
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


def _is_near(value: object, limit: int) -> bool:
    return isinstance(value, int | float) and -limit <= value <= 2 * limit
