"""Pictures that claim to be larger than memory, or that are something else than their names say."""

import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from pipeline.check import check_dataset
from pipeline.errors import ImageError
from pipeline.image_header import read_header
from pipeline.images import read_image, write_image
from pipeline.keypoints import KeypointSchema
from pipeline.map_files import read_map
from tests.pipeline.coco_files import content, write

pytestmark = pytest.mark.filterwarnings("ignore:Image size", "ignore::UserWarning:PIL")

HUGE = 60_000


def png(width: int, height: int, depth: int = 8) -> bytes:
    """A PNG whose header claims a size; its data are a few zeros."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def bmp(width: int, height: int) -> bytes:
    return (
        b"BM"
        + struct.pack("<IHHIIiiHHIIiiII", 154, 0, 0, 54, 40, width, height, 1, 24, 0, 100, 0, 0, 0, 0)
        + bytes(100)
    )


def tiff(width: int, height: int) -> bytes:
    tags = ((256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, height), (279, 100))
    rows = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + rows + struct.pack("<I", 0) + bytes(100)


BOMBS = {"png": png(HUGE, HUGE), "bmp": bmp(HUGE, HUGE), "tif": tiff(HUGE, HUGE), "long.png": png(2**31 - 1, 1)}


@pytest.mark.parametrize("name", BOMBS)
def test_a_picture_of_60000_by_60000_is_refused_unread(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cv2.imdecode", lambda *_: pytest.fail("it was handed to the decoder"))
    file = tmp_path / f"bomb.{name}"
    file.write_bytes(BOMBS[name])
    with pytest.raises(ImageError, match="too large; allowed: 178956970 pixels"):
        read_image(file)


def test_a_map_of_60000_by_60000_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cv2.imdecode", lambda *_: pytest.fail("it was handed to the decoder"))
    file = tmp_path / "000000.png"
    file.write_bytes(png(HUGE, HUGE, 16))
    with pytest.raises(ImageError, match="too large"):
        read_map(file)


def test_an_exr_that_claims_gigabytes_is_refused_unread(tmp_path: Path):
    from pipeline.map_files import write_exr

    file = tmp_path / "000000.exr"
    write_exr(file, np.ones((3, 4), np.float32))
    whole = file.read_bytes()
    window = struct.pack("<4i", 0, 0, 3, 2)
    assert whole.count(window) == 2
    file.write_bytes(whole.replace(window, struct.pack("<4i", 0, 0, HUGE - 1, HUGE - 1)))
    with pytest.raises(ImageError, match=r"too large|is not an EXR"):
        read_map(file)


def test_a_dataset_with_a_bomb_is_checked_all_the_same(tmp_path: Path, schema: KeypointSchema):
    file = write(tmp_path, "annotations.json", content(schema, 1, 2))
    (tmp_path / "images" / "001.png").write_bytes(BOMBS["png"])
    assert any("001.png is not an image that can be read" in str(problem) for problem in check_dataset(file))


def test_postscript_under_a_pictures_name_starts_no_ghostscript(
    tmp_path: Path, schema: KeypointSchema, monkeypatch: pytest.MonkeyPatch
):
    """Pillow reads EPS by running Ghostscript, which is a programming language's interpreter."""
    monkeypatch.setattr(subprocess, "check_call", lambda *_, **__: pytest.fail("a program was started"))
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a program was started"))
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 60 40\n%%EndComments\n(/tmp/x) (w) file\nshowpage\n%%EOF\n"
    file = write(tmp_path, "annotations.json", content(schema, 1, 2))
    image = tmp_path / "images" / "001.png"
    image.write_bytes(eps)
    assert any("001.png is not an image that can be read" in str(problem) for problem in check_dataset(file))
    with pytest.raises(ImageError, match="is not an image"):
        read_image(image)


def test_damaged_pictures_are_refused(tmp_path: Path):
    sound = tmp_path / "sound.png"
    write_image(sound, np.random.default_rng(0).integers(0, 255, (20, 30, 3), dtype=np.uint8))
    jpeg = tmp_path / "sound.jpg"
    write_image(jpeg, np.random.default_rng(0).integers(0, 255, (20, 30, 3), dtype=np.uint8))
    rng = np.random.default_rng(1)
    for data in (sound.read_bytes(), jpeg.read_bytes(), bmp(30, 20), tiff(30, 20)):
        for _ in range(60):
            damaged = bytearray(data)
            for place in rng.integers(0, min(200, len(data)), 3):
                damaged[place] = int(rng.integers(256))
            file = tmp_path / "damaged.png"
            file.write_bytes(bytes(damaged))
            try:
                header, image = read_header(file), read_image(file)
            except ImageError as error:
                assert "\n" not in str(error)  # noqa: PT017  # either is right
            else:
                assert sorted(image.shape[:2]) == sorted((header.width, header.height))
