"""MMPose 1.x: the plain COCO files, and dataset_info.py for `metainfo=dict(from_file=...)`.

Format: https://mmpose.readthedocs.io/en/latest/advanced_guides/customize_datasets.html
"""

from pathlib import Path
from pprint import pformat
from typing import Any

from pipeline.draw_colors import LEFT, MIDDLE, RIGHT
from pipeline.export_coco import write_coco_split
from pipeline.export_job import ExportJob
from pipeline.export_labels import LabelSet
from pipeline.files import write_text_atomic


def write_mmpose(job: ExportJob, folder: Path) -> list[str]:
    """Write `job` into the empty `folder`."""
    notes = write_coco_split(job, folder)
    info = pformat(dataset_info(job), width=110, sort_dicts=False)
    write_text_atomic(folder / "dataset_info.py", f"dataset_info = {info}\n")
    return notes


def dataset_info(job: ExportJob) -> dict[str, Any]:
    """The meta information that `parse_pose_metainfo` of MMPose reads; colours are RGB."""
    labels = job.labels
    partner = {a: b for pair in labels.flip_pairs for a, b in (pair, pair[::-1])}
    colors = [_color(labels, name) for name in labels.names]
    return {
        "dataset_name": job.name,
        "paper_info": {"author": "", "title": job.name, "container": "", "year": "", "homepage": ""},
        "keypoint_info": {
            i: {"name": name, "id": i, "color": colors[i], "type": "", "swap": partner.get(name, "")}
            for i, name in enumerate(labels.names)
        },
        "skeleton_info": {
            i: {
                "link": (labels.names[a], labels.names[b]),
                "id": i,
                "color": colors[a] if colors[a] == colors[b] else list(MIDDLE[-1]),
            }
            for i, (a, b) in enumerate(labels.skeleton)
        },
        "joint_weights": [1.0] * len(labels.names),
        "sigmas": list(labels.sigmas),
    }


def _color(labels: LabelSet, name: str) -> list[int]:
    for side, family in enumerate((LEFT, RIGHT)):
        if any(pair[side] == name for pair in labels.flip_pairs):
            return list(family[1])
    return list(MIDDLE[0])
