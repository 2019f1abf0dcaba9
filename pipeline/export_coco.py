"""Plain COCO keypoints, a file for each split: images/ and annotations/{train,val,test}.json."""

from pathlib import Path
from typing import Any

import numpy as np

from pipeline.coco import Instance
from pipeline.export_job import ExportImage, ExportJob, progress
from pipeline.export_labels import LabelSet
from pipeline.files import write_json_atomic


def write_coco_split(job: ExportJob, folder: Path) -> list[str]:
    """Write `job` into the empty `folder`; only fields that the COCO standard names."""
    (folder / "images").mkdir()
    for split, images in job.splits.items():
        for image in progress(images, split):
            job.place(image, folder / "images")
        write_json_atomic(folder / "annotations" / f"{split}.json", coco_content(job, images))
    return []


def coco_content(job: ExportJob, images: tuple[ExportImage, ...]) -> dict[str, Any]:
    """The COCO object of some images."""
    return {
        "info": {"description": job.name, "version": "1"},
        "licenses": [],
        "categories": [_category(job.labels)],
        "images": [{"id": i.id, "file_name": i.name, "width": i.width, "height": i.height} for i in images],
        "annotations": [_annotation(instance) for image in images for instance in image.objects],
    }


def _category(labels: LabelSet) -> dict[str, Any]:
    return {
        "id": 1,
        "name": labels.category,
        "supercategory": labels.category,
        "keypoints": list(labels.names),
        "skeleton": [[a + 1, b + 1] for a, b in labels.skeleton],
    }


def _annotation(instance: Instance) -> dict[str, Any]:
    row = {
        "id": instance.id,
        "image_id": instance.image_id,
        "category_id": 1,
        "bbox": instance.bbox.tolist(),
        "area": instance.area,
        "iscrowd": int(instance.iscrowd),
        "keypoints": flat_keypoints(instance),
        "num_keypoints": int(np.count_nonzero(instance.keypoints[:, 2])),
    }
    if instance.segmentation is not None:
        row["segmentation"] = instance.segmentation
    return row


def flat_keypoints(instance: Instance) -> list[float | int]:
    """x, y, v triples as COCO has them: v a whole number."""
    return [value for x, y, v in instance.keypoints.tolist() for value in (x, y, int(v))]
