"""A detector as an ONNX file finds what it finds in torch."""

import builtins

import numpy as np
import pytest
import torch

from akd import main
from pipeline.coco import load_coco
from pipeline.errors import WeightsError
from training.checkpoint import load_model, save_weights
from training.config import ModelConfig
from training.nano import NanoDetector
from training.nano_program import NanoProgram
from training.onnx_file import write_onnx
from training.predict import predict_images
from training.rcnn import RcnnDetector


@pytest.fixture(scope="module")
def nano_weights(schema, tmp_path_factory):
    """Random weights that find something everywhere, and whose heatmaps have one clear peak: no tie to be broken."""
    torch.manual_seed(0)
    config = ModelConfig(name="n", architecture="nano", image_size=96)
    model = NanoDetector(config, len(schema))
    with torch.no_grad():
        model.centre.out.bias[0] = 2.0
        model.points.heat.weight.normal_(std=1.0)
    path = tmp_path_factory.mktemp("weights") / "clear.pt"
    save_weights(path, model.state_dict(), config, schema)
    return path


@pytest.fixture(scope="module")
def onnx_file(nano_weights, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "nano.onnx"
    write_onnx(load_model(nano_weights, "cpu"), path)
    return path


def test_it_finds_the_same_as_torch_to_a_thousandth(onnx_file, nano_weights, dataset):
    paths = [image.path for image in load_coco(dataset).images]
    wanted = predict_images(load_model(nano_weights, "cpu"), paths, batch_size=1)
    found = predict_images(load_model(onnx_file), paths)
    assert [len(one) for one in found] == [len(one) for one in wanted]
    assert sum(len(one) for one in found) >= len(paths)
    for one, other in zip((d for image in found for d in image), (d for image in wanted for d in image), strict=True):
        for field in ("bbox", "keypoints", "keypoint_scores", "score"):
            np.testing.assert_allclose(getattr(one, field), getattr(other, field), atol=1e-3)


def test_it_knows_its_config_and_keypoints(onnx_file, nano_weights):
    assert load_model(onnx_file).schema == load_model(nano_weights).schema
    assert load_model(onnx_file).config == load_model(nano_weights).config


def test_where_there_is_nothing_it_finds_nothing(schema):
    """Weights that see no centre anywhere: the program may not stumble over zero objects."""
    detector = NanoDetector(ModelConfig(name="n", architecture="nano", image_size=96), len(schema)).eval()
    with torch.inference_mode():
        detector.centre.out.bias[0] = -9.0
        boxes, scores, keypoints, keypoint_scores = NanoProgram(detector)(torch.rand(1, 3, 96, 96))
    assert len(boxes) == len(scores) == len(keypoints) == len(keypoint_scores) == 0


def test_akd_predict_takes_it(onnx_file, dataset, tmp_path, capsys):
    assert main(["predict", str(onnx_file), str(dataset), "--split", "val", "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "predictions.json").is_file()


def test_akd_pack_writes_it(nano_weights, tmp_path):
    assert main(["pack", str(nano_weights), "-o", str(tmp_path / "a.onnx")]) == 0
    assert load_model(tmp_path / "a.onnx").config.architecture == "nano"


def test_what_cannot_be_done_is_said(onnx_file, tmp_path, schema, monkeypatch, capsys):
    (tmp_path / "torn.onnx").write_bytes(onnx_file.read_bytes()[:999])
    with pytest.raises(WeightsError, match=r"torn\.onnx: is not an ONNX file that can be run"):
        load_model(tmp_path / "torn.onnx")
    config = ModelConfig(name="r", architecture="keypoint_rcnn", image_size=64)
    state = RcnnDetector(config, len(schema), pretrained=False).state_dict()
    save_weights(tmp_path / "r.pt", state, config, schema)
    with pytest.raises(WeightsError, match="would be of a keypoint_rcnn; only nano can be written as ONNX"):
        write_onnx(load_model(tmp_path / "r.pt", "cpu"), tmp_path / "r.onnx")
    for source, name in ((onnx_file, "b.pt"), (onnx_file, "b.onnx"), (onnx_file.parent, "b.pt")):
        assert main(["pack", str(source), "-o", str(tmp_path / name)]) == 1
        assert f"{source}: is a program without weights; give the run" in capsys.readouterr().err
        assert not (tmp_path / name).exists()
    with pytest.raises(WeightsError, match="finds its own boxes"):
        load_model(onnx_file).model.detect_in(torch.zeros(1, 3, 64, 64), [torch.zeros(0, 4)])
    real = builtins.__import__
    monkeypatch.setattr(
        builtins, "__import__", lambda name, *rest: _missing() if name == "onnxruntime" else real(name, *rest)
    )
    with pytest.raises(WeightsError, match=r"onnxruntime is not installed: pip install 'akd\[onnx\]'"):
        load_model(onnx_file)


def _missing():
    raise ImportError("no such package")
