"""Is a dataset sound? Every fault that can be found, in ours and in anybody's COCO keypoint files, one line each.

Unlike `pipeline.coco.load_coco`, which stops at the first fault, this lists them all. Each check is a small function
that yields problems; the tables here and in `pipeline.check_splits` are all there are.
"""

import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from pycocotools.coco import COCO

from pipeline import (
    check_annotations,
    check_category,
    check_conventions,
    check_images,
    check_maps,
    check_masks,
    check_splits,
)
from pipeline.check_problem import Problem, error, shortened, warning
from pipeline.check_rows import CocoRows, read_rows
from pipeline.coco import SPLITS, annotation_file, read_coco_json
from pipeline.errors import DatasetError
from pipeline.image_header import SUFFIXES


def check_dataset(path: Path) -> list[Problem]:
    """The faults of a dataset: a folder with annotations.json and splits, or a COCO keypoint file.

    Of one kind of fault in one file, the first twenty are listed and the others counted. Raises nothing for what it
    finds: that there is no dataset is a problem too.
    """
    problems: list[Problem] = []
    files = [rows for file in _files(path, problems) if (rows := _read(file, problems)) is not None]
    known: set[tuple[str, int, int]] = set()
    for rows in files:
        for check in FILE_CHECKS:
            problems += shortened(check(rows), str(rows.source))
        # the splits list images that annotations.json has listed: their files are opened once
        fresh = tuple(image for image in rows.images if (image.file_name, image.width, image.height) not in known)
        known |= {(image.file_name, image.width, image.height) for image in fresh}
        for check in (check_images.image_files, check_maps.map_files):
            problems += shortened(check(replace(rows, images=fresh)), str(rows.source))
    if path.is_dir():
        splits = {rows.source.stem: rows for rows in files if rows.source.stem in SPLITS}
        whole = next((rows for rows in files if rows.source.stem == "annotations"), None)
        for across in check_splits.TABLE:
            problems += shortened(across(path, splits, whole), str(path))
        problems += shortened(_strays(path, {name for name, _, _ in known}), str(path))
    return problems


def _rows_problems(rows: CocoRows) -> Iterator[Problem]:
    """Fields that are missing or of the wrong type."""
    yield from rows.problems


def _content(rows: CocoRows) -> Iterator[Problem]:
    """Images, and annotations of them."""
    for key in ("images", "annotations"):
        if not getattr(rows, key):
            # a small dataset may have no vehicle to spare for one of its splits
            report = warning if rows.source.stem in SPLITS else error
            yield report(f"{rows.source}: {key}", "holds no sound row", f"at least one of the {key}")


def _loads(rows: CocoRows) -> Iterator[Problem]:
    """pycocotools, which everybody's evaluation is built on, can load the file."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            COCO(str(rows.source))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, AssertionError) as fault:
        yield error(str(rows.source), f"pycocotools cannot load it ({type(fault).__name__}: {fault})", "a COCO file")


FILE_CHECKS: tuple[Callable[[CocoRows], Iterator[Problem]], ...] = (
    _rows_problems,
    _content,
    check_category.category_ids,
    check_category.category_names,
    check_category.skeletons,
    check_category.flip_partners,
    check_category.sigmas,
    check_images.image_ids,
    check_annotations.annotation_ids,
    check_annotations.boxes,
    check_annotations.areas,
    check_annotations.visibilities,
    check_annotations.keypoint_places,
    check_annotations.keypoint_counts,
    check_annotations.reasons,
    check_annotations.mask_sizes,
    check_annotations.polygons,
    check_masks.run_lengths,
    check_masks.masks_and_areas,
    check_masks.masks_and_boxes,
    check_conventions.normalised,
    check_conventions.corner_boxes,
    check_conventions.labelled_twice,
    check_conventions.pairs_that_mirror,
    _loads,
)
"""What is checked of each file by itself; the files of images and maps are checked after these."""


def _files(path: Path, problems: list[Problem]) -> list[Path]:
    """The JSON files to check: the whole first, then the splits that there are."""
    splits = [file for split in SPLITS if (file := path / f"{split}.json").is_file()]
    if path.is_dir() and splits and not (path / "annotations.json").is_file():
        return splits
    try:
        return [annotation_file(path, None), *splits]
    except DatasetError as fault:
        problems.append(_from_error(fault, path))
        return []


def _read(file: Path, problems: list[Problem]) -> CocoRows | None:
    try:
        return read_rows(read_coco_json(file), file)
    except DatasetError as fault:
        problems.append(_from_error(fault, file))
        return None


def _from_error(fault: DatasetError, where: Path) -> Problem:
    what = str(fault).removeprefix(f"{where}: ")
    return error(str(where), what, "a COCO keypoint file, or a folder with annotations.json")


def _strays(folder: Path, listed: set[str]) -> Iterator[Problem]:
    """Images that no file of the dataset lists."""
    inside = folder / "images"
    for file in sorted(inside.rglob("*")) if inside.is_dir() else ():
        if file.suffix.lower() in SUFFIXES and file.relative_to(inside).as_posix() not in listed:
            yield warning(str(file), "is listed in no file of the dataset", "images that the dataset lists")
