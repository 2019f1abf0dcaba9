"""Rows of a COCO file after their image's pixels have moved; every field that says nothing of pixels stays as it is."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.annotate import DECIMALS, encode_mask
from pipeline.prepare_image import Placement
from pipeline.segmentation import decode_counts

BOXES = ("bbox", "bbox_amodal")


def moved_image(row: dict[str, Any], at: Placement, file_name: str) -> dict[str, Any]:
    """An image's row; maps no longer lie pixel on pixel, and are left out."""
    kept = {key: value for key, value in row.items() if key not in ("maps", "instance_ids")}
    return kept | {"file_name": file_name, "width": at.width, "height": at.height}


def moved_annotation(row: dict[str, Any], at: Placement) -> dict[str, Any]:
    """An annotation's row: boxes, keypoints, area and segmentation.

    Raises:
        ValueError, TypeError, KeyError, IndexError: one of them is not what COCO says.
    """
    if not at.moves:
        return row
    moved = dict(row)
    for key in BOXES:
        if row.get(key) is not None:
            x, y, width, height = (float(v) for v in row[key])
            moved[key] = _rounded([*((x, y) * at.scale + at.offset), *((width, height) * at.scale)])
    if "area" in row:
        moved["area"] = _rounded([row["area"] * float(at.scale.prod())])[0]
    if "keypoints" in row:
        moved["keypoints"] = _keypoints(row["keypoints"], at)
    if row.get("segmentation"):
        moved["segmentation"] = _segmentation(row["segmentation"], at)
    return moved


def _keypoints(flat: list[float], at: Placement) -> list[float]:
    """x, y, v triples; those of v = 0 have no place, and keep what they have."""
    out: list[float] = []
    for x, y, v in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        out += [*(_rounded(np.array([x, y]) * at.scale + at.offset) if v else (x, y)), v]
    return out


def _segmentation(value: Any, at: Placement) -> Any:
    """Polygons point by point; run lengths drawn anew, pixel by nearest pixel."""
    if isinstance(value, list):
        return [
            _rounded((np.array(one, dtype=np.float64).reshape(-1, 2) * at.scale + at.offset).ravel()) for one in value
        ]
    width, height = at.before
    mask = _decoded(value, width, height)
    inner = np.round(np.array([width, height]) * at.scale).astype(int)
    small = cv2.resize(mask, tuple(inner.tolist()), interpolation=cv2.INTER_NEAREST_EXACT)
    left, top = at.offset.astype(int)
    canvas = np.zeros((at.height, at.width), dtype=bool)
    canvas[top : top + inner[1], left : left + inner[0]] = small
    return encode_mask(canvas)


def _decoded(value: dict[str, Any], width: int, height: int) -> NDArray[np.uint8]:
    """Run lengths as a mask (H, W); by numpy, for pycocotools' C code trusts them.

    Raises:
        ValueError: they are not of an image of this size.
    """
    counts = value["counts"]
    runs = decode_counts(counts) if isinstance(counts, str) else counts
    if value["size"] != [height, width] or not runs or min(runs) < 0 or sum(runs) != width * height:
        raise ValueError(f"segmentation is not of {width}x{height} pixels")
    return np.repeat(np.arange(len(runs)) % 2, runs).astype(np.uint8).reshape(width, height).T.copy()


def _rounded(values: Any) -> list[float]:
    return [round(float(v), DECIMALS) for v in values]
