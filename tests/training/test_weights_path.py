"""Which file stands for the weights."""

import pytest

from pipeline.errors import WeightsError
from training.weights_path import weights_path


def test_of_a_run_its_best_weights_are_taken_or_its_last(tmp_path):
    (tmp_path / "metrics.json").write_text("{}")
    (tmp_path / "last.pt").write_bytes(b"last")
    assert weights_path(tmp_path) == tmp_path / "last.pt"
    (tmp_path / "best.pt").write_bytes(b"best")
    assert weights_path(tmp_path) == tmp_path / "best.pt"
    assert weights_path(tmp_path / "last.pt") == tmp_path / "last.pt"


def test_a_folder_with_one_file_of_weights_means_that_file(tmp_path):
    (tmp_path / "mine.safetensors").write_bytes(b"")
    assert weights_path(tmp_path) == tmp_path / "mine.safetensors"


def test_a_folder_without_or_with_too_many_weights_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"holds no weights; a run folder has best\.pt after its first epoch"):
        weights_path(tmp_path)
    for name in ("a.pt", "b.safetensors"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(WeightsError, match=r"holds a\.pt, b\.safetensors; must hold one file of weights, or best\.pt"):
        weights_path(tmp_path)
