"""Is what an index was made from still as it was? Sizes and times are looked at first; contents where they differ."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.dataset_folder import file_hash
from pipeline.errors import IndexFileError
from retrieval.manifest import FileStamp
from retrieval.segment import IndexedImage, Segment
from retrieval.store import Index

ADVICE = "bring it up to date with akd index --append, or search it as it is with --stale"


def stamp(path: Path) -> FileStamp:
    """A file as it is now."""
    status = path.stat()
    return FileStamp(
        path=str(path.resolve()), sha256=file_hash(path), bytes=status.st_size, mtime_ns=status.st_mtime_ns
    )


def has_changed(path: Path, size: int | None, mtime_ns: int | None, sha256: str | None) -> bool:
    """Whether a file that is there is another one now; what is gone, or was never looked at, has not changed."""
    if not path.is_file() or (size is None and sha256 is None):
        return False
    status = path.stat()
    if (status.st_size, status.st_mtime_ns) == (size, mtime_ns):
        return False
    if size is not None and status.st_size != size:
        return True
    return file_hash(path) != sha256 if sha256 is not None else True


def require_fresh(index: Index) -> None:
    """Raise IndexFileError where a dataset's file has changed since its segment was written, unless that is removed."""
    for number, segment in enumerate(index.segments):
        labels = segment.record.source.annotations
        if labels is None or (segment.live is not None and not segment.live.any()):
            continue
        if has_changed(Path(labels.path), labels.bytes, labels.mtime_ns, labels.sha256):
            raise IndexFileError(
                f"{index.folder}: is stale: {labels.path} has changed since segment {number} was made from it; {ADVICE}"
            )


def require_fresh_image(index: Index, entry: int) -> None:
    """Raise IndexFileError where keypoints of an entry were predicted on a picture that is another one now."""
    segment, _ = index.place(entry)
    image = index.image(entry)
    if image_has_changed(segment, image, index.folder):
        path = segment.image_path(image, index.folder)
        raise IndexFileError(f"{index.folder}: is stale: {path} has changed since it was indexed; {ADVICE}")


def image_has_changed(segment: Segment, image: IndexedImage, folder: Path) -> bool:
    """Whether keypoints were predicted on another picture; those of labels do not come from the picture."""
    if segment.record.source.kind == "labels":
        return False
    return has_changed(segment.image_path(image, folder), image.bytes, image.mtime_ns, image.sha256)


def changed_images(index: Index) -> Iterator[Path]:
    """All pictures with live entries that have changed since keypoints were predicted on them."""
    for segment in index.segments:
        live = set(segment.image_row.tolist() if segment.live is None else segment.image_row[segment.live].tolist())
        for row in sorted(live):
            image = segment.image(row)
            if image_has_changed(segment, image, index.folder):
                yield segment.image_path(image, index.folder)
