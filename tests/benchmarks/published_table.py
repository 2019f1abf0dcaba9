"""The published table, all rows trained on the same images and scored by one evaluator; wants a GPU.

    python -m tests.benchmarks.published_table DATASET -o OUT --images 400 --together 9 --real PHOTOS

Each row is `akd train` and `akd evaluate` with the row's own config and epochs; what differs is said here: `--samples`
regions per image (torchvision takes 512, of one vehicle 128 teach as much), validation at the end only, loader
processes, and random weights to start from, as published. Rows whose scores are in OUT already are not run again. Small
steps leave a large GPU idle: `--together` rows share it.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipeline.files import write_text_atomic
from tests.conftest import ROOT
from training.config import load_model_config


@dataclass(frozen=True)
class Row:
    """One detector, and what was published of it: box AP and keypoint AP on two test images."""

    config: str
    box_ap: float | None = None
    keypoint_ap: float | None = None


ROWS = (
    Row("akd-1.0", 0.9, 0.6),
    Row("akd-2.0", None, 0.105),
    Row("akd-2.1", 0.925, 0.7),
    Row("akd-2.2", None, 0.6),
    Row("akd-2.3", 0.9, 0.8),
    Row("akd-2.4", 1.0, 0.7),
    Row("akd-3.0", 0.85, 0.35),
    Row("as-published", 0.9, 0.8),
    Row("akd-4.0"),
    Row("akd-nano"),
)
ROUNDS = 300
"""Resamples of an interval."""
Report = dict[str, Any]


def main() -> None:
    """Train and score what is not scored yet; print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="rendered, with train, val and test splits")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=400, help="of the train split (400)")
    parser.add_argument("--together", type=int, default=1, help="rows at a time (1)")
    parser.add_argument("--samples", type=int, default=128, help="regions per image that a Keypoint R-CNN learns from")
    parser.add_argument("--workers", type=int, default=2, help="loader processes of each row (2)")
    parser.add_argument("--epochs", type=int, help="instead of each config's own: a trial")
    parser.add_argument("--rows", nargs="+", default=[row.config for row in ROWS], help="only these")
    parser.add_argument("--real", type=Path, help="COCO keypoints dataset of real photos")
    given = parser.parse_args()
    rows = [row for row in ROWS if row.config in given.rows]
    first_images(given.dataset, given.images, given.out / "data")
    with ThreadPoolExecutor(given.together) as pool:
        reports = list(pool.map(lambda row: run_row(row, given), rows))
    print(f"{given.images} images, {given.samples} regions per image, random weights but akd-nano's backbone")
    print("\n".join(table(rows, reports)))


def first_images(dataset: Path, count: int, out: Path) -> None:
    """A dataset of the first so many training images; validation and test are whole, images a link."""
    out.mkdir(parents=True, exist_ok=True)
    images = out / "images"
    if not images.is_symlink():
        images.symlink_to((dataset / "images").resolve())
    for split in ("train", "val", "test"):
        content = json.loads((dataset / f"{split}.json").read_text())
        if split == "train":
            content["images"] = content["images"][:count]
            known = {image["id"] for image in content["images"]}
            content["annotations"] = [one for one in content["annotations"] if one["image_id"] in known]
        write_text_atomic(out / f"{split}.json", json.dumps(content))


def run_row(row: Row, given: argparse.Namespace) -> dict[str, Report]:
    """Reports by dataset."""
    run = given.out / row.config
    scored = {"test": [given.out / "data", "--split", "test"]} | ({"real": [given.real]} if given.real else {})
    files = {name: given.out / f"{row.config}-{name}.json" for name in scored}
    if not all(file.is_file() for file in files.values()):
        epochs = ["--epochs", given.epochs] if given.epochs else []
        resume = ["--resume"] if (run / "last.pt").is_file() else []
        akd(run, "train", config_of(row, given), "-d", given.out / "data", "-o", run, *epochs, *resume)
        for name, dataset in scored.items():
            akd(run, "evaluate", run, "-d", *dataset, "--resamples", ROUNDS, "--json", files[name])
    return {name: json.loads(file.read_text()) for name, file in files.items()}


def config_of(row: Row, given: argparse.Namespace) -> Path:
    """The row's config with what this benchmark changes."""
    content = load_model_config(row.config).model_dump(mode="json")
    content |= {"validate_every": content["epochs"], "workers": given.workers}
    if content["rcnn"]:
        content["weights"] = "none"
        content["rcnn"]["samples"] = given.samples
    file: Path = given.out / f"{row.config}.yaml"
    write_text_atomic(file, yaml.safe_dump(content, sort_keys=False))
    return file


def akd(run: Path, *arguments: object) -> None:
    """A verb, to its end; what it says goes to RUN.log."""
    command = [sys.executable, str(ROOT / "akd.py"), *map(str, arguments)]
    with run.with_name(f"{run.name}.log").open("a") as log:
        subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=True, env={**os.environ} | threads())


def threads() -> dict[str, str]:
    """On a GPU a process's own CPU threads stand in the others' way."""
    import torch

    return {"OMP_NUM_THREADS": "1"} if torch.cuda.is_available() else {}


def table(rows: Sequence[Row], reports: Sequence[dict[str, Report]]) -> list[str]:
    """Markdown: what was published, and the scores by dataset."""
    names = list(reports[0])
    columns = ["detector", "published box AP", "published keypoint AP"]
    columns += [f"{name} {score}" for name in names for score in ("box AP", "keypoint AP", "PCK@0.1")]
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for row, by_name in zip(rows, reports, strict=True):
        cells = [row.config, *("" if score is None else f"{score:.3f}" for score in (row.box_ap, row.keypoint_ap))]
        for name in names:
            report = by_name[name]
            scores = (report["box"]["AP"], report["keypoints"]["AP"], report["pck"]["0.1"])
            cells += ["none" if score is None else f"{score:.3f}" for score in scores]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    main()
