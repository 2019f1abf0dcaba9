"""FiftyOne of Voxel51: data/, samples.json and metadata.json, for `fiftyone.types.FiftyOneDataset`.

    import fiftyone as fo
    dataset = fo.Dataset.from_dir(dataset_dir=FOLDER, dataset_type=fo.types.FiftyOneDataset)

FiftyOne writes two layouts of this type; this is the one without a `version`, which it reads whatever its own version
is. Its COCO importer would do for boxes, but reads either boxes or keypoints, and not the names of the points.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.coco import Instance
from pipeline.export_job import ExportImage, ExportJob, progress
from pipeline.files import write_json_atomic, write_text_atomic


def write_voxel51(job: ExportJob, folder: Path) -> list[str]:
    """Write `job` into the empty `folder`: the splits become tags of the samples."""
    (folder / "data").mkdir()
    samples = []
    for split, images in job.splits.items():
        for image in progress(images, split):
            placed = job.place(image, folder / "data")
            samples.append(_sample(job, split, image, placed.stat().st_size))
    # FiftyOne's name for a point that is not there is NaN, which JSON has only as Python reads and writes it.
    write_text_atomic(folder / "samples.json", json.dumps({"samples": samples}, ensure_ascii=False) + "\n")
    write_json_atomic(folder / "metadata.json", _metadata(job), indent=1)
    return []


def _metadata(job: ExportJob) -> dict[str, Any]:
    skeleton = {"labels": list(job.labels.names), "edges": [list(edge) for edge in job.labels.skeleton]}
    info = {
        "default_classes": [job.labels.category],
        "skeletons": {"keypoints": skeleton},
        "default_skeleton": skeleton,
        "flip_index": job.labels.flip_index().tolist(),
        "sigmas": list(job.labels.sigmas),
    }
    return {"name": job.name, "media_type": "image", "info": info}


def _sample(job: ExportJob, split: str, image: ExportImage, size_bytes: int) -> dict[str, Any]:
    label = job.labels.category
    return {
        "filepath": f"data/{image.name}",
        "tags": [split],
        "metadata": {
            "_cls": "ImageMetadata",
            "size_bytes": size_bytes,
            "width": image.width,
            "height": image.height,
        },
        "ground_truth": {
            "_cls": "Detections",
            "detections": [_detection(instance, image, label) for instance in image.objects],
        },
        "keypoints": {
            "_cls": "Keypoints",
            "keypoints": [_keypoint(instance, image, label) for instance in image.objects],
        },
    }


def _detection(instance: Instance, image: ExportImage, label: str) -> dict[str, Any]:
    sides = np.array([image.width, image.height] * 2)
    return {
        "_cls": "Detection",
        "label": label,
        "bounding_box": (instance.bbox / sides).tolist(),
        "index": instance.id,
        "iscrowd": int(instance.iscrowd),
    }


def _keypoint(instance: Instance, image: ExportImage, label: str) -> dict[str, Any]:
    """Points as shares of the image's sides; `visibility` is COCO's, one for each point."""
    return {
        "_cls": "Keypoint",
        "label": label,
        "points": [
            [x / image.width, y / image.height] if v > 0 else [math.nan, math.nan]
            for x, y, v in instance.keypoints.tolist()
        ],
        "index": instance.id,
        "visibility": [int(v) for v in instance.keypoints[:, 2]],
    }
