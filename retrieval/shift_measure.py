"""One pass of a detector over a set of images: what it finds, and how what it finds looks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pipeline.images import Image, read_image
from retrieval.pixel_measures import MEASURES, measure_pixels
from retrieval.predictions import Detection, Predictor
from retrieval.shift_images import Pictures
from retrieval.view_match import Seen, cut_off

BATCH = 16


@dataclass(frozen=True)
class Measured:
    """N images; rows of those in which nothing was found are nan.

    Attributes:
        detections: all that was found in each, best first.
        found: (N,) whether anything was.
        sizes: (N, 2) width and height, pixels.
        in_box, whole: (N, D) features of the backbone inside the best detection's box, and over the whole image.
        pixels: by measure, (N,).
    """

    detections: tuple[Sequence[Detection], ...]
    found: NDArray[np.bool_]
    sizes: NDArray[np.int64]
    in_box: NDArray[np.float64]
    whole: NDArray[np.float64]
    pixels: dict[str, NDArray[np.float64]]

    def seen(self, number: int) -> Seen:
        """The best detection of an image in which something was found."""
        best = self.detections[number][0]
        size = (int(self.sizes[number, 0]), int(self.sizes[number, 1]))
        return Seen(best.keypoints, best.bbox, size, best.keypoint_scores)

    @property
    def box_size(self) -> NDArray[np.float64]:
        """(N,) of the found box: the larger of its width and height as shares of the image's."""
        boxes = np.array([d[0].bbox if len(d) else np.full(4, np.nan) for d in self.detections]).reshape(-1, 4)
        return np.asarray((boxes[:, 2:] / self.sizes).max(axis=1))

    @property
    def truncated(self) -> NDArray[np.float64]:
        """(N,) 1 where a side of the found box lies at the image's border."""
        sides = [
            float(cut_off(self.seen(i).box, self.seen(i).size).any()) if ok else np.nan
            for i, ok in enumerate(self.found)
        ]
        return np.array(sides)


def measure_images(predictor: Predictor, pictures: Pictures, title: str, *, progress: bool = True) -> Measured:
    """Run the detector over every image once.

    Raises:
        ImageError: an image cannot be read.
        WeightsError: the detector gives no features.
    """
    rows: list[tuple[Sequence[Detection], tuple[int, int], NDArray, NDArray, dict[str, float]]] = []
    bar = tqdm(total=len(pictures), desc=title, unit="image", mininterval=1, disable=not progress)
    for images in _batches([one.path for one in pictures.pictures]):
        rows += _measure(predictor.loaded, images)
        bar.update(len(images))
    bar.close()
    return Measured(
        tuple(row[0] for row in rows),
        np.array([len(row[0]) > 0 for row in rows], dtype=bool),
        np.array([row[1] for row in rows], dtype=np.int64).reshape(-1, 2),
        np.array([row[2] for row in rows]),
        np.array([row[3] for row in rows]),
        {one.name: np.array([row[4].get(one.name, np.nan) for row in rows]) for one in MEASURES},
    )


def _batches(paths: Sequence[Any]) -> Iterator[list[Image]]:
    for start in range(0, len(paths), BATCH):
        yield [read_image(path) for path in paths[start : start + BATCH]]


def _measure(loaded: Any, images: Sequence[Image]) -> Iterator[Any]:
    from training.features import features
    from training.predict import predict_arrays

    sizes = [(image.shape[1], image.shape[0]) for image in images]
    found = predict_arrays(loaded, images)
    frames = [np.array([0.0, 0.0, *size]) for size in sizes]
    boxes = [np.array([one[0].bbox if one else frame, frame]) for one, frame in zip(found, frames, strict=True)]
    vectors = features(loaded, images, boxes)
    for image, size, one, vector in zip(images, sizes, found, vectors, strict=True):
        pixels = dict(measure_pixels(image, one[0].bbox, loaded.config.image_size)) if one else {}
        yield one, size, vector[0] if one else np.full_like(vector[0], np.nan), vector[1], pixels
