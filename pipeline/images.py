"""Pictures in and out: RGB uint8 arrays (H, W, 3), with errors that name the file."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ImageError
from pipeline.files import write_bytes_atomic
from pipeline.image_header import SUFFIXES, read_bytes, read_header

Image = NDArray[np.uint8]


def read_image(path: Path) -> Image:
    """An image as RGB, upright by its EXIF orientation.

    Raises:
        ImageError: there is no such file, it is no image, or it is too large.
    """
    data = read_bytes(path)
    read_header(path, data)  # OpenCV would allocate before we could say no
    try:
        pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise ImageError(f"{path}: is not an image that can be decoded; allowed: {', '.join(SUFFIXES)}")
    return np.ascontiguousarray(np.asarray(pixels, dtype=np.uint8)[:, :, ::-1])


def decode_image(data: bytes) -> Image:
    """RGB pixels of a file's content that `encode_image` wrote."""
    pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(np.asarray(pixels), cv2.COLOR_BGR2RGB), dtype=np.uint8)


def encode_image(image: Image, suffix: str, quality: int = 92) -> bytes:
    """RGB pixels as a JPEG or PNG file: the same pixels give the same bytes.

    Raises:
        ImageError: the suffix is not one that is written.
    """
    if suffix in (".jpg", ".jpeg"):
        options = [cv2.IMWRITE_JPEG_QUALITY, quality]
    elif suffix == ".png":
        options = [cv2.IMWRITE_PNG_COMPRESSION, 3]
    else:
        raise ImageError(f"images are written as .jpg or .png; got {suffix!r}")
    done, data = cv2.imencode(suffix, np.ascontiguousarray(image[:, :, ::-1]), options)
    if not done:
        raise ImageError(f"an image of shape {image.shape} could not be encoded as {suffix}")
    return data.tobytes()


def write_image(path: Path, image: Image, quality: int = 92) -> None:
    """Write RGB pixels as .jpg or .png, whole or not at all."""
    write_bytes_atomic(path, encode_image(image, path.suffix.lower(), quality))


def find_images(paths: list[Path]) -> list[Path]:
    """The image files among `paths`, folders searched (not their subfolders), in order of name.

    Raises:
        ImageError: a path does not exist, or a folder holds no image.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
            if not inside:
                raise ImageError(f"{path}: holds no image; allowed: {', '.join(SUFFIXES)}")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise ImageError(f"{path}: no such file or folder")
    return found
