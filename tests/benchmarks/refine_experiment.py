"""Does the loop close? shift -> refine -> generate -> train, against as many images again of the old spec.

    python -m tests.benchmarks.refine_experiment REAL -o out/refine [--base 400] [--more 400] [--size 256]
        [--epochs 30] [--seeds 3] [--photos 399] [--unlabelled]

REAL is a folder of labelled photos (../shared/data/real_photos). They are dealt into two halves: `akd shift` sees one,
all scores are of the other. Per seed, which is of the datasets and of the training at once:

  base      the `photos` spec without rear views (azimuth -80 to 80) and without close ones (fill 0.3 to 0.6)
  refined   base, and as many further images of the spec that `akd refine` wrote from `akd shift` of base
  control   base, and as many further images of the old spec, by the seed that the refined spec has

Refined and control are trained from the start for the same number of epochs on the same number of images. With
--unlabelled, `akd shift` gets the photos of its half without their labels: the base detector, which never saw a rear,
then reads the viewpoints. What is done is kept, so an interrupted run goes on.

About 65 minutes per seed at the defaults on 2 idle cores (reckoned, not measured: 1,200 images at 2 s of one core,
30 epochs of 400 and twice of 800 images at 1.2 s per 30 images, and 2,000 images looked at by shift and evaluate).
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from pipeline.coco import SPLITS
from pipeline.files import write_json_atomic
from pipeline.spec import DatasetSpec, load_spec
from tests.benchmarks.ablation import SCORE, akd, write_spec

LACKS = {"azimuth_deg": {"uniform": [-80, 80]}, "fill": {"uniform": [0.3, 0.6]}}
"""The base's camera: no rear, and nothing close."""
ARMS = ("base", "control", "refined")
SCORES = {"PCK@0.1": ("pck", "0.1"), "keypoint AP": ("keypoints", "AP"), "box AP50": ("box", "AP50")}
REAR = ("B", "BL", "BR", "FBL", "FBR")


@dataclass(frozen=True)
class Budget:
    """What every arm gets."""

    base: int
    more: int
    size: int
    epochs: int
    resamples: int
    photos: int | None


def base_spec(seed: int, budget: Budget) -> DatasetSpec:
    """The photos spec, small, without what the experiment wants found."""
    content = load_spec("photos").model_dump(mode="json", exclude_unset=True)
    content |= {"name": "refine-base", "seed": 1000 * seed, "images": budget.base}
    content["image"] |= {"width": budget.size, "height": budget.size}
    content["camera"] |= LACKS
    content["split"] = {"train": 0.8, "val": 0.08, "test": 0.12}  # shift compares with what is held out: some vehicles
    return DatasetSpec.model_validate(content)


def deal_photos(real: Path, out: Path, count: int | None) -> None:
    """Two halves of the photos, every other one of each view, and the first half without labels; of `count` photos,
    spread over all views, or of all.
    """
    if (out / "test").is_dir():
        return
    content = json.loads((real / "annotations.json").read_text(encoding="utf-8"))
    images = sorted(content["images"], key=lambda image: (str(image.get("view")), image["id"]))
    if count is not None:
        images = [images[i] for i in np.unique(np.linspace(0, len(images) - 1, count).astype(int))]
    bare = out / "unlabelled"
    bare.mkdir(parents=True, exist_ok=True)
    for number, half in enumerate(("shift", "test")):
        chosen = images[number::2]
        ids = {image["id"] for image in chosen}
        own = [one for one in content["annotations"] if one["image_id"] in ids]
        (out / half).mkdir(parents=True, exist_ok=True)
        link(out / half / "images", real / "images")
        write_json_atomic(out / half / "annotations.json", {**content, "images": chosen, "annotations": own})
    for image in images[0::2]:
        link(bare / image["file_name"], real / "images" / image["file_name"])


def run_seed(seed: int, real: Path, folder: Path, budget: Budget, *, labelled: bool) -> None:
    """All of one seed, from where it was left."""
    halves = folder.parent / "photos"
    deal_photos(real, halves, budget.photos)
    old = folder / "base.yaml"
    write_spec(old, base_spec(seed, budget))
    generate(old, folder / "base-data")
    train_and_score(folder, "base", folder / "base-data", seed, budget, halves / "test")
    refined, shift = folder / "refined.yaml", folder / "shift"
    if not (shift / "shift.json").is_file():
        photos = str(halves / ("shift" if labelled else "unlabelled"))
        given = ["--synthetic", str(folder / "base-data"), "--real", photos, "--resamples", str(budget.resamples)]
        akd("shift", str(folder / "base"), *given, "-o", str(shift))
    if not refined.is_file():
        akd("refine", str(old), "--shift", str(shift), "-o", str(refined))
    control = folder / "control.yaml"
    further = base_spec(seed, budget).model_copy(update={"seed": load_spec(str(refined)).seed, "name": "control"})
    write_spec(control, further)
    for arm, spec in (("refined", refined), ("control", control)):
        generate(spec, folder / f"{arm}-more", budget.more)
        together(folder / "base-data", folder / f"{arm}-more", folder / f"{arm}-data")
        train_and_score(folder, arm, folder / f"{arm}-data", seed, budget, halves / "test")


def generate(spec: Path, out: Path, images: int | None = None) -> None:
    """A dataset, unless it is whole."""
    if not (out / "annotations.json").is_file():
        akd("generate", str(spec), "-o", str(out), *(["--images", str(images)] if images else []))


def train_and_score(folder: Path, arm: str, dataset: Path, seed: int, budget: Budget, photos: Path) -> None:
    """One detector, and its scores on the photos that nobody saw."""
    run, score = folder / arm, folder / f"{arm}-{SCORE}"
    if score.is_file():
        return
    again = ["--resume"] if run.exists() else []
    akd(
        "train",
        "akd-nano",
        "-d",
        str(dataset),
        "-o",
        str(run),
        "--epochs",
        str(budget.epochs),
        "--seed",
        str(seed),
        *again,
    )
    resamples = ["--resamples", str(budget.resamples)]
    akd("evaluate", str(run), "-d", str(photos), *resamples, "--json", str(score))


def together(first: Path, second: Path, out: Path) -> None:
    """A dataset of two: images by links, rows renumbered, splits as they were."""
    if (out / "annotations.json").is_file():
        return
    (out / "images").mkdir(parents=True, exist_ok=True)
    for split in (*SPLITS, "annotations"):
        joined: dict[str, Any] = {"images": [], "annotations": []}
        for number, part in enumerate((first, second)):
            content = json.loads((part / f"{split}.json").read_text(encoding="utf-8"))
            shift = number * 1_000_000
            for image in content["images"]:
                name = f"{number}-{image['file_name']}"
                link(out / "images" / name, part / "images" / image["file_name"])
                joined["images"].append({**image, "id": image["id"] + shift, "file_name": name})
            joined["annotations"] += [
                {**one, "id": one["id"] + shift, "image_id": one["image_id"] + shift} for one in content["annotations"]
            ]
            joined["categories"] = content["categories"]
        if split == "annotations":  # last: where it is, the dataset is whole
            write_json_atomic(out / "annotations.json", joined)
        else:
            write_json_atomic(out / f"{split}.json", joined)


def link(path: Path, target: Path) -> None:
    """A symbolic link that may be there already."""
    if not path.is_symlink():
        path.symlink_to(target.resolve())


def table(out: Path) -> Iterator[str]:
    """Markdown: a row per seed and arm, then what the refined spec gains over the control."""
    yield "| seed | arm | " + " | ".join(SCORES) + " | PCK@0.1 of rear views |"
    yield "|---|---|" + "---|" * (len(SCORES) + 1)
    gains = []
    for folder in sorted(out.glob("seed-*")):
        found = {arm: folder / f"{arm}-{SCORE}" for arm in ARMS if (folder / f"{arm}-{SCORE}").is_file()}
        scores = {arm: _scores(json.loads(file.read_text(encoding="utf-8"))) for arm, file in found.items()}
        for arm, row in scores.items():
            yield f"| {folder.name.removeprefix('seed-')} | {arm} | " + " | ".join(f"{v:.3f}" for v in row) + " |"
        if {"refined", "control"} <= scores.keys():
            gains.append(np.array(scores["refined"]) - np.array(scores["control"]))
    if gains:
        each = [f"{np.mean(g):+.3f} ({', '.join(f'{v:+.3f}' for v in g)})" for g in np.array(gains).T]
        yield "| all | refined - control, mean (by seed) | " + " | ".join(each) + " |"


def _scores(report: dict[str, Any]) -> list[float]:
    rear = [one for view, one in report["pck_per_view"].items() if view in REAR]
    count = sum(one["n"] for one in rear)
    share = sum(one["0.1"] * one["n"] for one in rear) / count if count else float("nan")
    return [*(float(report[group][key] or 0.0) for group, key in SCORES.values()), share]


def main() -> None:
    """Run what is not done, then print the table, and what each refined spec changed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("real", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    for name, usual in (("base", 400), ("more", 400), ("size", 256), ("epochs", 30), ("seeds", 3), ("resamples", 1000)):
        parser.add_argument(f"--{name}", type=int, default=usual, help=f"({usual})")
    parser.add_argument("--photos", type=int, help="so many photos in both halves (all)")
    parser.add_argument("--unlabelled", action="store_true", help="akd shift sees photos without their labels")
    given = parser.parse_args()
    budget = Budget(given.base, given.more, given.size, given.epochs, given.resamples, given.photos)
    for seed in range(1, given.seeds + 1):
        run_seed(seed, given.real, given.out / f"seed-{seed}", budget, labelled=not given.unlabelled)
        print("\n".join(table(given.out)), flush=True)
        camera = yaml.safe_load((given.out / f"seed-{seed}" / "refined.yaml").read_text(encoding="utf-8"))["camera"]
        print(f"seed {seed}, the refined camera: {json.dumps(camera)}", flush=True)


if __name__ == "__main__":
    main()
