import csv
import json

import pytest
import torch
import yaml

from pipeline.errors import DatasetError, SpecError, WeightsError
from training.checkpoint import load_model
from training.config import load_model_config
from training.learner import Learner
from training.loop import train
from training.schedule import AveragedWeights, learning_rate_share


@pytest.fixture(scope="module")
def run(tmp_path_factory, dataset, tiny):
    """A run of two epochs, and what train() said of it."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    return out, train(tiny, dataset, out)


def state_of(out, name="last.pt"):
    return torch.load(out / name, weights_only=True)


def test_a_run_leaves_everything_one_needs(run, tiny):
    out, result = run
    assert str(result).startswith("2 epochs in ")
    assert "PCK@0.1" in str(result)
    names = {p.name for p in out.iterdir()}
    assert {"best.pt", "last.pt", "metrics.csv", "speed.csv", "curves.svg", "config.yaml", "validation"} <= names
    shown = {p.name for p in (out / "validation").iterdir()}
    assert shown == {f"epoch_{n:03d}{end}" for n in (1, 2) for end in (".jpg", "_confusion.csv")}
    assert any(name.startswith("events.out.tfevents") for name in names)
    assert load_model_config(str(out / "config.yaml")) == tiny
    rows = list(csv.DictReader((out / "metrics.csv").read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert float(rows[1]["train/loss"]) < float(rows[0]["train/loss"])
    assert rows[1]["val/pck_0.1"]
    assert load_model(out).config == tiny
    versions = yaml.safe_load((out / "versions.yaml").read_text())
    assert list(versions) == ["from epoch 1"]
    assert versions["from epoch 1"]["torch"] == torch.__version__.partition("+")[0]
    assert versions["from epoch 1"]["dataset"].endswith("train.json")
    assert versions["from epoch 1"]["precision"] == "float32"
    speeds = list(csv.DictReader((out / "speed.csv").read_text().splitlines()))
    assert [0 <= float(row["loader_wait"]) <= 1 for row in speeds] == [True, True]
    assert all(float(row["images_per_second"]) > 0 for row in speeds)


def stop_in_step(monkeypatch, number):
    """Interrupt the run before its step `number`, counted from 0."""
    learn = Learner.learn

    def stopped(self, batch):
        if self.step == number:
            raise KeyboardInterrupt
        return learn(self, batch)

    monkeypatch.setattr(Learner, "learn", stopped)


def interrupted_and_resumed(config, dataset, out, monkeypatch, number=3):
    with monkeypatch.context() as patch:
        stop_in_step(patch, number)
        with pytest.raises(KeyboardInterrupt):
            train(config, dataset, out)
    torch.manual_seed(99)  # whatever else the process has drawn must not matter
    return train(config, dataset, out, resume=True)


def assert_equal_runs(mine, other):
    ours, theirs = state_of(mine), state_of(other)
    for a, b in ((ours["state"], theirs["state"]), (ours["training"]["model"], theirs["training"]["model"])):
        assert all(torch.equal(a[name], b[name]) for name in b)
    for name in ("metrics.csv", "curves.svg", "validation/epoch_002.jpg", "validation/epoch_002_confusion.csv"):
        assert (mine / name).read_bytes() == (other / name).read_bytes(), name


def test_a_run_interrupted_mid_way_and_resumed_equals_one_that_never_was(run, dataset, tiny, tmp_path, monkeypatch):
    out = tmp_path / "run"
    interrupted_and_resumed(tiny, dataset, out, monkeypatch)
    assert_equal_runs(out, run[0])
    assert list(yaml.safe_load((out / "versions.yaml").read_text())) == ["from epoch 1", "from epoch 2"]


def test_so_it_does_with_parts_scaled_losses_momentum_and_an_early_stop(dataset, tiny, tmp_path, monkeypatch):
    every = {"accumulate": 2, "precision": "float16", "optimizer": "sgd", "patience": 1, "epochs": 6, "lr": 1e-9}
    config = tiny.model_copy(update=every)
    whole = train(config, dataset, tmp_path / "whole")
    again = interrupted_and_resumed(config, dataset, tmp_path / "run", monkeypatch)
    assert_equal_runs(tmp_path / "run", tmp_path / "whole")
    assert whole.epochs == again.epochs == 2, "weights that hardly move get no better in the second epoch"
    assert "2 epochs (of 6: validations got no better)" in str(again)
    scaler = state_of(tmp_path / "run")["training"]["scaler"]
    assert scaler == state_of(tmp_path / "whole")["training"]["scaler"]
    assert scaler["scale"] > 1
    assert train(config, dataset, tmp_path / "run", resume=True).epochs == 2, "it is over"


def test_a_run_that_was_stopped_before_its_first_epoch_ended_can_be_resumed(run, dataset, tiny, tmp_path, monkeypatch):
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        stop_in_step(patch, 1)
        with pytest.raises(KeyboardInterrupt):
            train(tiny, dataset, out)
    assert not (out / "last.pt").exists()
    assert train(tiny, dataset, out, resume=True).keypoint_ap == run[1].keypoint_ap


def test_patience_needs_validation_images(dataset, tiny, tmp_path):
    config = tiny.model_copy(update={"patience": 2})
    with pytest.raises(DatasetError, match=r"has no validation images \(val\.json\), and patience 2 needs them"):
        train(config, dataset / "train.json", tmp_path / "run")


def test_resuming_a_finished_run_changes_nothing(run, dataset, tiny):
    before = state_of(run[0], "best.pt")["state"]
    result = train(tiny, dataset, run[0], resume=True)
    after = state_of(run[0], "best.pt")["state"]
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert result.best_epoch == run[1].best_epoch


def test_a_run_is_not_overwritten_nor_resumed_with_another_config(run, dataset, tiny, tmp_path):
    with pytest.raises(WeightsError, match=r"is not empty; go on with that run \(--resume\)"):
        train(tiny, dataset, run[0])
    with pytest.raises(WeightsError, match=r"begun with another config \(lr\)"):
        train(tiny.model_copy(update={"lr": 0.1}), dataset, run[0], resume=True)
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(WeightsError, match=r"has no last\.pt"):
        train(tiny, dataset, tmp_path, resume=True)


def test_another_schema_is_refused_before_anything_is_written(dataset, tiny, make_schema_file, tmp_path, schema):
    keypoints = [k.model_dump(mode="json") for k in schema.keypoints]
    keypoints[-1]["name"] = "roof_rack"
    other = make_schema_file(keypoints=keypoints, skeleton=[])
    out = tmp_path / "run"
    with pytest.raises(DatasetError, match="keypoints differ from schema vehicle20 in roof, roof_rack"):
        train(tiny.model_copy(update={"keypoints": str(other)}), dataset, out)
    assert not out.exists()


def test_a_changed_copy_of_a_config_is_checked(dataset, tiny, tmp_path):
    with pytest.raises(SpecError, match=r"seed: .*greater than or equal to 0; got -1"):
        train(tiny.model_copy(update={"seed": -1}), dataset, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_without_a_validation_split_the_last_epoch_is_kept(dataset, tiny, tmp_path):
    result = train(tiny.model_copy(update={"epochs": 1}), dataset / "train.json", tmp_path / "run")
    assert str(result).endswith("no validation images")
    assert load_model(tmp_path / "run")


def test_an_image_that_is_missing_is_found_before_the_run_begins(dataset, tiny, tmp_path):
    content = json.loads((dataset / "train.json").read_text())
    (tmp_path / "annotations.json").write_text(json.dumps(content))
    with pytest.raises(DatasetError, match=r"image 001\.png is not there"):
        train(tiny, tmp_path, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_fine_tuning_starts_from_the_given_weights(run, dataset, tiny, tmp_path):
    still = tiny.model_copy(update={"lr": 1e-12, "weight_decay": 0.0, "epochs": 1, "ema": 0.0})
    train(still, dataset, tmp_path / "tuned", init=run[0])
    start, end = state_of(run[0], "best.pt")["state"], state_of(tmp_path / "tuned", "best.pt")["state"]
    assert torch.allclose(start["points.heat.weight"], end["points.heat.weight"], atol=1e-9)


def test_fine_tuning_refuses_another_architecture(nano_weights, dataset, tiny, tmp_path):
    config = tiny.model_copy(update={"architecture": "keypoint_rcnn"})
    with pytest.raises(WeightsError, match="is a nano; the config asks for keypoint_rcnn"):
        train(config, dataset, tmp_path / "run", init=nano_weights)
    assert not (tmp_path / "run").exists()


def test_the_run_is_seeded(run, dataset, tiny, tmp_path):
    train(tiny.model_copy(update={"epochs": 1, "seed": 8}), dataset, tmp_path / "other")
    other, first = state_of(tmp_path / "other")["state"], state_of(run[0])["state"]
    assert not torch.equal(other["points.heat.weight"], first["points.heat.weight"])
    assert yaml.safe_load((tmp_path / "other" / "config.yaml").read_text())["seed"] == 8


def test_the_learning_rate_rises_and_falls():
    shares = [learning_rate_share(step, 100, 0.1) for step in range(100)]
    assert shares[0] == pytest.approx(0.1)
    assert max(shares) == shares[9] == 1
    assert shares[9:] == sorted(shares[9:], reverse=True)
    assert shares[-1] < 0.001
    assert learning_rate_share(0, 1, 0.0) == 1


def test_averaged_weights_follow_and_end_between():
    model = torch.nn.Linear(1, 1, bias=False)
    average = AveragedWeights(model, 0.9)
    begin = model.weight.item()
    with torch.no_grad():
        model.weight += 1
    average.update(model, 1000)
    assert average.state["weight"].item() == pytest.approx(begin + 0.1, abs=1e-6)
