"""Real captures prepared for a detector: a folder of photos, or a COCO dataset whose labels move with the pixels.

DIR/NAME.jpg …                  of a folder of photos
DIR/images/…, annotations.json  of a dataset, and train.json, val.json, test.json where it has them
DIR/report/before_after.png     some of the photos, before and after
DIR/report/prepared.json        what was done, and to each photo
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pipeline.arguments import refuse_existing
from pipeline.coco import SPLITS, ImageRecord, annotation_file, load_coco, read_coco_json
from pipeline.cores import usable_cores
from pipeline.draw import contact_sheet
from pipeline.errors import DatasetError
from pipeline.files import new_folder, write_json_atomic
from pipeline.images import find_images, read_image, write_image
from pipeline.prepare_image import Placement, Removed, prepare_image
from pipeline.prepare_labels import moved_annotation, moved_image
from pipeline.prepare_options import PrepareOptions
from pipeline.seeds import stream_key, stream_rng

FindBoxes = Callable[[Sequence[Path]], Iterator[NDArray[np.float64]]]
"""Boxes (N, 4) x, y, width, height of the vehicles in each photo, by a detector."""
QUALITY = 95
WRITTEN = (".jpg", ".jpeg", ".png")
SHOWN = 12
"""Photos on the sheet."""


@dataclass(frozen=True)
class Photo:
    """One to prepare: where it is, what it is called below its folder, its vehicles' boxes, its size by the labels."""

    path: Path
    name: str
    boxes: NDArray[np.float64] | None = None
    size: tuple[int, int] | None = None

    @property
    def new_name(self) -> str:
        """The same name, if its format is written; others become PNG."""
        return self.name if PurePosixPath(self.name).suffix.lower() in WRITTEN else f"{self.name}.png"


@dataclass(frozen=True)
class Done:
    """What was written: how many photos, with how many labelled objects, and what became of their backgrounds."""

    folder: Path
    photos: int
    objects: int
    backgrounds: Mapping[str, int]
    sheet: Path

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        plain = {"folder": str(self.folder), "sheet": str(self.sheet), "backgrounds": dict(self.backgrounds)}
        return plain | {"photos": self.photos, "objects": self.objects}


def prepare(
    source: Path,
    out: Path,
    options: PrepareOptions,
    split: str | None = None,
    find_boxes: FindBoxes | None = None,
    workers: int | None = None,
) -> Done:
    """Prepare a folder of photos, or a dataset; `out` appears when all is done.

    Args:
        source: a folder of photos, or a COCO keypoints folder or file.
        out: a new folder.
        options: what to do.
        split: of a dataset, only this one.
        find_boxes: a detector, which then says where the vehicles are, also where labels would.
        workers: threads; one per core by default.

    Raises:
        DatasetError: the dataset cannot be used, or a photo is not of the size it says.
        ImageError: a photo cannot be read.
        AkdError: `out` exists.
    """
    refuse_existing(out)
    files = _annotation_files(source, split)
    photos = _labelled(files[0]) if files else [Photo(path, path.name) for path in find_images([source])]
    _require_different([photo.new_name for photo in photos], source)
    if find_boxes is not None and "background" in options.steps:
        found = tqdm(find_boxes([p.path for p in photos]), desc="find vehicles", unit="image", total=len(photos))
        photos = [Photo(p.path, p.name, boxes, p.size) for p, boxes in zip(photos, found, strict=True)]
    with new_folder(out) as folder:
        images = folder / "images" if files else folder
        outcomes = _prepare_all(photos, images, options, workers or usable_cores())
        where = {photo.name: (photo.new_name, at) for photo, (at, _) in zip(photos, outcomes, strict=True)}
        objects = [_write_labels(file, folder, where, split) for file in files]
        sheet = _write_report(folder / "report", photos, images, options, [removed for _, removed in outcomes])
    counts: Counter[str] = Counter(removed for _, removed in outcomes)
    return Done(out, len(photos), objects[0] if objects else 0, counts, out / sheet.relative_to(folder))


def _annotation_files(source: Path, split: str | None) -> list[Path]:
    """The whole dataset's file and those of its splits, or the one asked for; none of a folder of photos."""
    if split is not None:
        return [annotation_file(source, split)]
    if source.is_dir() and not (source / "annotations.json").is_file():
        if there := [name for name in SPLITS if (source / f"{name}.json").is_file()]:
            raise DatasetError(f"{source}: has no annotations.json; say which of its splits with --split {there[0]}")
        return []
    if source.is_file() and source.suffix.lower() != ".json":
        raise DatasetError(f"{source}: must be a folder of photos, or a COCO keypoints folder or .json file")
    splits = [source / f"{name}.json" for name in SPLITS] if source.is_dir() else []
    return [annotation_file(source, None), *(file for file in splits if file.is_file())]


def _labelled(file: Path) -> list[Photo]:
    def boxes(image: ImageRecord) -> NDArray[np.float64]:
        return np.array([instance.bbox for instance in image.instances]).reshape(-1, 4)

    images = load_coco(file).images
    if not images:
        raise DatasetError(f"{file}: holds no image")
    return [Photo(one.path, one.file_name, boxes(one), (one.width, one.height)) for one in images]


def _require_different(names: Sequence[str], source: Path) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DatasetError(f"{source}: two photos would be written as {name}; rename one")
        seen.add(name)


def _prepare_all(
    photos: Sequence[Photo], folder: Path, options: PrepareOptions, workers: int
) -> list[tuple[Placement, Removed]]:
    jobs = [(photo, folder / photo.new_name, options) for photo in photos]
    with tqdm(total=len(jobs), desc="prepare", unit="image") as bar:
        outcomes = []
        for outcome in _mapped(jobs, min(workers, len(jobs))):
            outcomes.append(outcome)
            bar.update()
    return outcomes


def _mapped(jobs: Sequence[tuple[Photo, Path, PrepareOptions]], workers: int) -> Iterator[tuple[Placement, Removed]]:
    """In threads: nearly all of the time is OpenCV's, which lets others run."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with ThreadPoolExecutor(workers) as pool:
            yield from pool.map(prepare_file, jobs)
    finally:
        cv2.setNumThreads(before)


def prepare_file(job: tuple[Photo, Path, PrepareOptions]) -> tuple[Placement, Removed]:
    """Read one photo, prepare it, write it; the same whatever else is prepared beside it."""
    photo, target, options = job
    image = read_image(photo.path)
    height, width = image.shape[:2]
    if photo.size not in (None, (width, height)):
        raise DatasetError(f"{photo.path}: is {width}x{height}, and its labels are for {photo.size[0]}x{photo.size[1]}")
    seed = int(stream_rng(options.seed, stream_key(photo.name), "prepare.background").integers(2**31))
    done = prepare_image(image, photo.boxes, options, seed)
    write_image(target, done.image, QUALITY)
    return done.placement, done.background


def _write_labels(file: Path, folder: Path, where: Mapping[str, tuple[str, Placement]], split: str | None) -> int:
    """The COCO file with its rows moved; returns how many annotations it has."""
    content = read_coco_json(file)
    places: dict[int, Placement] = {}
    images = []
    for row in content["images"]:
        if row["file_name"] not in where:
            raise DatasetError(f"{file}: lists {row['file_name']!r}, which annotations.json does not")
        name, places[int(row["id"])] = where[row["file_name"]]
        images.append(moved_image(row, places[int(row["id"])], name))
    annotations = []
    for number, row in enumerate(content["annotations"]):
        try:
            annotations.append(moved_annotation(row, places[int(row["image_id"])]))
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise DatasetError(f"{file}: annotations[{number}]: {error}") from error
    one_file = split is not None or file.stem not in SPLITS
    target = folder / ("annotations.json" if one_file else file.name)
    write_json_atomic(target, content | {"images": images, "annotations": annotations})
    return len(annotations)


def _write_report(
    folder: Path, photos: Sequence[Photo], images: Path, options: PrepareOptions, removed: Sequence[Removed]
) -> Path:
    rows = [
        {"file_name": photo.new_name, "source": str(photo.path), "background": one}
        for photo, one in zip(photos, removed, strict=True)
    ]
    write_json_atomic(folder / "prepared.json", {"options": options.as_json(), "images": rows}, indent=2)
    chosen = stream_rng(options.seed, 0, "prepare.sheet").permutation(len(photos))[:SHOWN]
    shown = [photos[number] for number in sorted(chosen.tolist())]
    pairs = [read_image(path) for photo in shown for path in (photo.path, images / photo.new_name)]
    captions = [text for photo in shown for text in (f"{photo.name} before", "after")]
    sheet = folder / "before_after.png"
    write_image(sheet, contact_sheet(pairs, 4, captions))
    return sheet
