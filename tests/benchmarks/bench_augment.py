"""Milliseconds that each augmentation adds to a training item; by hand:

python -m tests.benchmarks.bench_augment DATASET [--size 256] [--backgrounds FOLDER]

In time of one core, whoever else is at work; images are decoded before, pictures of a folder when first picked. With
all of them as suggested an item must stay within 1.5 times what it takes without.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pipeline.coco import CocoDataset, load_coco
from pipeline.keypoints import KeypointSchema, load_schema
from training.config import ModelConfig, load_model_config
from training.dataset import KeypointData

STILL = {"flip": 0, "scale": (1, 1), "rotate_deg": 0, "translate": 0, "color": 0, "grey": 0, "degrade": 0, "cutout": 0}
EACH: dict[str, dict[str, Any]] = {
    "perspective": {"perspective": 0.08},
    "truncate": {"truncate": 1},
    "background": {"background": 1},
    "copy_paste": {"copy_paste": 1, "rotate_deg": 8},
    "occlude": {"occlude": 1},
    "fourier": {"fourier": 1},
}


def suggested() -> dict[str, Any]:
    """What a user may begin with, beside akd-nano's own."""
    return {
        "perspective": 0.03,
        "truncate": 0.15,
        "background": 0.25,
        "copy_paste": 0.1,
        "occlude": 0.2,
        "fourier": 0.2,
    }


def data_of(coco: CocoDataset, schema: KeypointSchema, fields: dict[str, Any], size: int = 256) -> KeypointData:
    base = load_model_config("akd-nano").model_dump()
    base |= {"image_size": size, "augmentation": base["augmentation"] | fields}
    return KeypointData(coco, schema, ModelConfig.model_validate(base))


def milliseconds(recipes: dict[str, KeypointData], epochs: int) -> dict[str, float]:
    """Of an item, the median of the epochs; recipes take turns, so that a busy machine is as busy for all."""
    taken: dict[str, list[float]] = {name: [] for name in recipes}
    for epoch in range(-1, epochs):  # the first one fills the caches
        for name, data in recipes.items():
            data.epoch = max(0, epoch)
            begin = time.process_time()
            for index in range(len(data)):
                data[index]
            taken[name].append((time.process_time() - begin) / len(data))
    return {name: 1000 * float(np.median(values[1:])) for name, values in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--backgrounds", type=Path)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    schema, coco = load_schema("vehicle20"), load_coco(given.dataset, "train")
    folder = {"backgrounds": given.backgrounds}
    recipes: dict[str, dict[str, Any]] = {
        "none of these": {},
        **{name: {name: EACH[name][name]} | folder for name in EACH},
    }
    recipes["as suggested"] = suggested() | folder
    data = {name: data_of(coco, schema, fields, given.size) for name, fields in recipes.items()}
    found = milliseconds(data, given.epochs)
    today, every = found["none of these"], found["as suggested"]
    print(f"{'none of these':16s} {today:6.2f} ms an item, all of the recipe's own included")
    for name in EACH:
        print(f"{name:16s} {found[name] - today:+6.2f} ms where it happens")
    print(f"{'as suggested':16s} {every:6.2f} ms an item, {every / today:.2f} times")


if __name__ == "__main__":
    main()
