"""Ultralytics' YOLO pose: https://docs.ultralytics.com/datasets/pose/

    data.yaml  images/{train,val,test}/NAME.jpg  labels/{train,val,test}/NAME.txt

A line for each object: class cx cy w h, then x y v of each keypoint, lengths as shares of the image's width and height.
"""

from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from pipeline.coco import SPLITS, Instance
from pipeline.export_job import ExportImage, ExportJob, progress
from pipeline.files import write_text_atomic


def write_yolo_pose(job: ExportJob, folder: Path) -> list[str]:
    """Write `job` into the empty `folder`; returns what was left out, a line each."""
    left_out = 0
    for split, images in job.splits.items():
        for kind in ("images", "labels"):
            (folder / kind / split).mkdir(parents=True)
        for image in progress(images, split):
            job.place(image, folder / "images" / split)
            rows = label_rows(image)
            left_out += len(image.objects) - len(rows)
            (folder / "labels" / split / f"{image.stem}.txt").write_text("".join(rows), encoding="utf-8")
    notes = [f"left out {left_out} objects that are crowds or lie outside their image"] if left_out else []
    description, more = _data_yaml(job)
    write_text_atomic(folder / "data.yaml", yaml.safe_dump(description, sort_keys=False, default_flow_style=None))
    return notes + more


def label_rows(image: ExportImage) -> list[str]:
    """The lines of an image's label file."""
    rows = []
    for instance in image.objects:
        box = clipped_box(instance.bbox, image.width, image.height)
        if instance.iscrowd or box is None:
            continue
        numbers = [f"{value:.7f}" for value in box] + _keypoint_numbers(instance, image)
        rows.append(f"0 {' '.join(numbers)}\n")
    return rows


def clipped_box(bbox: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64] | None:
    """Centre and size of what lies in the image, as shares of its sides, (4,); None where nothing does."""
    size = np.array([width, height], dtype=np.float64)
    low, high = np.clip(bbox[:2], 0, size) / size, np.clip(bbox[:2] + bbox[2:], 0, size) / size
    return np.concatenate([(low + high) / 2, high - low]) if (high > low).all() else None


def _keypoint_numbers(instance: Instance, image: ExportImage) -> list[str]:
    """Ultralytics refuses a label file with a coordinate outside 0..1: keypoints out of the frame are not labelled."""
    numbers = []
    for x, y, v in instance.keypoints.tolist():
        seen = v > 0 and 0 <= x <= image.width and 0 <= y <= image.height
        numbers += [f"{x / image.width:.7f}", f"{y / image.height:.7f}", str(int(v))] if seen else ["0", "0", "0"]
    return numbers


def _data_yaml(job: ExportJob) -> tuple[dict[str, Any], list[str]]:
    """data.yaml and notes. Without `path`, Ultralytics looks beside the file, wherever it is moved to."""
    folders = {split: f"images/{split}" for split in job.splits}
    notes = []
    for wanted, other in (("train", "val"), ("val", "train")):
        if wanted not in folders:  # Ultralytics demands both
            folders[wanted] = folders.get(other) or next(iter(folders.values()))
            notes.append(f"the dataset has no {wanted} split: data.yaml names {folders[wanted]} in its place")
    description: dict[str, Any] = {
        **{split: folders[split] for split in SPLITS if split in folders},
        "kpt_shape": [len(job.labels.names), 3],
        "flip_idx": job.labels.flip_index().tolist(),
        "names": {0: job.labels.category},
        "kpt_names": {0: list(job.labels.names)},
    }
    return description, notes
