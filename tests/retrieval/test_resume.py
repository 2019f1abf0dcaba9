"""Killed while predicting: the same command goes on, and the index is the one that was never interrupted."""

import json

import numpy as np
import pytest

from pipeline.errors import IndexFileError
from pipeline.images import write_image
from retrieval.index import build_index
from retrieval.journal import journal_path
from retrieval.store import load_index
from retrieval.update import append_predictions
from tests.retrieval.test_build_index import detection


@pytest.fixture
def pictures(make_dataset, tmp_path, stand_in_model):
    """A folder of six pictures with one or two vehicles each, and weights."""
    rng = np.random.default_rng(3)
    folder = make_dataset() / "images"
    for number, path in enumerate(sorted(folder.iterdir())):
        stand_in_model[path.name] = [detection(rng, 0.3 + 0.1 * i) for i in range(number % 3)]
    (tmp_path / "w.pt").write_bytes(b"weights")
    return folder


class Killed(BaseException):
    """Nothing catches it."""


@pytest.fixture
def interrupt(monkeypatch):
    """A function that lets the model see so many pictures, then kills; `seen` lists what it was asked for."""
    import retrieval.index
    import retrieval.update

    usual = retrieval.index.open_predictor
    seen = []

    def after(count):
        def open_predictor(weights):
            predictor = usual(weights)

            def predict(paths):
                for number, (path, found) in enumerate(zip(paths, predictor.predict(paths), strict=True)):
                    if number == count:
                        raise Killed
                    seen.append(path.name)
                    yield found

            return type("P", (), {"file": predictor.file, "schema": predictor.schema, "predict": staticmethod(predict)})

        seen.clear()
        monkeypatch.setattr("retrieval.index.open_predictor", open_predictor)
        monkeypatch.setattr("retrieval.update.open_predictor", open_predictor)

    after.seen = seen
    return after


def content(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_it_goes_on_where_it_was_and_nothing_differs(pictures, tmp_path, interrupt):
    interrupt(99)
    build_index(tmp_path / "w.pt", pictures, tmp_path / "never", progress=False)
    assert len(interrupt.seen) == 6
    interrupt(4)
    with pytest.raises(Killed):
        build_index(tmp_path / "w.pt", pictures, tmp_path / "index", progress=False)
    assert not (tmp_path / "index").exists()
    journal = journal_path(tmp_path / "index")
    journal.write_bytes(journal.read_bytes()[:-2])  # the last line was not finished
    interrupt(99)
    build_index(tmp_path / "w.pt", pictures, tmp_path / "index", progress=False)
    assert interrupt.seen == ["000003.png", "000004.png", "000005.png"]
    assert content(tmp_path / "index") == content(tmp_path / "never")
    assert not journal.exists()


def test_another_run_s_predictions_are_not_taken(pictures, tmp_path, interrupt):
    interrupt(2)
    with pytest.raises(Killed):
        build_index(tmp_path / "w.pt", pictures, tmp_path / "index", progress=False)
    (tmp_path / "w.pt").write_bytes(b"others")
    with pytest.raises(IndexFileError, match=r"\.index\.partial\.jsonl: holds what another run predicted .*delete it"):
        build_index(tmp_path / "w.pt", pictures, tmp_path / "index", progress=False)
    journal_path(tmp_path / "index").write_bytes(b'{"akd-in')
    interrupt(99)
    build_index(tmp_path / "w.pt", pictures, tmp_path / "index", progress=False)
    assert len(load_index(tmp_path / "index")) == 6


def test_only_new_and_changed_pictures_are_predicted_when_appending(pictures, tmp_path, interrupt):
    interrupt(99)
    build_index(tmp_path / "w.pt", pictures, tmp_path / "index", progress=False)
    interrupt(99)
    assert append_predictions(tmp_path / "w.pt", pictures, tmp_path / "index", progress=False).added is None
    assert interrupt.seen == []
    write_image(pictures / "000002.png", np.zeros((64, 96, 3), np.uint8))
    write_image(pictures / "000009.png", np.zeros((64, 96, 3), np.uint8))
    interrupt(1)
    with pytest.raises(Killed):
        append_predictions(tmp_path / "w.pt", pictures, tmp_path / "index", progress=False)
    assert load_index(tmp_path / "index").live.all()
    interrupt(99)
    summary = append_predictions(tmp_path / "w.pt", pictures, tmp_path / "index", progress=False)
    assert interrupt.seen == ["000009.png"]
    assert "2 instances in 2 images added, in place of 2 that have changed" in str(summary)
    index = load_index(tmp_path / "index")
    assert [index.image(e).path for e in np.flatnonzero(~index.live)] == ["000002.png"] * 2
    assert json.loads((tmp_path / "index" / "manifest.json").read_text())["segments"][1]["images"] == 2


def test_other_weights_are_refused_before_the_model_is_loaded(pictures, tmp_path, monkeypatch):
    build_index(tmp_path / "w.pt", pictures, tmp_path / "index", progress=False)
    (tmp_path / "other.pt").write_bytes(b"other")
    monkeypatch.setattr("retrieval.update.open_predictor", lambda weights: pytest.fail("the model was loaded"))
    with pytest.raises(IndexFileError, match="are other weights: give them an index of their own"):
        append_predictions(tmp_path / "other.pt", pictures, tmp_path / "index", progress=False)
