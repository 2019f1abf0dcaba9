"""An index on disk: read back as written, written whole or not at all, and refused where it is damaged."""

import json
import shutil

import numpy as np
import pytest

from pipeline.dataset_folder import file_hash
from pipeline.errors import IndexFileError
from pipeline.keypoints import KeypointSchema
from retrieval.index import build_index_from_labels
from retrieval.store import load_index
from retrieval.write import IndexContent, write_index
from tests.retrieval.instances import SCHEMA


@pytest.fixture
def folder(make_dataset, tmp_path):
    build_index_from_labels(make_dataset(), tmp_path / "index")
    return tmp_path / "index"


def edit_manifest(folder, **changes):
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def edit_segment(folder, **changes):
    segment = json.loads((folder / "manifest.json").read_text())["segments"][0]
    edit_manifest(folder, segments=[{**segment, **changes}])


def test_what_is_read_is_what_was_written(folder, make_dataset):
    index = load_index(folder)
    labels = json.loads((make_dataset() / "annotations.json").read_text())
    assert len(index) == 6
    assert index.schema == SCHEMA
    assert index.manifest.weights is None
    assert index.segments[0].record.source.kind == "labels"
    for entry, annotation in enumerate(labels["annotations"]):
        np.testing.assert_allclose(index.keypoints[entry].ravel(), annotation["keypoints"], rtol=1e-6)
        image = index.image(entry)
        assert (image.image_id, image.path) == (entry + 1, f"{entry:06d}.png")
        assert image.extra["azimuth_deg"] == 60.0 * entry
        assert index.image_path(entry).stat().st_size == image.bytes


def test_arrays_are_mapped_and_cannot_be_written(folder):
    index = load_index(folder)
    assert isinstance(index.segments[0].blocks.points, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        index.segments[0].blocks.points[0, 0, 0, 0] = 1


def test_an_index_moved_together_with_its_images_finds_them(folder, make_dataset, tmp_path):
    make_dataset()
    (tmp_path / "moved").mkdir()
    for name in ("index", "dataset"):
        shutil.move(tmp_path / name, tmp_path / "moved" / name)
    index = load_index(tmp_path / "moved" / "index")
    assert index.image_path(3) == tmp_path / "moved" / "dataset" / "images" / "000003.png"


def test_nothing_is_overwritten(folder, make_dataset):
    before = sorted((p.name, p.stat().st_mtime_ns) for p in folder.iterdir())
    with pytest.raises(IndexFileError, match="exists already; remove it, or give the index another name"):
        build_index_from_labels(make_dataset(), folder)
    assert sorted((p.name, p.stat().st_mtime_ns) for p in folder.iterdir()) == before


def test_the_writer_itself_overwrites_nothing(folder, tmp_path):
    """Not even an empty folder, which a rename would replace."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(IndexFileError, match="empty: exists already"):
        write_index(IndexContent(SCHEMA, load_index(folder).manifest.segments[0].source), tmp_path / "empty")


def test_a_failure_while_writing_leaves_nothing(folder, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    source = load_index(folder).manifest.segments[0].source
    monkeypatch.setattr("retrieval.write.os.fsync", full)
    with pytest.raises(IndexFileError, match="new: cannot be written: No space left on device"):
        write_index(IndexContent(SCHEMA, source), tmp_path / "new")
    assert [p.name for p in tmp_path.iterdir() if "new" in p.name] == []


def damage(name, change):
    def apply(folder):
        path = folder / name
        path.write_bytes(change(path.read_bytes()))

    return apply


DAMAGED = {
    "gone": (shutil.rmtree, "no such index; make one with akd index"),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "is not an index: it has no manifest.json"),
    "manifest cut": (
        damage("manifest.json", lambda b: b[:50]),
        "manifest.json: is not valid JSON: .*make the index again",
    ),
    "manifest of another": (lambda f: edit_manifest(f, format="x"), "is not the manifest of an index"),
    "version": (
        lambda f: edit_manifest(f, version=9),
        "is version 9; this program reads version 3; make the index again",
    ),
    "manifest key": (lambda f: edit_manifest(f, colour="red"), "colour: unknown key; allowed: .*keypoints"),
    "entries": (lambda f: edit_segment(f, entries=5), r"places.npy: must be <i4 \(5,\).*got <i4 \(6,\)"),
    "file gone": (
        lambda f: (f / "0000" / "weights.npy").unlink(),
        "weights.npy: cannot be read: No such file or directory",
    ),
    "file cut": (damage("0000/points.npy", lambda b: b[:-8]), r"points.npy: has \d+ bytes, not \d+; it is damaged"),
    "byte changed": (
        damage("0000/points.npy", lambda b: b[:-1] + bytes([b[-1] ^ 1])),
        "points.npy: its content has",
    ),
    "lines changed": (damage("0000/images.jsonl", lambda b: b"?" + b[1:]), "images.jsonl: its content has changed"),
    "file not listed": (lambda f: edit_segment(f, files={}), "files: does not list points.npy"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_index_is_refused_in_one_line(folder, name):
    change, message = DAMAGED[name]
    change(folder)
    with pytest.raises(IndexFileError, match=message) as caught:
        load_index(folder)
    assert "\n" not in str(caught.value)


def test_in_a_large_file_a_damaged_line_is_found_when_it_is_read_or_when_asked_for(folder, monkeypatch):
    monkeypatch.setattr("retrieval.store.SMALL", 100)
    damage("0000/images.jsonl", lambda b: b"?" + b[1:])(folder)
    index = load_index(folder)
    assert index.image(1).image_id == 2
    with pytest.raises(IndexFileError, match=r"images\.jsonl: line 1 is damaged"):
        index.image(0)
    with pytest.raises(IndexFileError, match=r"images\.jsonl: its content has changed"):
        load_index(folder, verify=True)


def test_an_array_that_would_run_code_is_refused(folder):
    path = folder / "0000" / "detection_scores.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    files = json.loads((folder / "manifest.json").read_text())["segments"][0]["files"]
    files[path.name] = {"bytes": path.stat().st_size, "sha256": file_hash(path)}
    edit_segment(folder, files=files)
    with pytest.raises(IndexFileError, match=r"detection_scores\.npy: is not a numpy array"):
        load_index(folder)


def test_another_schema_is_refused(folder):
    index = load_index(folder)
    other = KeypointSchema(name="other", keypoints=SCHEMA.keypoints[:3])
    with pytest.raises(IndexFileError, match=r"holds keypoints of vehicle20; those of run/best\.pt differ in b"):
        index.require_schema(other, "run/best.pt")
