"""Thumbnails of a dataset, many to a picture (a sprite sheet), and how bright each image is.

Sheets are small: a filtered gallery shows images from many of them at once, and a browser decodes each whole.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from pipeline.errors import ImageError
from pipeline.images import Image, encode_image, read_image

CELL = 192
"""Longest side of a thumbnail, pixels."""
COLUMNS = 6
PER_SHEET = COLUMNS * COLUMNS
EMPTY = 128
"""Grey of what no thumbnail covers."""
LUMA = np.array([0.299, 0.587, 0.114])
"""ITU-R BT.601: what JPEG calls brightness."""


@dataclass(frozen=True)
class Sheet:
    """Thumbnails of up to PER_SHEET images, row by row, each in the upper left of its cell.

    Attributes:
        jpeg: the picture's bytes.
        sizes: width and height of each thumbnail; (0, 0) where the image cannot be read.
        brightness: mean luma of each image, 0 black .. 1 white; None where it cannot be read.
    """

    jpeg: bytes
    sizes: tuple[tuple[int, int], ...]
    brightness: tuple[float | None, ...]


def thumbnail_sheets(paths: Sequence[Path], workers: int) -> Iterator[Sheet]:
    """The sheets of all images, in order, made by `workers` processes; progress goes to stderr."""
    batches = [list(paths[i : i + PER_SHEET]) for i in range(0, len(paths), PER_SHEET)]
    with tqdm(total=len(paths), desc="thumbnails", unit="image") as bar:
        for sheet in _mapped(batches, min(workers, len(batches))):
            bar.update(len(sheet.sizes))
            yield sheet


def _mapped(batches: list[list[Path]], workers: int) -> Iterator[Sheet]:
    if workers < 2 or len(batches) < 4:  # a process takes longer to start than a few sheets to make
        yield from map(make_sheet, batches)
        return
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        yield from pool.map(make_sheet, batches, chunksize=2)


def make_sheet(paths: Sequence[Path]) -> Sheet:
    """One sheet of up to PER_SHEET images."""
    rows = -(-len(paths) // COLUMNS)
    canvas: Image = np.full((rows * CELL, min(COLUMNS, len(paths)) * CELL, 3), EMPTY, dtype=np.uint8)
    sizes: list[tuple[int, int]] = []
    brightness: list[float | None] = []
    for place, path in enumerate(paths):
        thumbnail = _thumbnail(path)
        if thumbnail is None:
            sizes.append((0, 0))
            brightness.append(None)
            continue
        height, width = thumbnail.shape[:2]
        top, left = place // COLUMNS * CELL, place % COLUMNS * CELL
        canvas[top : top + height, left : left + width] = thumbnail
        sizes.append((width, height))
        brightness.append(round(float(thumbnail.mean(axis=(0, 1)) @ LUMA) / 255, 3))
    return Sheet(encode_image(canvas, ".jpg", quality=82), tuple(sizes), tuple(brightness))


def _thumbnail(path: Path) -> Image | None:
    """The image within CELL x CELL, never enlarged; None if it cannot be read."""
    try:
        image = read_image(path)
    except ImageError:
        return None
    height, width = image.shape[:2]
    scale = min(1.0, CELL / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
