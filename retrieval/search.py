"""From a picture to the indexed images that match it: predict, describe, search."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.errors import AkdError, IndexFileError, WeightsError
from pipeline.images import find_images
from retrieval.descriptor import Descriptors, describe
from retrieval.nearest import nearest
from retrieval.predictions import Detection, Predictor, best_query, open_predictor, weights_stamp
from retrieval.report import write_pictures, write_results
from retrieval.result import Query, Retrieval
from retrieval.store import Index, load_index


def retrieve(
    index: Path,
    images: Sequence[Path],
    weights: Path | None = None,
    k: int = 5,
    out: Path | None = None,
    *,
    force: bool = False,
) -> list[Retrieval]:
    """The k entries of an index most similar to each image.

    Args:
        index: an index folder.
        images: image files, or folders of them.
        weights: what predicts the images' keypoints; None takes those that made the index.
        k: how many matches per image, at least 1.
        out: new folder for results.json and a picture per image, or None.
        force: search also with weights other than those that made the index.

    Raises:
        IndexFileError: the index is missing or damaged, or of other keypoints than the weights'.
        WeightsError: the weights are missing, or are not those that made the index and `force` is not set.
        ImageError: an image cannot be read.
        AkdError: `out` exists.
    """
    if out is not None and out.exists():
        raise AkdError(f"{out}: exists already; remove it, or give another name")
    if k < 1:
        raise ValueError(f"k must be at least 1; got {k}")
    opened = load_index(index)
    files = find_images(list(images))
    predictor = _predictor_for(opened, weights, force)
    opened.require_schema(predictor.schema, str(predictor.file))
    found = [
        retrieve_one(opened, file, detections, k)
        for file, detections in zip(files, predictor.predict(files), strict=True)
    ]
    if out is not None:
        write_results(out / "results.json", found)
        write_pictures(out, opened.schema, found)
    return found


def retrieve_one(index: Index, image: Path, detections: Sequence[Detection], k: int) -> Retrieval:
    """The matches of the most certain of an image's detections."""
    query = best_query(detections)
    if query is None:
        return Retrieval(image, index.folder, None, (), "nothing was detected")
    descriptor = query_descriptor(index, query)
    if not np.any(descriptor.weights):
        return Retrieval(image, index.folder, query, (), "no keypoint was detected")
    return Retrieval(image, index.folder, query, tuple(nearest(index, descriptor, k)))


def query_descriptor(index: Index, query: Query) -> Descriptors:
    """What the index compares a query by; uncertain keypoints of a detection weigh less."""
    certain = None if query.keypoint_scores is None else query.keypoint_scores[None]
    return describe(query.keypoints[None], query.bbox[None], index.manifest.similarity.hidden_weight, certain)


def _predictor_for(index: Index, weights: Path | None, force: bool) -> Predictor:
    """The weights to use; those that made the index unless the user insists on others."""
    recorded = index.manifest.weights
    if weights is None:
        if recorded is None:
            raise IndexFileError(f"{index.folder}: was made from labels, not by weights; say which weights to use")
        weights = Path(recorded.path)
        if not weights.is_file():
            raise WeightsError(f"{weights}: made {index.folder} and is gone; say which weights to use")
    predictor = open_predictor(weights)
    if recorded is not None and not force:
        given = weights_stamp(predictor.file).sha256
        if given != recorded.sha256:
            raise WeightsError(
                f"{predictor.file}: are not the weights that made {index.folder} (sha256 {given[:12]}, not "
                f"{recorded.sha256[:12]}); use {recorded.path}, or force it"
            )
    return predictor
