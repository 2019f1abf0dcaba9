"""What an image file says of itself before it is decoded: its format and its size.

A picture of a few kilobytes may unpack to gigabytes, and a file that is called .jpg may be anything that some library
reads: only formats of SUFFIXES are looked at, and only sizes up to MAX_PIXELS go on to a decoder.
"""

import io
import struct
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as PilImage

from pipeline.errors import ImageError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
"""As Pillow calls them; of others it would start programs (EPS: Ghostscript) to find out more."""
MAX_PIXELS = 178_956_970
"""More than any camera gives; Pillow refuses what is larger, too."""
DAMAGED = (OSError, SyntaxError, ValueError, LookupError, TypeError, ArithmeticError, AttributeError, struct.error)
"""What Pillow's readers raise on files that are damaged."""


@dataclass(frozen=True)
class ImageHeader:
    """Format as Pillow calls it ("JPEG", "MPO" of several pictures, "PNG", ...); pixels as they are stored."""

    format: str
    width: int
    height: int


def read_header(path: Path, data: bytes | None = None) -> ImageHeader:
    """The header of an image file, or of its content where that has been read.

    Raises:
        ImageError: it cannot be read, is no image of FORMATS, or has more than MAX_PIXELS.
    """
    try:
        with PilImage.open(path if data is None else io.BytesIO(data), formats=FORMATS) as picture:
            header = ImageHeader(picture.format or "", *picture.size)
    except PilImage.DecompressionBombError as error:
        raise ImageError(f"{path}: is too large; allowed: {MAX_PIXELS} pixels") from error
    except DAMAGED as error:
        raise ImageError(f"{path}: is not an image that can be decoded; allowed: {', '.join(SUFFIXES)}") from error
    if not 0 < header.width * header.height <= MAX_PIXELS:
        raise ImageError(f"{path}: {header.width}x{header.height} is too large; allowed: {MAX_PIXELS} pixels")
    return header


def read_bytes(path: Path) -> bytes:
    """A file's content.

    Raises:
        ImageError: it cannot be read, or is empty.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: cannot be read: {error.strerror}") from error
    if not data:
        raise ImageError(f"{path}: is empty")
    return data
