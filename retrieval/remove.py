"""Which entries to remove from an index: those of some image files, or of images that say something of themselves."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import AkdError, IndexFileError
from retrieval.change import remove_entries
from retrieval.store import Index

__all__ = ["entries_to_remove", "remove_entries"]


def entries_to_remove(index: Index, images: Sequence[Path], where: Mapping[str, Sequence[str]]) -> NDArray[np.int64]:
    """Live entries of the image files that are given, if any, and that have the values wanted, if any.

    Raises:
        AkdError: neither is given: an index is not emptied by mistake.
        IndexFileError: an image is not in the index, or none has a value wanted.
    """
    if not images and not where:
        raise AkdError("say what to remove: --image FILE, or --where FIELD=VALUE")
    chosen = index.live & (index.with_values(where) if where else True)
    if images:
        chosen &= _of_images(index, images)
    return np.flatnonzero(chosen)


def _of_images(index: Index, images: Sequence[Path]) -> NDArray[np.bool_]:
    wanted = {image.resolve(): image for image in images}
    seen: set[Path] = set()
    chosen = np.zeros(len(index), dtype=bool)
    for segment, start in zip(index.segments, index.starts, strict=False):
        rows = []
        for row, image in enumerate(segment.images()):
            path = segment.image_path(image, index.folder).resolve()
            if path in wanted:
                seen.add(path)
                rows.append(row)
        chosen[start : start + len(segment)] = np.isin(segment.image_row, rows)
    if missing := [str(image) for path, image in wanted.items() if path not in seen]:
        raise IndexFileError(f"{index.folder}: does not hold {missing[0]}")
    return chosen
