"""How well retrieval finds the viewpoint: the best match of every query of a dataset whose viewpoints are known."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.coco import CocoDataset, ImageRecord, load_coco
from pipeline.errors import DatasetError, IndexFileError
from retrieval.find import search_each
from retrieval.nearest import Found
from retrieval.options import Options
from retrieval.predictions import best_query, open_predictor
from retrieval.result import Query
from retrieval.search import query_descriptor
from retrieval.store import Index
from retrieval.viewpoint import UNKNOWN, named_view, viewpoint, viewpoint_of
from retrieval.viewpoint_scores import Answer, EarlyStop, ViewpointScores, score_answers, summarise

__all__ = ["ViewpointScores", "evaluate_viewpoints", "summarise"]


def evaluate_viewpoints(
    index: Index,
    dataset: Path,
    split: str | None = None,
    weights: Path | None = None,
    options: Options | None = None,
) -> ViewpointScores:
    """Search the index for every instance of a dataset and compare viewpoints with the best match.

    A query never finds its own image, nor one of its own vehicle.

    Args:
        index: an opened index whose images carry `azimuth_deg` and `elevation_deg`.
        dataset: the queries; images with the same two fields.
        split: of the dataset, or None for all of it.
        weights: what predicts the queries' keypoints, or None to take their labels.
        options: how to search; with a recall below 1 the exact search is run beside it.

    Raises:
        DatasetError, WeightsError, ImageError: the dataset, the weights or an image cannot be used.
        IndexFileError: the index is of other keypoints, or its images carry no viewpoint.
    """
    options = options or Options(k=10)
    queries = load_coco(dataset, split)
    try:
        queries.require_schema(index.schema)
    except DatasetError as error:
        raise IndexFileError(f"{index.folder}: {error}") from error
    known = index.viewpoints
    if np.isnan(known).all():
        raise IndexFileError(f"{index.folder}: its images carry no azimuth_deg and elevation_deg to score against")
    usable = index.live & ~np.isnan(known[:, 0])
    if options.where:
        usable &= index.with_values(options.where)
    files = np.array([str(index.image_path(entry).resolve()) for entry in range(len(index))])
    vehicles = np.array([str(index.image(entry).extra.get("vehicle", "")) for entry in range(len(index))])
    answers, skipped = [], 0
    for record, query, truth in _queries(queries, weights):
        view = record.extra.get("view") if np.isnan(truth[0]) else named_view(truth[0])
        allowed = usable & (files != str(record.path.resolve()))
        if vehicle := str(record.extra.get("vehicle", "")):
            allowed &= vehicles != vehicle
        if not isinstance(view, str) or not query_descriptor(index, query).weights.any() or not allowed.any():
            skipped += 1
            continue
        best, stopped = _search(index, query, options, allowed)
        seen_from = known[int(best.entries[0])]
        found = float(seen_from[0]), float(seen_from[1])
        answers.append(Answer(found, None if np.isnan(truth[0]) else truth, view, stopped))
    return score_answers(answers, skipped)


def _search(index: Index, query: Query, options: Options, allowed: NDArray[np.bool_]) -> tuple[Found, EarlyStop | None]:
    found = search_each(index, [query], options, allowed)[0]
    if options.recall == 1 or options.similarity != "box-oks":
        return found, None
    exact = search_each(index, [query], replace(options, recall=1.0), allowed)[0]
    share = len(set(found.entries.tolist()) & set(exact.entries.tolist())) / len(exact.entries)
    return found, EarlyStop(options.k, share, float(exact.scores[0] - found.scores[0]))


def _queries(dataset: CocoDataset, weights: Path | None) -> Iterator[tuple[ImageRecord, Query, tuple[float, float]]]:
    """Each labelled instance with its viewpoint, or the most certain detection of each image with the image's.

    An image of several vehicles says nothing of which of them was detected. Without a detection: a query without
    keypoints.
    """
    if weights is None:
        for record in dataset.images:
            for instance in record.instances:
                if not instance.iscrowd:
                    yield record, Query(instance.keypoints, instance.bbox), viewpoint_of(record, instance)
        return
    predictor = open_predictor(weights)
    found = predictor.predict([record.path for record in dataset.images])
    for record, detections in zip(dataset.images, found, strict=True):
        best = best_query(detections)
        if best is None:
            yield record, Query(np.zeros((len(predictor.schema), 3)), np.zeros(4), 0.0), UNKNOWN
        else:
            yield record, best, viewpoint(record.extra) if len(record.instances) < 2 else UNKNOWN
