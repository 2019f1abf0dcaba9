"""Pictures of instances: named, coloured keypoints and skeleton on an image, and sheets of many images.

Left is blue, right orange, the middle near white; a seen keypoint is filled, a hidden one hollow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.draw_colors import BOX, INK, MIDDLE, Rgb, edge_color, keypoint_colors
from pipeline.draw_labels import Label, place_labels, set_labels, text_size
from pipeline.images import Image
from pipeline.keypoints import KeypointSchema

MIN_SIDE = 768
"""Smaller images are enlarged to this longer side before anything is drawn, so that twenty names stay legible."""
SUBPIXEL_BITS = 4


class Drawable(Protocol):
    """An instance of a dataset, a detection, a match: its score and keypoint_scores are drawn where it has them."""

    @property
    def keypoints(self) -> ArrayLike:
        """(K, 3) as of `DrawnInstance`."""

    @property
    def bbox(self) -> ArrayLike | None:
        """As of `DrawnInstance`."""


@dataclass(frozen=True)
class DrawnInstance:
    """What is known of one instance.

    Attributes:
        keypoints: (K, 3) x, y in pixels of the image and v: 0 not drawn, 1 hidden, 2 seen.
        bbox: x, y, width, height in pixels, or None.
        score: of the detection, 0..1, or None.
        keypoint_scores: (K,) 0..1, or None.
        title: what is written on the box, before the score.
    """

    keypoints: ArrayLike
    bbox: ArrayLike | None = None
    score: float | None = None
    keypoint_scores: ArrayLike | None = None
    title: str = ""

    @classmethod
    def of(cls, one: Drawable) -> "DrawnInstance":
        """All that is known of it."""
        if isinstance(one, cls):
            return one
        return cls(one.keypoints, one.bbox, getattr(one, "score", None), getattr(one, "keypoint_scores", None))


def draw_instance(
    image: Image,
    keypoints: ArrayLike,
    schema: KeypointSchema,
    bbox: ArrayLike | None = None,
    score: float | None = None,
    keypoint_scores: ArrayLike | None = None,
    *,
    labels: bool = True,
) -> Image:
    """A copy of `image`, RGB uint8 (H, W, 3), with one instance on it; see `draw_instances`."""
    instance = DrawnInstance(keypoints, bbox, score, keypoint_scores)
    return draw_instances(image, [instance], schema, labels=labels)


def draw_instances(
    image: Image,
    instances: Sequence[Drawable],
    schema: KeypointSchema,
    *,
    labels: bool = True,
    side: int | None = None,
    text_px: float | None = None,
) -> Image:
    """A copy of `image` with boxes, skeletons and named keypoints of all instances.

    Nothing is drawn for keypoints that are not finite, or with v = 0.

    Args:
        image: RGB uint8 (H, W, 3).
        instances: in pixels of the image; what a dataset holds, a detector found or a search.
        schema: names, sides and skeleton.
        labels: write the keypoints' names; without, for thumbnails.
        side: the copy's longer side in pixels; None keeps the image's, but enlarges it to at least `MIN_SIDE`.
        text_px: size of text, and of what goes with it; None takes a 55th of the longer side.

    Raises:
        ValueError: the image is not RGB uint8, or an array has not the schema's shape.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ValueError(f"image must be RGB uint8 (H, W, 3); got {image.dtype} {image.shape}")
    longer = max(image.shape[:2])
    scale = (side or max(longer, MIN_SIDE)) / longer
    canvas = _resized(image, *(max(1, round(n * scale)) for n in image.shape[1::-1]))
    size_px = text_px or max(canvas.shape[:2]) / 55
    texts: list[Label] = []
    taken: list[tuple[float, float, float, float]] = []
    known = [DrawnInstance.of(one) for one in instances]
    marks = [_Marks.of(instance, schema, scale, canvas.shape) for instance in known]
    for instance in known:
        if instance.bbox is not None:
            tag = _draw_box(canvas, np.asarray(instance.bbox, float) * scale, instance, size_px)
            texts += tag
            taken += [label.box for label in tag]
    for mark in marks:
        _draw_skeleton(canvas, mark, schema, size_px)
        _draw_markers(canvas, mark, size_px)
    if labels:
        texts += _keypoint_labels(marks, schema, canvas, size_px, np.array(taken))
    return set_labels(canvas, texts, size_px)


@dataclass(frozen=True)
class _Marks:
    """An instance's keypoints on the canvas: (K, 2) pixels, v (K,), colours and scores."""

    points: NDArray[np.float64]
    v: NDArray[np.int64]
    colors: tuple[Rgb, ...]
    scores: NDArray[np.float64] | None

    @classmethod
    def of(cls, instance: DrawnInstance, schema: KeypointSchema, scale: float, shape: tuple[int, ...]) -> "_Marks":
        keypoints = np.asarray(instance.keypoints, dtype=np.float64)
        if keypoints.shape != (len(schema), 3):
            raise ValueError(f"keypoints must have shape ({len(schema)}, 3); got {keypoints.shape}")
        scores = None if instance.keypoint_scores is None else np.asarray(instance.keypoint_scores, dtype=np.float64)
        if scores is not None and scores.shape != (len(schema),):
            raise ValueError(f"keypoint_scores must have shape ({len(schema)},); got {scores.shape}")
        finite = np.isfinite(keypoints).all(axis=1)
        points = np.where(finite[:, None], keypoints[:, :2], 0.0) * scale
        limit = np.array([shape[1], shape[0]], dtype=np.float64)
        drawn = finite & (np.abs(points - limit / 2) <= 2 * limit).all(axis=1)
        v = np.where(drawn, keypoints[:, 2], 0).astype(np.int64)
        return cls(points, v, keypoint_colors(schema), scores)


def _draw_box(canvas: Image, bbox: NDArray, instance: DrawnInstance, size_px: float) -> list[Label]:
    """The box, and the tag with title and score that sits on it."""
    x, y, width, height = bbox
    corners = [(x, y), (x + width, y + height)]
    for thickness, color in ((3.2, INK), (1.3, BOX)):
        ends = _fixed(corners[0]), _fixed(corners[1])
        cv2.rectangle(canvas, *ends, color, _thick(thickness, size_px), cv2.LINE_AA, SUBPIXEL_BITS)
    words = [instance.title] if instance.title else []
    words += [f"{instance.score:.2f}"] if instance.score is not None else []
    if not words:
        return []
    wide, high = text_size(" ".join(words), size_px)
    left = float(np.clip(x, 0, max(0.0, canvas.shape[1] - wide)))
    top = y - high if y >= high else max(0.0, float(y))
    return [Label(" ".join(words), BOX, (left, top, left + wide, top + high))]


def _draw_skeleton(canvas: Image, marks: _Marks, schema: KeypointSchema, size_px: float) -> None:
    """Bones between drawn keypoints; thin where an end is hidden."""
    for thickness, dark in ((2.6, True), (1.3, False)):
        for i, j in schema.skeleton_index:
            if marks.v[i] > 0 and marks.v[j] > 0:
                color = INK if dark else edge_color(schema, marks.colors, (i, j))
                weight = thickness * (1.0 if min(marks.v[i], marks.v[j]) > 1 else 0.45)
                ends = _fixed(marks.points[i]), _fixed(marks.points[j])
                cv2.line(canvas, *ends, color, _thick(weight, size_px), cv2.LINE_AA, SUBPIXEL_BITS)


def _draw_markers(canvas: Image, marks: _Marks, size_px: float) -> None:
    """Discs for seen keypoints, rings for hidden ones, both with a dark edge."""
    for point, v, color in zip(marks.points, marks.v, marks.colors, strict=True):
        centre, radius = _fixed(point), 0.42 * size_px
        if v > 1:
            _disc(canvas, centre, radius + 0.13 * size_px, INK, -1)
            _disc(canvas, centre, radius, color, -1)
        elif v == 1:
            _disc(canvas, centre, radius, INK, _thick(4.2, size_px))
            _disc(canvas, centre, radius, color, _thick(2.0, size_px))


def _keypoint_labels(
    marks: Sequence[_Marks], schema: KeypointSchema, canvas: Image, size_px: float, taken: NDArray
) -> list[Label]:
    rows = [(m, i) for m in marks for i in range(len(schema)) if m.v[i] > 0]
    rows = [(m, i) for m, i in rows if (m.points[i] >= 0).all() and (m.points[i] <= canvas.shape[1::-1]).all()]
    texts = [schema.names[i] + ("" if m.scores is None else f" {m.scores[i]:.2f}") for m, i in rows]
    anchors = np.array([m.points[i] for m, i in rows]).reshape(-1, 2)
    sizes = np.array([text_size(text, size_px) for text in texts]).reshape(-1, 2)
    boxes = place_labels(anchors, sizes, (canvas.shape[1], canvas.shape[0]), 0.6 * size_px, taken)
    return [
        Label(text, m.colors[i], _quad(box), (float(m.points[i][0]), float(m.points[i][1])))
        for text, (m, i), box in zip(texts, rows, boxes, strict=True)
    ]


def contact_sheet(
    images: Sequence[Image],
    columns: int,
    captions: Sequence[str] | None = None,
    cell: tuple[int, int] = (320, 240),
) -> Image:
    """Images in rows of `columns`, each fitted into a cell of (width, height) pixels, with its caption under it.

    Raises:
        ValueError: there is no image, `columns` is below 1, or there are not as many captions as images.
    """
    if not images or columns < 1:
        raise ValueError(f"a contact sheet needs an image and a column; got {len(images)} images, {columns} columns")
    if captions is not None and len(captions) != len(images):
        raise ValueError(f"{len(captions)} captions for {len(images)} images")
    gap, size_px = 8, max(12.0, cell[1] / 17)
    strip = 0 if captions is None else round(1.9 * size_px)
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    step = (cell[0] + gap, cell[1] + strip + gap)
    sheet = np.full((rows * step[1] + gap, columns * step[0] + gap, 3), 255, np.uint8)
    texts: list[Label] = []
    for number, image in enumerate(images):
        x, y = gap + number % columns * step[0], gap + number // columns * step[1]
        sheet[y : y + cell[1], x : x + cell[0]] = fit(image, cell)
        if captions is not None:
            sheet[y + cell[1] : y + cell[1] + strip, x : x + cell[0]] = INK
            words = _shortened(captions[number], size_px, cell[0])
            texts.append(Label(words, MIDDLE[0], (x, y + cell[1], x + cell[0], y + cell[1] + strip)))
    return set_labels(sheet, texts, size_px)


def side_by_side(images: Sequence[Image], captions: Sequence[str] | None = None, height: int = 360) -> Image:
    """Images in one row, all of one height in pixels, as wide as the widest of them is at that height."""
    width = max(round(image.shape[1] * height / image.shape[0]) for image in images) if images else 0
    return contact_sheet(images, max(1, len(images)), captions, (width, height))


def fit(image: Image, cell: tuple[int, int]) -> Image:
    """The image scaled to lie within (width, height) pixels, on a light grey ground of that size."""
    scale = min(cell[0] / image.shape[1], cell[1] / image.shape[0])
    width, height = (max(1, round(n * scale)) for n in image.shape[1::-1])
    canvas = np.full((cell[1], cell[0], 3), 236, np.uint8)
    x, y = (cell[0] - width) // 2, (cell[1] - height) // 2
    canvas[y : y + height, x : x + width] = _resized(image, width, height)
    return canvas


def _resized(image: Image, width: int, height: int) -> Image:
    shrinks = width < image.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.ascontiguousarray(cv2.resize(image, (width, height), interpolation=method), dtype=np.uint8)


def _shortened(text: str, size_px: float, width: float) -> str:
    """The text with its middle left out, so that it fits into `width` pixels."""
    keep = len(text)
    short = text
    while keep > 2 and text_size(short, size_px)[0] > width:
        keep -= 1
        short = text[: keep // 2] + "…" + text[len(text) - (keep - keep // 2) :]
    return short


def _disc(canvas: Image, centre: tuple[int, int], radius: float, color: Rgb, thickness: int) -> None:
    cv2.circle(canvas, centre, round(radius * 2**SUBPIXEL_BITS), color, thickness, cv2.LINE_AA, SUBPIXEL_BITS)


def _fixed(point: ArrayLike) -> tuple[int, int]:
    """A pixel in OpenCV's fixed point; OpenCV counts from pixel centres, COCO from the corner."""
    x, y = (np.asarray(point, dtype=np.float64) - 0.5) * 2**SUBPIXEL_BITS
    return round(x), round(y)


def _thick(weight: float, size_px: float) -> int:
    """A line's thickness in pixels: `weight` at the font size of the smallest canvas."""
    return max(1, round(weight * size_px / 13))


def _quad(box: NDArray) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(v) for v in box)
    return x0, y0, x1, y1
