"""A picture of every augmentation, with the labels it gives; by hand:

python -m tests.benchmarks.augment_sheet DATASET OUT.png [--only occlude truncate] [--columns 6] [--side 320]
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.coco import load_coco
from pipeline.draw import DrawnInstance, contact_sheet, draw_instances
from pipeline.images import Image, write_image
from pipeline.keypoints import KeypointSchema, load_schema
from tests.benchmarks.bench_augment import EACH, STILL, data_of, suggested
from training.dataset import KeypointData


def pictures(data: KeypointData, schema: KeypointSchema, count: int, side: int, skip: int) -> list[Image]:
    drawn = []
    for index in range(skip, skip + count):
        image, target = data[index % len(data)]
        pixels = np.ascontiguousarray(image.permute(1, 2, 0).numpy())
        corners = target.boxes.numpy()
        boxes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
        labels = [DrawnInstance(k, b) for k, b in zip(target.keypoints.numpy(), boxes, strict=True)]
        drawn.append(draw_instances(pixels, labels, schema, labels=False, side=side, text_px=side / 45))
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--columns", type=int, default=6)
    parser.add_argument("--side", type=int, default=320)
    parser.add_argument("--skip", type=int, default=0, help="begin with this image")
    parser.add_argument("--backgrounds", type=Path)
    given = parser.parse_args()
    schema = load_schema("vehicle20")
    coco = load_coco(given.dataset, "train")
    rows: dict[str, dict[str, Any]] = {"nothing": {}, **EACH, "suggested": suggested()}
    images, captions = [], []
    for name, fields in rows.items():
        if given.only and name not in given.only:
            continue
        changes = STILL | fields if name != "suggested" else fields
        data = data_of(coco, schema, changes | {"backgrounds": given.backgrounds})
        images += pictures(data, schema, given.columns, given.side, given.skip)
        captions += [name] * given.columns
    write_image(given.out, contact_sheet(images, given.columns, captions, (given.side, given.side)))


if __name__ == "__main__":
    main()
