"""An index of what is no longer so is refused, with a way out; what merely moved or was touched is not."""

import os

import numpy as np
import pytest

from pipeline.errors import IndexFileError
from pipeline.images import write_image
from retrieval.index import build_index, build_index_from_labels
from retrieval.info import describe_index
from retrieval.options import Options
from retrieval.search import retrieve
from retrieval.stale import require_fresh
from retrieval.store import load_index
from tests.retrieval.test_build_index import detection


def test_labels_that_changed(make_dataset, tmp_path):
    dataset = make_dataset()
    build_index_from_labels(dataset, tmp_path / "index")
    os.utime(dataset / "annotations.json", (1, 1))
    require_fresh(load_index(tmp_path / "index"))
    make_dataset(seed=6)
    with pytest.raises(
        IndexFileError, match=r"is stale: .*annotations\.json has changed .* akd index --append.*--stale"
    ):
        require_fresh(load_index(tmp_path / "index"))
    assert "is stale" in describe_index(tmp_path / "index")
    (dataset / "annotations.json").unlink()
    require_fresh(load_index(tmp_path / "index"))


def test_a_picture_that_changed(make_dataset, tmp_path, stand_in_model):
    dataset = make_dataset()
    (tmp_path / "w.pt").write_bytes(b"weights")
    for number in range(6):
        stand_in_model[f"{number:06d}.png"] = [detection(np.random.default_rng(number))]
    build_index(tmp_path / "w.pt", dataset / "images", tmp_path / "index", progress=False)
    picture = dataset / "images" / "000003.png"
    os.utime(picture, (1, 1))
    assert "nothing that was indexed has changed" in describe_index(tmp_path / "index", verify=True)
    assert retrieve(tmp_path / "index", [picture], k=1)[0].matches[0].path == picture
    write_image(picture, np.full((64, 96, 3), 7, np.uint8))
    with pytest.raises(IndexFileError, match=r"is stale: .*000003\.png has changed since it was indexed"):
        retrieve(tmp_path / "index", [picture], k=1)
    with pytest.raises(IndexFileError, match=r"is stale: .*000003\.png"):
        describe_index(tmp_path / "index", verify=True)
    assert retrieve(tmp_path / "index", [picture], options=Options(k=1, stale=True))[0].matches


def test_what_an_index_says_of_itself(make_dataset, tmp_path):
    build_index_from_labels(make_dataset(), tmp_path / "index")
    text = describe_index(tmp_path / "index")
    assert "6 instances of vehicle20 by labels alone; viewpoint known of 6" in text
    assert "source: dataset" in text
    path = tmp_path / "index" / "0000" / "points.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(IndexFileError, match=r"points\.npy: its content has changed"):
        describe_index(tmp_path / "index", verify=True)
