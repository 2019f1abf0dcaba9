"""Which file stands for the weights, and which detection for a picture."""

import sys
from types import SimpleNamespace

import numpy as np

from retrieval.predictions import BATCH, best_query, open_predictor, weights_stamp


def test_weights_are_remembered_by_place_and_content(tmp_path):
    (tmp_path / "best.pt").write_bytes(b"abc")
    stamp = weights_stamp(tmp_path / "best.pt")
    assert stamp.path == str(tmp_path / "best.pt")
    assert stamp.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_most_certain_detection_is_the_query():
    found = [
        SimpleNamespace(bbox=np.zeros(4), score=score, keypoints=np.full((2, 3), score), keypoint_scores=None)
        for score in (0.2, 0.8, 0.5)
    ]
    query = best_query(found)
    assert query is not None
    assert (query.score, query.keypoints[0, 0]) == (0.8, 0.8)
    assert best_query([]) is None


def test_the_network_is_asked_in_batches_and_answers_in_order(tmp_path, monkeypatch):
    asked = []

    def predict_images(loaded, paths):
        asked.append(len(paths))
        return [(loaded.name, path) for path in paths]

    def load_model(path, device):
        return SimpleNamespace(name=path.name, schema="schema")

    monkeypatch.setitem(sys.modules, "training.predict", SimpleNamespace(predict_images=predict_images))
    monkeypatch.setitem(sys.modules, "training.checkpoint", SimpleNamespace(load_model=load_model))
    (tmp_path / "best.pt").write_bytes(b"")
    predictor = open_predictor(tmp_path)
    paths = [tmp_path / f"{i}.jpg" for i in range(BATCH + 3)]
    assert predictor.file == tmp_path / "best.pt"
    assert list(predictor.predict(paths)) == [("best.pt", path) for path in paths]
    assert asked == [BATCH, 3]
