"""The images that a command is given: files, folders of them, or datasets."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.coco import is_dataset, load_coco
from pipeline.errors import DatasetError
from pipeline.images import find_images


def image_files(paths: Sequence[Path]) -> list[Path]:
    """As `find_images`; a dataset, by its folder or .json file, stands for the images that it lists, in their order.

    Raises:
        DatasetError: a dataset is damaged, or lists no image.
        ImageError: a path does not exist, or another folder holds no image.
    """
    found: list[Path] = []
    for path in paths:
        if is_dataset(path):
            found += _listed(path)
        else:
            found += find_images([path])
    return found


def _listed(dataset: Path) -> list[Path]:
    images = load_coco(dataset).images
    if not images:
        raise DatasetError(f"{dataset}: lists no image")
    return [image.path for image in images]
