"""An index that is appended to and removed from: no rebuild, no half-written state, one writer."""

import fcntl
import os
import subprocess
import sys

import numpy as np
import pytest

from pipeline.errors import AkdError, DatasetError, IndexFileError
from retrieval.change import append_content, only_writer, remove_entries
from retrieval.descriptor import describe
from retrieval.manifest import FileStamp
from retrieval.nearest import top_entries
from retrieval.remove import entries_to_remove
from retrieval.store import load_index, read_manifest
from retrieval.update import append_labels
from retrieval.write import write_index
from tests.conftest import ROOT
from tests.retrieval.instances import content_of, random_instances


@pytest.fixture
def parts(tmp_path):
    """An index of 60 instances with 40 more appended, and one of all of them."""
    keypoints, boxes = random_instances(np.random.default_rng(8), 100)
    write_index(content_of(keypoints[:60], boxes[:60]), tmp_path / "grown")
    append_content(tmp_path / "grown", content_of(keypoints[60:], boxes[60:]))
    write_index(content_of(keypoints, boxes), tmp_path / "whole")
    return tmp_path


def found(index, number, k=12):
    top = top_entries(index, index.descriptors([number]), k)
    return top.entries.tolist(), top.scores.tolist()


def test_an_appended_index_finds_what_a_rebuilt_one_finds(parts):
    grown, whole = load_index(parts / "grown"), load_index(parts / "whole")
    assert [len(segment) for segment in grown.segments] == [60, 40]
    for number in (0, 59, 60, 99):
        assert found(grown, number) == found(whole, number)


def test_removed_entries_are_not_found_and_the_rest_keep_their_numbers(parts):
    before = found(load_index(parts / "grown"), 70, 100)
    assert remove_entries(parts / "grown", np.array([70, 3, 61])) == 3
    assert remove_entries(parts / "grown", np.array([70, 4])) == 1, "only what was still there counts"
    index = load_index(parts / "grown")
    kept = [(e, s) for e, s in zip(*before, strict=True) if e not in (70, 3, 61, 4)]
    assert list(zip(*found(index, 70, 100), strict=True)) == kept
    assert np.flatnonzero(~index.live).tolist() == [3, 4, 61, 70]


def test_an_opened_index_does_not_see_a_change(parts):
    opened = load_index(parts / "grown")
    before = found(opened, 70, 100)
    remove_entries(parts / "grown", np.arange(50))
    append_content(parts / "grown", content_of(*random_instances(np.random.default_rng(1), 5)))
    assert found(opened, 70, 100) == before
    assert len(load_index(parts / "grown")) == 105


def test_entries_that_are_not_there_cannot_be_removed(parts):
    with pytest.raises(IndexFileError, match=r"has entries 0\.\.99; got 5\.\.100"):
        remove_entries(parts / "grown", np.array([5, 100]))


KILLED = """
import os, sys
from pathlib import Path
import numpy as np
import retrieval.change as change
from tests.retrieval.instances import content_of, random_instances
change.write_json_atomic = lambda *_, **__: os._exit(9)
with change.only_writer(Path(sys.argv[1])):
    change.append_content(Path(sys.argv[1]), content_of(*random_instances(np.random.default_rng(1), 30)))
"""


def test_a_writer_that_is_killed_changes_nothing_and_the_next_one_cleans_up(parts):
    done = subprocess.run([sys.executable, "-c", KILLED, str(parts / "grown")], cwd=ROOT, check=False)
    assert done.returncode == 9
    assert (parts / "grown" / "0002").is_dir()
    assert len(load_index(parts / "grown")) == 100
    (parts / "grown" / "removed-0001.npy").write_bytes(b"cut off")
    assert remove_entries(parts / "grown", np.array([1])) == 1
    assert not (parts / "grown" / "0002").exists()
    assert load_index(parts / "grown").live.sum() == 99


def test_one_writer_at_a_time(parts):
    with (parts / "grown" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(IndexFileError, match="grown: another process is changing it; wait for it, or stop it"):
            remove_entries(parts / "grown", np.array([1]))
    with pytest.raises(IndexFileError, match="no such index"), only_writer(parts / "nowhere"):
        pass
    assert not (parts / "nowhere").exists()


def test_a_build_that_was_killed_leaves_nothing_for_good(tmp_path):
    keypoints, boxes = random_instances(np.random.default_rng(8), 3)
    process = subprocess.Popen(["true"])
    process.wait()
    node = os.uname().nodename
    gone, ours = (tmp_path / f".new.{node}.{number}.tmp" for number in (process.pid, os.getppid()))
    gone.mkdir()
    ours.mkdir()
    write_index(content_of(keypoints, boxes), tmp_path / "new")
    assert not gone.exists()
    assert ours.exists(), "a writer that runs keeps what is its own"


def test_predictions_of_other_weights_are_not_mixed_in(parts):
    content = content_of(*random_instances(np.random.default_rng(1), 3))
    content.weights = FileStamp(path="/a.pt", sha256="a" * 64)
    append_content(parts / "grown", content)
    assert read_manifest(parts / "grown").weights == content.weights
    content.weights = FileStamp(path="/b.pt", sha256="b" * 64)
    with pytest.raises(IndexFileError, match=r"made by /a\.pt .*; /b\.pt .* are other weights: give them an index"):
        append_content(parts / "grown", content)


def test_labels_that_changed_replace_what_they_were(make_dataset, tmp_path):
    from retrieval.index import build_index_from_labels

    build_index_from_labels(make_dataset(), tmp_path / "index")
    assert "is up to date; nothing was added" in str(append_labels(tmp_path / "dataset", tmp_path / "index"))
    make_dataset(count=8, seed=9)
    summary = append_labels(tmp_path / "dataset", tmp_path / "index")
    assert "8 instances in 8 images added, in place of 6 that have changed" in str(summary)
    index = load_index(tmp_path / "index")
    assert index.live.tolist() == [False] * 6 + [True] * 8
    make_dataset(count=3, name="another")
    append_labels(tmp_path / "another", tmp_path / "index")
    assert load_index(tmp_path / "index").live.sum() == 11
    with pytest.raises(DatasetError, match="keypoints differ"):
        append_labels(make_dataset(name="other", category_names=("nose", "tail")), tmp_path / "index")


def test_what_is_removed_is_named_by_file_or_field(make_dataset, tmp_path):
    from retrieval.index import build_index_from_labels

    build_index_from_labels(make_dataset(), tmp_path / "index")
    append_labels(make_dataset(count=4, name="another"), tmp_path / "index")
    index = load_index(tmp_path / "index")
    picture = tmp_path / "another" / "images" / "000001.png"
    assert entries_to_remove(index, [picture], {}).tolist() == [7]
    assert entries_to_remove(index, [], {"source": ["another"]}).tolist() == [6, 7, 8, 9]
    assert entries_to_remove(index, [picture], {"source": ["dataset"]}).tolist() == []
    with pytest.raises(AkdError, match="say what to remove"):
        entries_to_remove(index, [], {})
    with pytest.raises(IndexFileError, match=r"index: does not hold .*gone\.png"):
        entries_to_remove(index, [tmp_path / "gone.png"], {})
    with pytest.raises(IndexFileError, match="no image has source 'elsewhere'; there are: another, dataset"):
        entries_to_remove(index, [], {"source": ["elsewhere"]})
    query = describe(index.keypoints[:1], index.boxes[:1])
    assert len(top_entries(index, query, 99).entries) == 10
