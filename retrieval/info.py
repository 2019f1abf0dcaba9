"""`akd index-info`: what an index holds and what it was made from, and whether that is still so."""

from pathlib import Path

import numpy as np

from pipeline.errors import IndexFileError
from retrieval.stale import changed_images, require_fresh
from retrieval.store import Index, load_index


def describe_index(folder: Path, *, verify: bool = False) -> str:
    """Some lines on an index.

    Args:
        folder: of the index.
        verify: hash every file, and look at every picture on which keypoints were predicted.

    Raises:
        IndexFileError: it is missing or damaged; with `verify` also: it is stale.
    """
    index = load_index(folder, verify=verify)
    lines = [_summary(index)]
    for segment in index.segments:
        source = segment.record.source
        live = len(segment) if segment.live is None else int(segment.live.sum())
        split = f", split {source.split}" if source.split else ""
        gone = f" ({len(segment) - live} removed)" if live < len(segment) else ""
        recall = ", ".join(f"{point.tightness}: {point.recall:.3f}" for point in segment.record.recall)
        lines.append(
            f"  {segment.record.name}: {live} instances{gone} in {segment.record.images} images, {source.kind} of "
            f"{source.path}{split}" + (f"; recall@10 by tightness {recall}" if recall else "")
        )
        for name in sorted(segment.record.values):
            if values := segment.record.values[name]:
                lines.append(f"    {name}: {', '.join(sorted(values)[:12])}{' ...' if len(values) > 12 else ''}")
    if verify:
        require_fresh(index)
        if changed := next(changed_images(index), None):
            raise IndexFileError(f"{folder}: is stale: {changed} has changed since it was indexed")
        lines.append("every file is as it was written; nothing that was indexed has changed")
        return "\n".join(lines)
    try:
        require_fresh(index)
    except IndexFileError as error:
        lines.append(str(error).removeprefix(f"{folder}: "))
    return "\n".join(lines)


def _summary(index: Index) -> str:
    manifest = index.manifest
    by = "labels alone" if manifest.weights is None else f"{manifest.weights.path} ({manifest.weights.sha256[:12]})"
    known = int((~np.isnan(index.viewpoints[:, 0])).sum()) if len(index) else 0
    searched = sum(segment.blocks.nbytes for segment in index.segments)
    return (
        f"{index.folder}: {int(index.live.sum()) if len(index) else 0} instances of {manifest.keypoints.name} by {by}; "
        f"viewpoint known of {known}; a search reads up to {searched / 1e6:.1f} MB"
    )
