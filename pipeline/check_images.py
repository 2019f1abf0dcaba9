"""Checks of a COCO file's images: ids, names, and the files themselves."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from PIL import ExifTags
from PIL import Image as PilImage

from pipeline.check_problem import Problem, error
from pipeline.check_rows import CocoRows, ImageRow
from pipeline.file_names import escapes, is_file
from pipeline.image_header import DAMAGED, FORMATS

ENDS = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82"}
"""What a whole file ends with; one that does not is decoded to be sure."""
TURNED = (5, 6, 7, 8)
"""EXIF orientations whose upright picture has width and height exchanged."""


def image_ids(rows: CocoRows) -> Iterator[Problem]:
    """Ids and file names differ."""
    for key in ("id", "file_name"):
        counts = Counter(getattr(image, key) for image in rows.images)
        for image in rows.images:
            if counts[getattr(image, key)] > 1:
                yield error(image.where, f"{key} {getattr(image, key)!r} repeats", f"a {key} of its own for each image")


def image_files(rows: CocoRows) -> Iterator[Problem]:
    """Each file lies within the dataset, can be read, and has the size that its row says."""
    for image in rows.images:
        if fault := escapes(image.file_name):
            yield error(image.where, f"file_name {fault}", "a path below the dataset's images folder")
            continue
        path = find_image(rows.source.parent, image.file_name)
        if path is None:
            yield error(image.where, "there is no such file", f"a file in {rows.source.parent / 'images'}")
        else:
            yield from _file_problems(path, image)


def find_image(folder: Path, name: str) -> Path | None:
    """The file that `pipeline.coco.load_coco` would take, or None."""
    places = (folder / "images" / name, folder / name, folder.parent / "images" / name)
    return next((place for place in places if is_file(place)), None)


def _file_problems(path: Path, image: ImageRow) -> Iterator[Problem]:
    try:
        with PilImage.open(path, formats=FORMATS) as picture:
            size, kind = picture.size, picture.format or ""
            if kind == "JPEG" and picture.getexif().get(ExifTags.Base.Orientation) in TURNED:
                size = size[1], size[0]
    except (PilImage.DecompressionBombError, *DAMAGED):
        yield error(image.where, f"{path} is not an image that can be read", "a whole JPEG or PNG file")
        return
    if size != (image.width, image.height):
        yield error(
            image.where, f"says {image.width}x{image.height}, the file is {size[0]}x{size[1]}", "the file's size"
        )
    if not _is_whole(path, kind):
        yield error(image.where, f"{path} is cut short", "a whole file")


def _is_whole(path: Path, kind: str) -> bool:
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 64))
        if ENDS.get(kind, b"") in file.read():
            return True
    try:
        with PilImage.open(path, formats=FORMATS) as picture:
            picture.load()
    except DAMAGED:
        return False
    return True
