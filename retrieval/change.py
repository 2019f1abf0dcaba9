"""Changing an index in place: what is appended is a new segment, what is removed a list; nothing written is changed.

The manifest is replaced last and at once, so a reader, or whoever comes after a writer that was killed, sees the index
before the change or after it. What such a writer left is not named by the manifest and is deleted by the next one.
"""

import fcntl
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import IndexFileError
from pipeline.files import remove_partial, write_json_atomic
from retrieval.manifest import FileStamp, Manifest, RemovedRecord
from retrieval.store import load_index, read_manifest
from retrieval.write import IndexContent, data_file, save_array, write_segment


@contextmanager
def only_writer(index: Path) -> Iterator[None]:
    """Hold the index's lock; the system frees it when the process ends, however it ends.

    Raises:
        IndexFileError: it is no index, cannot be written, or another process is changing it.
    """
    read_manifest(index)
    try:
        with (index / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise IndexFileError(f"{index}: another process is changing it; wait for it, or stop it") from error
            _remove_unnamed(index, read_manifest(index))
            yield
    except OSError as error:
        raise IndexFileError(f"{index}: cannot be written: {error.strerror}") from error


def append_content(index: Path, content: IndexContent, replaced: NDArray[np.int64] | None = None) -> Manifest:
    """Add a segment, and in the same moment remove the entries (n,) that it replaces; the caller is the only writer.

    Raises:
        IndexFileError: `content` is of other keypoints, weights or settings, or the index is damaged.
        OSError: it cannot be written.
    """
    manifest = read_manifest(index)
    _require_same(index, manifest, content)
    number = 1 + max((int(segment.name) for segment in manifest.segments), default=-1)
    segment = write_segment(
        index / f"{number:04d}",
        manifest.keypoints,
        manifest.similarity.hidden_weight,
        content.source,
        content.instances(),
        content.images,
    )
    changes: dict[str, Any] = {
        "segments": (*manifest.segments, segment),
        "weights": manifest.weights or content.weights,
    }
    if replaced is not None and len(replaced):
        changes["removed"] = (*manifest.removed, _write_removed(index, manifest, replaced))
    return _replace_manifest(index, manifest.model_copy(update=changes))


def remove_entries(index: Path, entries: NDArray[np.int64]) -> int:
    """Remove entries (n,) from an index; returns how many of them were still there. The rest keep their numbers.

    Raises:
        IndexFileError: the index is damaged or cannot be written, or another process is changing it.
    """
    with only_writer(index):
        opened = load_index(index)
        gone = np.unique(np.asarray(entries, dtype=np.int64))
        if len(gone) and not 0 <= gone[0] <= gone[-1] < len(opened):
            raise IndexFileError(f"{index}: has entries 0..{len(opened) - 1}; got {gone[0]}..{gone[-1]}")
        gone = gone[opened.live[gone]] if len(gone) else gone
        if len(gone):
            record = _write_removed(index, opened.manifest, gone)
            changed = opened.manifest.model_copy(update={"removed": (*opened.manifest.removed, record)})
            _replace_manifest(index, changed)
        return len(gone)


def _require_same(index: Path, manifest: Manifest, content: IndexContent) -> None:
    if content.schema.names != manifest.keypoints.names:
        difference = sorted(set(content.schema.names) ^ set(manifest.keypoints.names)) or ["their order"]
        raise IndexFileError(
            f"{index}: holds keypoints of {manifest.keypoints.name}; what is appended differs in "
            f"{', '.join(difference[:5])}"
        )
    require_weights(index, manifest, content.weights)


def require_weights(index: Path, manifest: Manifest, weights: FileStamp | None) -> None:
    """Raise IndexFileError where predictions by other weights than the index's would be mixed with its own."""
    made_by = manifest.weights
    if made_by is not None and weights is not None and weights.sha256 != made_by.sha256:
        raise IndexFileError(
            f"{index}: was made by {made_by.path} (sha256 {made_by.sha256[:12]}); {weights.path} "
            f"({weights.sha256[:12]}) are other weights: give them an index of their own"
        )


def _write_removed(index: Path, manifest: Manifest, entries: NDArray[np.int64]) -> RemovedRecord:
    path = index / f"removed-{1 + len(manifest.removed):04d}.npy"
    save_array(path, np.sort(entries).astype(np.int32))
    return RemovedRecord(name=path.name, entries=len(entries), file=data_file(path))


def _replace_manifest(index: Path, manifest: Manifest) -> Manifest:
    write_json_atomic(index / "manifest.json", manifest.to_json(), indent=1)
    return manifest


def _remove_unnamed(index: Path, manifest: Manifest) -> None:
    """Delete segments, lists and temporary files that a killed writer left."""
    named = {segment.name for segment in manifest.segments} | {record.name for record in manifest.removed}
    for path in index.iterdir():
        if path.name in named:
            continue
        if path.is_dir() and re.fullmatch(r"[0-9]{4,9}", path.name):
            shutil.rmtree(path)
        elif re.fullmatch(r"removed-[0-9]{4,9}\.npy", path.name):
            path.unlink()
    remove_partial(index)
