"""The farm as a user meets it: same dataset however it is made, and it survives being killed."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from pycocotools.coco import COCO

from pipeline.check import check_dataset
from pipeline.coco import load_coco
from pipeline.config import parse_config
from pipeline.dataset_folder import open_dataset
from pipeline.errors import RenderError
from pipeline.farm import Farm
from pipeline.generate import generate_dataset
from pipeline.images import read_image
from pipeline.keypoints import KeypointSchema
from pipeline.plan import plan_dataset
from pipeline.spec import DatasetSpec
from pipeline.worker_process import WorkerLimits
from tests.conftest import ROOT

pytestmark = [pytest.mark.blender, pytest.mark.slow]
SPEC: dict[str, Any] = {
    "name": "tiny",
    "seed": 3,
    "images": 6,
    "image": {"width": 96, "height": 64, "format": "png"},
    "render": {"samples": 1, "denoise": False, "device": "cpu"},
    "vehicles": {"views_per_vehicle": 2, "sources": [{"parametric": {"choice": ["sedan", "hatchback", "suv"]}}]},
    "appearance": {"paint": {"choice": ["white", "red", "blue", "black"]}},
    "camera": {"azimuth_deg": {"uniform": [0, 360]}, "elevation_deg": {"uniform": [0, 25]}},
    "light": {"kind": {"choice": ["sky", "hdri", "overcast"]}},
}


def tiny(**changes: Any) -> DatasetSpec:
    return parse_config({**SPEC, **changes}, DatasetSpec, "tiny")


def digest(dataset: Path) -> dict[str, str]:
    """A hash of every label file, and of the pixels of every image."""
    hashes = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(dataset.glob("*.json"))}
    for path in sorted((dataset / "images").iterdir()):
        hashes[path.name] = hashlib.sha256(read_image(path).tobytes()).hexdigest()
    return hashes


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unbroken") / "d"
    generate_dataset(tiny(), folder, workers=1)
    return folder


def test_the_dataset_is_sound_and_pycocotools_loads_it(unbroken: Path, capsys: pytest.CaptureFixture[str]):
    assert [p for p in check_dataset(unbroken) if p.severity == "error"] == []
    coco = COCO(str(unbroken / "annotations.json"))
    assert len(coco.getImgIds()) == 6
    for annotation in coco.loadAnns(coco.getAnnIds()):
        assert coco.annToMask(annotation).sum() == annotation["area"]


def test_the_ground_truth_scored_as_prediction_is_perfect(unbroken: Path, schema: KeypointSchema):
    from training.evaluate import evaluate
    from training.predict import Detection

    coco = load_coco(unbroken)
    found = {
        image.id: [Detection(i.bbox, 0.9, i.keypoints, np.ones(len(schema))) for i in image.instances]
        for image in coco.images
    }
    scores = evaluate(coco, found, schema).as_json()
    assert scores["keypoints"]["AP"] == pytest.approx(1.0)
    assert scores["box"]["AP"] == pytest.approx(1.0)
    assert scores["pck"]["0.05"] == 1.0


def test_pictures_show_something_and_differ(unbroken: Path):
    pictures = [read_image(image.path) for image in load_coco(unbroken).images]
    assert all(picture.shape == (64, 96, 3) and picture.std() > 8 for picture in pictures)
    assert all(np.abs(a.astype(int) - b).mean() > 2 for a, b in pairwise(pictures))


def test_two_workers_make_the_same_dataset(unbroken: Path, tmp_path: Path):
    generate_dataset(tiny(), tmp_path / "d", workers=2)
    assert digest(tmp_path / "d") == digest(unbroken)


def test_small_vehicles_get_more_samples(tmp_path: Path):
    """None of these covers half of its picture: twice as many samples as a vehicle that fills one would get."""
    plain = {"samples": 1, "denoise": False, "device": "cpu"}
    for name, changes in (("small", {"samples_for_share": 1.0}), ("twice", {"samples": 2}), ("once", {})):
        generate_dataset(tiny(images=2, render=plain | changes), tmp_path / name, workers=1)
    pictures = {name: read_image(tmp_path / name / "images" / "000000.png") for name in ("small", "twice", "once")}
    assert np.array_equal(pictures["small"], pictures["twice"])
    assert not np.array_equal(pictures["small"], pictures["once"])


def test_going_on_with_a_finished_dataset_renders_nothing(unbroken: Path):
    before = digest(unbroken)
    summary = generate_dataset(tiny(), unbroken, workers=1)
    assert (summary.rendered, summary.found) == (0, 6)
    assert digest(unbroken) == before


def test_killed_in_the_middle_and_started_again_it_is_the_same(unbroken: Path, tmp_path: Path):
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(SPEC))
    command = [sys.executable, str(ROOT / "akd.py"), "generate", str(tmp_path / "tiny.yaml"), "-o", str(tmp_path / "d")]
    process = subprocess.Popen([*command, "--workers", "1"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    shots = tmp_path / "d" / "shots"
    deadline = time.monotonic() + 120
    while len(list(shots.glob("*.json"))) < 2:
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "d" / "annotations.json").exists()
    subprocess.run([*command, "--workers", "1"], cwd=tmp_path, check=True, capture_output=True)
    assert digest(tmp_path / "d") == digest(unbroken)


def test_a_worker_that_dies_is_replaced(unbroken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The worker kills itself in the middle of its first image, once."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, pathlib\n"
        f"mark = pathlib.Path({str(tmp_path / 'died')!r})\n"
        "if 'AKD_PARENT' in os.environ and not mark.exists():\n"
        "    mark.touch(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    generate_dataset(tiny(), tmp_path / "d", workers=1)
    assert (tmp_path / "died").exists()
    assert digest(tmp_path / "d") == digest(unbroken)


def test_an_image_does_not_depend_on_those_that_its_worker_rendered_before(tmp_path: Path):
    """Traffic comes into a scene that was rendered without it: nothing of that may be left in Cycles."""
    spec = tiny(
        images=60,
        render={"samples": 2, "device": "cpu"},
        vehicles={"views_per_vehicle": 2, "sources": [{"parametric": "sedan"}]},
        traffic={"arrangement": {"choice": ["none", "parking"]}},
    )
    shots = plan_dataset(spec)
    second = next(
        after.index
        for before, after in zip(shots[::2], shots[1::2], strict=True)
        if after.traffic and not before.traffic and after.light.kind == "sky"
    )
    for name, indices in (("after", [second - 1, second]), ("alone", [second])):
        open_dataset(tmp_path / name, spec)
        Farm(tmp_path / name, spec, 1, WorkerLimits(100, 1e6, 300.0), lambda event: None).run(indices)
    after, alone = (read_image(tmp_path / name / "images" / f"{second:06d}.png") for name in ("after", "alone"))
    assert (after == alone).all()


def test_a_shot_that_cannot_be_rendered_is_named_and_the_others_are_there(tmp_path: Path):
    broken = tmp_path / "maps"
    broken.mkdir()
    (broken / "a.exr").write_bytes(b"not an image")
    spec = tiny(light={"kind": {"choice": ["hdri", "overcast"], "weights": [1, 1]}, "hdri": str(broken)}, images=8)
    plan_kinds = [kind for kind in _light_kinds(spec)]
    assert {"hdri", "overcast"} == set(plan_kinds)
    with pytest.raises(
        RenderError, match=rf"{plan_kinds.count('hdri')} of 8 images failed, all others are done.*a\.exr"
    ):
        generate_dataset(spec, tmp_path / "d", workers=1)
    assert len(list((tmp_path / "d" / "shots").iterdir())) == plan_kinds.count("overcast")
    assert not (tmp_path / "d" / "annotations.json").exists()


def _light_kinds(spec: DatasetSpec) -> list[str]:
    from pipeline.plan import plan_dataset

    return [shot.light.kind for shot in plan_dataset(spec)]


def test_records_hold_no_clock_and_no_path_of_this_machine(unbroken: Path):
    record = json.loads((unbroken / "shots" / "000000.json").read_text())
    assert str(unbroken) not in json.dumps(record)
    assert set(record) == {"index", "image", "camera", "shot", "vehicle_parameters", "annotations"}


def test_a_users_model_is_rendered_beside_generated_cars(shared_data: Path, tmp_path: Path, schema: KeypointSchema):
    model = shared_data / "vehicles" / "vaz_2107.glb"
    labels = ROOT / "tests" / "data" / "vaz_2107.keypoints.yaml"
    sources = [{"model": str(model), "keypoints": str(labels), "weight": 2}, {"parametric": "suv"}]
    spec = tiny(vehicles={"views_per_vehicle": 1, "sources": sources})
    generate_dataset(spec, tmp_path / "d", workers=2)
    dataset = load_coco(tmp_path / "d")
    users = [image for image in dataset.images if image.extra["vehicle"] == "vaz_2107"]
    assert 0 < len(users) < len(dataset.images)
    assert len({image.extra["split"] for image in users}) == 1, "a model is one vehicle, however often it is drawn"
    assert all(len(image.instances) == 1 and image.instances[0].keypoints[:, 2].max() == 2 for image in users)
    content = yaml.safe_load((tmp_path / "d" / "dataset.yaml").read_text())
    assert content["licences"] == {str(model): "CC-BY-4.0"}
    assert len(content["assets"]) == 2
