"""Detections in images: read, letterbox, run the model, and bring the results back to the image's own pixels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.geometry import readonly
from pipeline.images import Image, read_image
from training import affine
from training.checkpoint import LoadedModel
from training.dataset import letterboxed, to_device
from training.model import Found
from training.nano import NanoDetector
from training.second_look import Source, look_again

BATCH = 16
DETAIL = 4
"""For the second look images are kept at up to this many times the model's input: a vehicle of a quarter of the photo
is then seen at the model's own size."""


@dataclass(frozen=True)
class _Input:
    """An image as the model takes it, (3, S, S) uint8, the size it had, and what a second look needs of it."""

    pixels: Tensor
    width: int
    height: int
    source: Source | None = None


@dataclass(frozen=True)
class Detection:
    """One object found, in pixels of its image (x right, y down, corner origin).

    Attributes:
        bbox: (4,) x, y, width, height, cut at the image's borders.
        score: 0..1.
        keypoints: (K, 3) x, y and v by the model's judgement: 0 not in the frame, 1 hidden, 2 seen. Of v = 0 the
            best guess of x, y is kept.
        keypoint_scores: (K,) 0..1.
    """

    bbox: NDArray[np.float64]
    score: float
    keypoints: NDArray[np.float64]
    keypoint_scores: NDArray[np.float64]


def predict_images(
    loaded: LoadedModel,
    paths: Sequence[Path],
    boxes: Sequence[NDArray[np.float64]] | None = None,
    *,
    batch_size: int = BATCH,
) -> list[list[Detection]]:
    """The detections of each image file, best first; with `boxes`, of the given objects, in their order.

    Args:
        loaded: from `training.checkpoint.load_model`.
        paths: image files.
        boxes: per image (N, 4) x, y, width, height in its pixels.
        batch_size: images that are in memory at once.

    Raises:
        ImageError: an image cannot be read.
    """
    return list(iterate_images(loaded, paths, boxes, batch_size=batch_size))


def iterate_images(
    loaded: LoadedModel,
    paths: Sequence[Path],
    boxes: Sequence[NDArray[np.float64]] | None = None,
    *,
    batch_size: int = BATCH,
) -> Iterator[list[Detection]]:
    """`predict_images`, one image's detections at a time."""
    for start in range(0, len(paths), batch_size):
        stop = start + batch_size
        inputs = [_input(loaded, read_image(path)) for path in paths[start:stop]]
        yield from _predict(loaded, inputs, None if boxes is None else boxes[start:stop])


def predict_arrays(
    loaded: LoadedModel, images: Sequence[Image], boxes: Sequence[NDArray[np.float64]] | None = None
) -> list[list[Detection]]:
    """The detections in RGB uint8 images (H, W, 3), of any size each, as one batch."""
    return _predict(loaded, [_input(loaded, image) for image in images], boxes)


def to_batch(loaded: LoadedModel, images: Sequence[Image]) -> Tensor:
    """RGB uint8 images (H, W, 3), of any size each, as the model takes them: (B, 3, S, S) in 0..1 on its device."""
    return _batch(loaded, [letterboxed(image, loaded.config.image_size) for image in images])


def to_input_boxes(loaded: LoadedModel, images: Sequence[Image], boxes: Sequence[NDArray[np.float64]]) -> list[Tensor]:
    """Boxes (N, 4) x, y, width, height of each image as x0, y0, x1, y1 of the model's input."""
    size = loaded.config.image_size
    sizes = [(image.shape[1], image.shape[0]) for image in images]
    return [_to_input(one, width, height, size) for one, (width, height) in zip(boxes, sizes, strict=True)]


def _input(loaded: LoadedModel, image: Image) -> _Input:
    size, (height, width) = loaded.config.image_size, image.shape[:2]
    source = None
    if _looks_twice(loaded):
        kept = _at_most(image, DETAIL * size)
        source = Source(kept, affine.letterbox(kept.shape[1], kept.shape[0], size))
    return _Input(letterboxed(image, size), width, height, source)


def _looks_twice(loaded: LoadedModel) -> bool:
    """An ONNX file of such a detector looks once."""
    return bool(loaded.config.second_look) and isinstance(loaded.model, NanoDetector)


def _at_most(image: Image, side: int) -> Image:
    """An image whose longer side has no more than so many pixels."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return image
    small = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(image, small, interpolation=cv2.INTER_AREA)


def _predict(
    loaded: LoadedModel, inputs: Sequence[_Input], boxes: Sequence[NDArray[np.float64]] | None
) -> list[list[Detection]]:
    size = loaded.config.image_size
    batch = _batch(loaded, [one.pixels for one in inputs])
    given = None
    if boxes is not None:
        sides = [(image.width, image.height) for image in inputs]
        given = [_to_input(one, *wh, size).to(loaded.device) for one, wh in zip(boxes, sides, strict=True)]
    with torch.inference_mode():
        sources = [one.source for one in inputs if one.source is not None]
        if sources and isinstance(loaded.model, NanoDetector):
            first = loaded.model.look(batch) if given is None else loaded.model.look_in(batch, given)
            growth, flip = loaded.config.second_look, loaded.schema.flip_index
            found = [loaded.model.read(one) for one in look_again(loaded.model, first, sources, growth, flip)]
            found = [one.best_first() for one in found] if given is None else found
        else:
            found = loaded.model.detect(batch) if given is None else loaded.model.detect_in(batch, given)
    return [_detections(one.cpu(), image, size) for one, image in zip(found, inputs, strict=True)]


def _batch(loaded: LoadedModel, pixels: Sequence[Tensor]) -> Tensor:
    return to_device(torch.stack(list(pixels)), loaded.device)


def _to_input(boxes: NDArray[np.float64], width: int, height: int, size: int) -> Tensor:
    """Boxes x, y, width, height of an image of that size as x0, y0, x1, y1 of the model's input."""
    forward = affine.letterbox(width, height, size)
    xywh = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    corners = np.stack([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    return torch.from_numpy(affine.apply(forward, corners).reshape(-1, 4)).float()


def _detections(found: Found, image: _Input, size: int) -> list[Detection]:
    limit = [image.width, image.height]
    back = affine.invert(affine.letterbox(image.width, image.height, size))
    corners = affine.apply(back, found.boxes.double().numpy().reshape(-1, 2, 2)).clip(0, limit)
    keypoints = found.keypoints.double().numpy().copy()
    keypoints[:, :, :2] = affine.apply(back, keypoints[:, :, :2])
    count = keypoints.shape[1]
    return [
        Detection(
            bbox=readonly(np.concatenate([low, high - low]), (4,), "bbox"),
            score=float(score),
            keypoints=readonly(points, (count, 3), "keypoints"),
            keypoint_scores=readonly(scores, (count,), "keypoint_scores"),
        )
        for (low, high), score, points, scores in zip(
            corners, found.scores, keypoints, found.keypoint_scores.double().numpy(), strict=True
        )
    ]


def predict_to_folder(weights: Path, images: list[Path], out: Path, split: str | None = None) -> Path:
    """Write predictions.json, results.json and pictures/ into `out`; see training/predict_folder.py."""
    from training.predict_folder import predict_to_folder as write_folder

    return write_folder(weights, images, out, split)
