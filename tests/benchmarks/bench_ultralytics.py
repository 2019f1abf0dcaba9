"""Nano beside Ultralytics' smallest pose model, with the same images, image size, batch, threads and seconds.

    python -m tests.benchmarks.bench_ultralytics DATASET -o OUT --python yolo/bin/python --real PHOTOS --seconds 3600

Trained on the CPU, on two threads, each for as many epochs as fill the seconds; scored by one evaluator, ours, on the
test split and on real photos. Ultralytics starts from random weights (its own would have to be downloaded), so nano
does too: "from scratch" is the fair row; "as it ships" has an ImageNet backbone. Times per image are medians, batch 1,
warm, from decoded pixels to keypoints in pixels.

Ultralytics (AGPL-3.0) stays in an environment of its own, which borrows torch from ours and is never a dependency:

    python3.13 -m venv yolo
    .venv/bin/python -c 'import site; print(site.getsitepackages()[0])' > yolo/lib/python3.13/site-packages/ours.pth
    yolo/bin/pip install --no-deps ultralytics ultralytics-thop polars polars-runtime-32 matplotlib contourpy cycler \\
        fonttools kiwisolver pyparsing packaging python-dateutil six

Nothing is downloaded. For figures to publish: 2,000 images and --seconds 3600, about 3.3 hours on two idle cores.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml

from pipeline.coco import load_coco
from pipeline.images import read_image
from tests.conftest import ROOT
from training.checkpoint import load_model, read_weights
from training.config import load_model_config
from training.predict import predict_arrays
from training.weights_path import LAST

SIDE = Path(__file__).with_name("ultralytics_side.py")
CONFIG = "akd-nano"
MODEL = "yolo11n-pose.yaml"
WARM, TIMED = 5, 60
SHORT = 2
"""Epochs of the run that tells how long one takes."""
THREADS = {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
OFFLINE = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false"}


@dataclass(frozen=True)
class Row:
    """One detector: its size, what training took (without starting up), scores by dataset, milliseconds per image."""

    name: str
    parameters: int
    seconds: float
    epochs: int
    scores: Mapping[str, Mapping[str, Any]]
    ms: float


def main() -> None:
    """Train, score and time all three; print the table and write OUT/table.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="rendered, with train, val and test splits")
    parser.add_argument("-o", "--out", type=Path, required=True, help="new folder")
    parser.add_argument("--python", type=Path, required=True, help="of the environment with Ultralytics")
    parser.add_argument("--seconds", type=float, default=3600.0, help="of training, each (3600)")
    parser.add_argument("--model", default=MODEL, help=f"an architecture that comes with Ultralytics ({MODEL})")
    parser.add_argument("--real", type=Path, help="COCO keypoints dataset of real photos")
    given = parser.parse_args()
    given.out.mkdir(parents=True)
    datasets = {"test": (given.dataset, "test")} | ({"real": (given.real, None)} if given.real else {})
    rows = [theirs(given, datasets)]
    for name, weights in (("akd-nano from scratch", "none"), ("akd-nano as it ships", "imagenet")):
        rows.append(ours(given, name, weights, datasets))
    lines = table(rows, list(datasets))
    print("\n".join(lines), flush=True)
    (given.out / "table.json").write_text(json.dumps([row.__dict__ for row in rows], indent=1))


def theirs(given: argparse.Namespace, datasets: Mapping[str, tuple[Path, str | None]]) -> Row:
    """Ultralytics' model."""
    size, run = str(load_model_config(CONFIG).image_size), given.out / "yolo"
    akd("export", given.dataset, "--to", "yolo-pose", "-o", given.out / "data")
    side(given, "train", (given.out / "data" / "data.yaml").resolve(), given.model, given.seconds, size, run)
    scores, ms = {}, 0.0
    for name, (dataset, split) in datasets.items():
        results, listed = given.out / f"yolo-{name}.json", given.out / f"{name}-images.json"
        coco = load_coco(dataset, split)
        images = [{"id": image.id, "path": str(image.path.resolve())} for image in coco.images]
        listed.write_text(json.dumps({"images": images, "category_id": coco.category_ids[0]}))
        side(given, "predict", run, listed, size, results)
        ms = ms or json.loads(results.with_suffix(".told.json").read_text())["ms"]
        scores[name] = score(given.out / f"yolo-{name}-report.json", dataset, split, "--predictions", results)
    told = json.loads((run / "told.json").read_text())
    return Row(given.model.removesuffix(".yaml"), told["parameters"], told["seconds"], told["epochs"], scores, ms)


def ours(given: argparse.Namespace, name: str, weights: str, datasets: Mapping[str, tuple[Path, str | None]]) -> Row:
    """Nano, for as many epochs as fit: a short run tells what an epoch takes."""
    stem = f"nano-{weights}"
    config = given.out / f"{stem}.yaml"
    content = load_model_config(CONFIG).model_dump(mode="json") | {"name": stem, "weights": weights}
    config.write_text(yaml.safe_dump(content, sort_keys=False))

    def trained(epochs: int, folder: str) -> float:
        akd("train", config, "-d", given.dataset, "-o", given.out / folder, "--epochs", epochs)
        return float(read_weights(given.out / folder / LAST)["training"]["seconds"])

    epochs = max(1, round(given.seconds / (trained(SHORT, f"{stem}-short") / SHORT)))
    seconds = trained(epochs, stem)
    run = given.out / stem
    scores = {
        key: score(given.out / f"{stem}-{key}-report.json", dataset, split, run)
        for key, (dataset, split) in datasets.items()
    }
    loaded = load_model(run, device="cpu")
    parameters = sum(p.numel() for p in loaded.model.parameters())
    return Row(name, parameters, seconds, epochs, scores, milliseconds(run, given.dataset))


def milliseconds(run: Path, dataset: Path) -> float:
    """Per image of the test split, as on the other side."""
    torch.set_num_threads(2)
    loaded = load_model(run, device="cpu")
    images = [read_image(image.path) for image in load_coco(dataset, "test").images[: TIMED + WARM]]
    took = []
    for number in range(TIMED + WARM):
        begun = time.perf_counter()
        predict_arrays(loaded, [images[number % len(images)]])
        took.append(1000 * (time.perf_counter() - begun))
    return statistics.median(took[WARM:])


def score(report: Path, dataset: Path, split: str | None, *what: object) -> dict[str, Any]:
    """What `akd evaluate` finds."""
    part = ["--split", split] if split else []
    akd("evaluate", *what, "-d", dataset, *part, "--resamples", 0, "--json", report)
    found = json.loads(report.read_text())
    return {"AP": found["keypoints"]["AP"], "PCK@0.1": found["pck"]["0.1"], "box AP": found["box"]["AP"]}


def akd(*arguments: object) -> None:
    """A verb of ours, with two threads."""
    run([sys.executable, str(ROOT / "akd.py"), *map(str, arguments)], {})


def side(given: argparse.Namespace, *arguments: object) -> None:
    """The other side, which may download nothing."""
    settings = {**OFFLINE, "YOLO_CONFIG_DIR": str((given.out / "settings").resolve())}
    run([str(given.python), str(SIDE), *map(str, arguments)], settings)


def run(command: Sequence[str], settings: Mapping[str, str]) -> None:
    """To its end; its output goes to stderr, so that the table stands alone on stdout."""
    subprocess.run(command, env={**os.environ, **THREADS, **settings}, stdout=sys.stderr, check=True)


def table(rows: Sequence[Row], datasets: Sequence[str]) -> list[str]:
    """One line each, scores in per cent."""
    columns = [(name, key) for name in datasets for key in ("AP", "PCK@0.1", "box AP")]
    head = f"{'detector':24}{'M par.':>8}{'train s':>9}{'epochs':>8}"
    lines = [head + "".join(f"{f'{name} {key}':>14}" for name, key in columns) + f"{'ms/image':>10}"]
    for row in rows:
        scores = [row.scores[name][key] for name, key in columns]
        shown = "".join(f"{'none' if value is None else f'{100 * value:.1f}':>14}" for value in scores)
        lines.append(f"{row.name:24}{row.parameters / 1e6:8.2f}{row.seconds:9.0f}{row.epochs:8d}{shown}{row.ms:10.1f}")
    return lines


if __name__ == "__main__":
    main()
