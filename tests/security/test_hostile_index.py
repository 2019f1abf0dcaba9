"""Indexes that somebody forged: sizes and hashes are right, and what they stand for is not."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import IndexFileError
from retrieval.descriptor import Descriptors
from retrieval.index import build_index_from_labels
from retrieval.nearest import nearest
from retrieval.store import load_index
from retrieval.write import data_file

Make = Callable[..., Path]


@pytest.fixture
def index(make_dataset: Make, tmp_path: Path) -> Path:
    out = tmp_path / "index"
    build_index_from_labels(make_dataset(5), out)
    return out


def forge(index: Path, name: str, data: bytes) -> None:
    """Replace a file of the segment, and put its size and hash right."""
    (index / "0000" / name).write_bytes(data)
    manifest = json.loads((index / "manifest.json").read_text())
    manifest["segments"][0]["files"][name] = data_file(index / "0000" / name).model_dump()
    (index / "manifest.json").write_text(json.dumps(manifest))


def forge_array(index: Path, name: str, value: float) -> None:
    file = index / "0000" / f"{name}.npy"
    array = np.load(file)
    array[...] = value
    np.save(file, array)
    forge(index, file.name, file.read_bytes())


def search(index: Path) -> None:
    opened = load_index(index)
    count = len(opened.schema)
    query = Descriptors(np.full((1, count, 2), 0.1, np.float32), np.full((1, count), count**-0.5, np.float32))
    nearest(opened, query, 3)


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a/../../b.jpg", "a\0b", "\ud800"])
def test_an_images_path_stays_below_the_folder_of_images(index: Path, path: str):
    lines = [json.dumps({"path": path, "image_id": 1, "extra": {}}) + "\n" for _ in range(5)]
    forge(index, "images.jsonl", "".join(lines).encode())
    forge_offsets(index, lines)
    with pytest.raises(IndexFileError, match=r"images\.jsonl: line . is damaged.*(leads out|not text)"):
        search(index)


def forge_offsets(index: Path, lines: list[str]) -> None:
    offsets = np.cumsum([0, *map(len, lines)]).astype("<i8")
    file = index / "0000" / "image_offsets.npy"
    np.save(file, offsets)
    forge(index, file.name, file.read_bytes())


@pytest.mark.parametrize(
    "line", ["[]", "{}", '{"path": 5, "image_id": 1}', '{"path": "a", "image_id": "b"}', "[" * 9000, '{"sudo": 1}']
)
def test_a_line_that_is_no_image_is_named(index: Path, line: str):
    lines = [line + "\n"] * 5
    forge(index, "images.jsonl", "".join(lines).encode())
    forge_offsets(index, lines)
    with pytest.raises(IndexFileError, match=r"images\.jsonl: line . is damaged"):
        search(index)


@pytest.mark.parametrize("name", ["entries", "places", "image_row", "image_offsets"])
@pytest.mark.parametrize("value", [-7, 5_000, 2**31 - 1])
def test_numbers_that_point_out_of_the_arrays_are_refused(index: Path, name: str, value: int):
    if (name, value) == ("entries", -7):
        pytest.skip("a place with a number below 0 has no entry: nothing is found there")
    forge_array(index, name, value)
    with pytest.raises(IndexFileError):
        search(index)


@pytest.mark.parametrize("name", ["keypoints", "bboxes", "scales"])
def test_numbers_that_are_none_are_refused_or_not_found(index: Path, name: str):
    forge_array(index, name, np.nan)
    opened = load_index(index)
    assert len(opened) == 5
    if name == "scales":
        search(index)
        return
    with pytest.raises(IndexFileError, match="not finite"):
        search(index)


@pytest.mark.parametrize(
    "header",
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999,), }", "(((", "{" * 99, "1", " \xff\n\0"],
)
def test_an_array_that_promises_terabytes_is_refused_unread(index: Path, header: str):
    text = header.encode("latin1").ljust(117) + b"\n"
    forge(index, "detection_scores.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text)
    with pytest.raises(IndexFileError, match=r"detection_scores\.npy"):
        load_index(index)


def test_an_empty_array_must_be_empty(index: Path):
    """Arrays without elements cannot be mapped and are read: such a one must not promise terabytes."""
    manifest = json.loads((index / "manifest.json").read_text())
    manifest["segments"][0] |= {"entries": 0, "images": 0}
    (index / "manifest.json").write_text(json.dumps(manifest))
    header = b"{'descr': '<i2', 'fortran_order': False, 'shape': (99999999999999,), }".ljust(117) + b"\n"
    forge(index, "points.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(IndexFileError, match=r"points\.npy: must be <i2 \(0, 20, 2, \d+\)"):
        load_index(index)


@pytest.mark.parametrize("name", ["../0000", "/tmp", "00/00"])
def test_a_segments_name_leads_nowhere_else(index: Path, name: str):
    manifest = json.loads((index / "manifest.json").read_text())
    manifest["segments"][0]["name"] = name
    (index / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(IndexFileError, match=r"segments\.0\.name"):
        load_index(index)


def test_a_manifest_nested_a_hundred_thousand_deep_is_refused(index: Path):
    (index / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(IndexFileError, match="not valid JSON"):
        load_index(index)
