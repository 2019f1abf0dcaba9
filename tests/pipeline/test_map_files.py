"""What a map's file holds is what was put into it, and what the documentation says."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from pipeline.errors import ImageError
from pipeline.map_files import (
    decode_depth,
    decode_normals,
    encode_depth,
    encode_normals,
    read_map,
    write_exr,
    write_png16,
)


def test_depth_is_millimetres_and_nothing_is_zero(tmp_path: Path):
    depth = np.array([[0.0123, 1.2344, 65.5], [65.6, 900.0, np.inf]], np.float32)
    write_png16(tmp_path / "a.png", encode_depth(depth))
    with PilImage.open(tmp_path / "a.png") as theirs:
        assert theirs.mode == "I;16"
        assert np.array(theirs).tolist() == [[12, 1234, 65500], [65535, 65535, 0]]
    back = decode_depth(read_map(tmp_path / "a.png"))
    assert np.abs(back[0] - depth[0]).max() < 0.0006
    assert np.isinf(back[1, 2])


def test_what_is_nearest_is_not_nothing():
    assert encode_depth(np.array([[0.0002]], np.float32)).item() == 1


def test_normals_come_back_and_red_is_x(tmp_path: Path):
    rng = np.random.default_rng(0)
    normals = rng.normal(size=(9, 7, 3)).astype(np.float32)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    normals[0, :3] = [[1, 0, 0], [0, 0, -1], [0, 0, 0]]
    write_png16(tmp_path / "a.png", encode_normals(normals))
    values = read_map(tmp_path / "a.png")
    assert values[0, :3].tolist() == [[65535, 32768, 32768], [32768, 32768, 1], [0, 0, 0]]
    with PilImage.open(tmp_path / "a.png") as theirs:  # it keeps the higher bytes
        assert np.array(theirs)[0, 0].tolist() == [255, 128, 128]
    assert np.abs(decode_normals(values) - normals).max() < 1 / 32767
    assert not decode_normals(values)[0, 2].any()


def test_exr_holds_every_bit(tmp_path: Path):
    depth = np.array([[0.1, 1e4, np.inf], [3.3333333, 2.0, 1.0]], np.float32)
    write_exr(tmp_path / "a.exr", depth)
    np.testing.assert_array_equal(read_map(tmp_path / "a.exr"), depth)
    write_exr(tmp_path / "b.exr", depth)
    assert (tmp_path / "a.exr").read_bytes() == (tmp_path / "b.exr").read_bytes()


@pytest.mark.parametrize("name", ["a.png", "a.exr"])
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str):
    with pytest.raises(ImageError, match=rf"{name}: cannot be read"):
        read_map(tmp_path / name)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(ImageError, match=rf"{name}: is empty"):
        read_map(tmp_path / name)
    (tmp_path / name).write_bytes(b"nothing")
    with pytest.raises(ImageError, match=rf"{name}: is not a"):
        read_map(tmp_path / name)
