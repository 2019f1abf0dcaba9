"""A dataset in the format of another tool: whole, or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import nearest
from pipeline.errors import DatasetError
from pipeline.export_coco import write_coco_split
from pipeline.export_job import ExportJob
from pipeline.export_mmpose import write_mmpose
from pipeline.export_voxel51 import write_voxel51
from pipeline.export_webdataset import write_webdataset
from pipeline.export_yolo import write_yolo_pose
from pipeline.files import new_folder

Writer = Callable[[ExportJob, Path], list[str]]

WRITERS: Mapping[str, Writer] = {
    "yolo-pose": write_yolo_pose,
    "coco-split": write_coco_split,
    "mmpose": write_mmpose,
    "webdataset": write_webdataset,
    "voxel51": write_voxel51,
}
"""Each writes a job into an empty folder and returns what its reader should know, a line each."""


@dataclass(frozen=True)
class Exported:
    """What an export wrote: images of each split, labelled objects of the dataset, and remarks."""

    folder: Path
    images: Mapping[str, int]
    objects: int
    notes: tuple[str, ...]


def export_dataset(job: ExportJob, target: str, folder: Path) -> Exported:
    """Write `job` as `target` into a new folder.

    Raises:
        DatasetError: there is no such target, the folder exists, or an image cannot be read or placed.
    """
    if target not in WRITERS:
        raise DatasetError(f"{target!r} is not a format to export to; allowed: {nearest(target, WRITERS)}")
    if folder.exists() or folder.is_symlink():
        raise DatasetError(f"{folder}: exists already; give another folder, or delete this one first")
    with new_folder(folder) as temporary:
        notes = WRITERS[target](job, temporary)
    images = {split: len(part) for split, part in job.splits.items()}
    objects = sum(len(image.objects) for part in job.splits.values() for image in part)
    return Exported(folder, images, objects, (*job.labels.notes, *notes))
