"""What each group of a dataset spec is worth on real photos: train without it, and score.

    python -m tests.benchmarks.ablation REAL -o out/ablation [--images 240] [--size 256] [--epochs 24] [--seeds 2]

REAL is a folder of labelled photos (../shared/data/real_photos). Each variant is the `street` spec with one group set
to its plain default: what else is drawn stays as it was, because each group has streams of its own. Every variant has
the same vehicles, images and steps; a seed changes both the dataset and the training. What is done is kept, so an
interrupted run goes on; the table is of what is done, with the greatest difference between seeds beside each mean.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from pipeline.config import Config
from pipeline.files import write_text_atomic
from pipeline.spec import DatasetSpec, load_spec
from tests.conftest import ROOT

PLAIN: dict[str, dict[str, object]] = {
    "everything": {},
    "light": {"light": {"azimuth_deg": 40.0}},
    "paint": {"appearance": {}},
    "camera": {"camera": {"azimuth_deg": {"uniform": [0, 360]}}},
    "sensor": {"sensor": {}},
    "occluders and traffic": {"traffic": {}, "occluders": {}},
    "surroundings": {"surroundings": {}, "background": {}, "ground": {}},
    "weather": {"weather": {}},
}
"""What each variant says instead of the street spec: a group left out says its defaults. Azimuths stay all round."""
SCORES = {"keypoint AP": ("keypoints", "AP"), "PCK@0.1": ("pck", "0.1"), "box AP50": ("box", "AP50")}


SCORE = "real.json"


@dataclass(frozen=True)
class Budget:
    """What every variant gets."""

    images: int
    size: int
    epochs: int


def variant_spec(name: str, seed: int, budget: Budget) -> DatasetSpec:
    """The street spec, small, with a group left out.

    Raises:
        SpecError: the spec lacks the group.
    """
    spec = load_spec("street")
    content = spec.model_dump(mode="json", exclude_unset=True)
    content |= {"name": f"ablation-{name.replace(' ', '-')}", "seed": seed, "images": budget.images}
    content["image"] |= {"width": budget.size, "height": budget.size}
    content |= {group: plain for group, plain in PLAIN[name].items() if group in type(spec).model_fields}
    return DatasetSpec.model_validate(content)


def run(name: str, seed: int, real: Path, out: Path, budget: Budget) -> None:
    """Make one variant's dataset, train on it and score it, from where it was left."""
    folder = out / name.replace(" ", "-") / str(seed)
    if not (folder / SCORE).is_file():
        train_and_score(variant_spec(name, seed, budget), seed, real, folder, budget.epochs)


def train_and_score(spec: DatasetSpec, seed: int, real: Path, folder: Path, epochs: int) -> None:
    """Make a dataset in a folder, train akd-nano on it and score it on photos, from where it was left."""
    write_spec(folder / "spec.yaml", spec)
    dataset, trained = folder / "dataset", folder / "run"
    budget = ["--epochs", str(epochs), "--seed", str(seed), *(["--resume"] if trained.exists() else [])]
    akd("generate", str(folder / "spec.yaml"), "-o", str(dataset))
    akd("train", "akd-nano", "-d", str(dataset), "-o", str(trained), *budget)
    akd("evaluate", str(trained), "-d", str(real), "--json", str(folder / SCORE))


def write_spec(path: Path, spec: Config) -> None:
    """As YAML that `load_spec` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text_atomic(path, yaml.safe_dump(spec.model_dump(mode="json", exclude_unset=True), sort_keys=False))


def akd(*arguments: str) -> None:
    """Run a command as a user would."""
    print("$ akd", *arguments, flush=True)
    subprocess.run([sys.executable, str(ROOT / "akd.py"), *arguments], check=True)


def table(out: Path) -> Iterator[str]:
    """Markdown: a row per variant, its means, and its loss against everything seed by seed."""
    whole = scores(out, "everything")
    yield "| left out | runs | " + " | ".join(SCORES) + " | PCK@0.1 against everything, by seed |"
    yield "|---|---|" + "---|" * (len(SCORES) + 1)
    for name in PLAIN:
        found = scores(out, name)
        if found:
            columns = np.array(list(found.values()))
            cells = [f"{c.mean():.3f} ± {np.ptp(c) / 2:.3f}" for c in columns.T]
            paired = [f"{found[s][1] - whole[s][1]:+.3f}" for s in found if s in whole and name != "everything"]
            yield f"| {name} | {len(found)} | " + " | ".join(cells) + f" | {', '.join(paired)} |"


def scores(out: Path, name: str) -> dict[int, tuple[float, ...]]:
    """Seed to what it scored, for the seeds that are done."""
    files = sorted((out / name.replace(" ", "-")).glob(f"*/{SCORE}"))
    reports = {int(file.parent.name): json.loads(file.read_text(encoding="utf-8")) for file in files}
    return {seed: tuple(report[group][key] for group, key in SCORES.values()) for seed, report in reports.items()}


def main() -> None:
    """Run what is not done, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("real", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=240)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=list(PLAIN), default=list(PLAIN))
    given = parser.parse_args()
    budget = Budget(given.images, given.size, given.epochs)
    for seed in range(1, given.seeds + 1):
        for name in given.only:
            run(name, seed, given.real, given.out, budget)
    print("\n".join(table(given.out)))


if __name__ == "__main__":
    main()
