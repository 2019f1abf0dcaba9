"""Checks of an image's maps: the files, their sizes, and that instances are those of the annotations."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.annotations_spec import MapKind
from pipeline.check_problem import Problem, error
from pipeline.check_rows import AnnotationRow, CocoRows, ImageRow
from pipeline.errors import DatasetError, ImageError
from pipeline.map_files import SHAPES, find_map, named_maps, read_map


def map_files(rows: CocoRows) -> Iterator[Problem]:
    """Each map that an image names is there, can be read, fits the image and says what the annotations say."""
    of_image: dict[int, list[AnnotationRow]] = {}
    for annotation in rows.annotations:
        of_image.setdefault(annotation.image_id, []).append(annotation)
    for image in rows.images:
        for kind, name in named_maps(image.raw).items():
            where = f"{image.where}: maps.{kind}"
            try:
                path = find_map(rows.source.parent, name)
            except DatasetError as fault:
                yield error(where, str(fault), "a path below the dataset's folder")
                continue
            if path is None:
                yield error(where, f"there is no file {name}", f"a file in {rows.source.parent / Path(name).parent}")
                continue
            yield from _content(path, kind, image, of_image.get(image.id, []), where)


def _content(
    path: Path, kind: MapKind, image: ImageRow, annotations: list[AnnotationRow], where: str
) -> Iterator[Problem]:
    try:
        values = read_map(path)
    except ImageError as fault:
        yield error(where, str(fault), "a whole file, as pipeline/map_files.py describes it")
        return
    if values.ndim != SHAPES[kind] or values.shape[:2] != (image.height, image.width):
        size = f"(height, width{', 3' if SHAPES[kind] == 3 else ''}) of the image, {image.height}x{image.width}"
        yield error(where, f"{path} has the shape {values.shape}", size)
    elif kind == "instances":
        yield from _instances(values, image, annotations, where)


def _instances(
    values: NDArray[np.uint16], image: ImageRow, annotations: list[AnnotationRow], where: str
) -> Iterator[Problem]:
    ids = [annotation.id for annotation in annotations]
    given = image.raw.get("instance_ids")
    if given != ids:
        yield error(f"{image.where}: instance_ids", f"are {given}", f"the ids of its annotations, {ids}")
        return
    counts = np.bincount(values.ravel(), minlength=len(ids) + 1)
    if len(counts) > len(ids) + 1:
        yield error(where, f"has the value {len(counts) - 1}", f"0 to {len(ids)}, the number of annotations")
    for number, annotation in enumerate(annotations, 1):
        if counts[number] != annotation.area:
            what = f"has {counts[number]} pixels of annotation {annotation.id}"
            yield error(where, what, f"its area, {annotation.area:g}")
