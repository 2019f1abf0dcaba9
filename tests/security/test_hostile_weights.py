"""Weights that would run code, unpack to gigabytes, or ask for a network beyond memory."""

import io
import json
import os
import pickle
import zipfile
from pathlib import Path

import pytest
import torch

from pipeline.errors import WeightsError
from training.checkpoint import load_model
from training.weights_file import read_torch, write_torch


class Runs:
    """Pickled, it makes a folder when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self._mark),)


@pytest.mark.parametrize("legacy", [False, True])
def test_a_pickle_runs_nothing(tmp_path: Path, legacy: bool):
    mark, file = tmp_path / "it-ran", tmp_path / "hostile.pt"
    torch.save({"format": "akd-weights-1", "state": Runs(mark)}, file, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(WeightsError, match="is not a weights file"):
        load_model(file)
    file.write_bytes(pickle.dumps(Runs(mark)))
    with pytest.raises(WeightsError, match="is not a weights file"):
        load_model(file)
    assert not mark.exists()


def test_weights_that_unpack_to_more_than_they_are_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    plain, packed = tmp_path / "plain.pt", tmp_path / "packed.pt"
    write_torch(plain, {"zeros": torch.zeros(2_000_000)})
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    assert packed.stat().st_size < plain.stat().st_size / 100
    assert len(read_torch(plain)["zeros"]) == 2_000_000
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was unpacked"))
    with pytest.raises(WeightsError, match="is not a weights file"):
        read_torch(packed)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("config", "[" * 100_000, "is damaged"),
        ("config", {"image_size": 10**9}, "image_size"),
        ("schema", '{"name": 5}', "is damaged"),
        ("state", {"a": 5}, "do not fit|damaged"),
        ("state", [], "damaged"),
    ],
)
def test_a_header_that_lies_is_named(tmp_path: Path, tiny_weights: Path, key: str, value: object, message: str):
    content = torch.load(tiny_weights, weights_only=True)
    if isinstance(value, dict) and key == "config":
        value = json.dumps(json.loads(content["config"]) | value)
    file = tmp_path / "hostile.pt"
    write_torch(file, {**content, key: value})
    with pytest.raises(WeightsError, match=message):
        load_model(file)


def test_an_array_with_a_stride_of_nothing_fills_no_memory(tmp_path: Path, tiny_weights: Path):
    """Four bytes that stand for a terabyte: shapes are compared before anything is copied."""
    content = torch.load(tiny_weights, weights_only=True)
    name = next(iter(content["state"]))
    content["state"][name] = torch.zeros(1).expand(2**38)
    file = tmp_path / "hostile.pt"
    buffer = io.BytesIO()
    torch.save(content, buffer)
    file.write_bytes(buffer.getvalue())
    with pytest.raises(WeightsError, match="do not fit"):
        load_model(file)
