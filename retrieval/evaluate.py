"""How well retrieval finds the viewpoint: the error of the best match, over queries whose viewpoint is known.

Error: the geodesic distance of the two rotations, and Acc@pi/6 the share below 30 degrees, as is usual since Tulsiani
and Malik, "Viewpoints and keypoints", CVPR 2015. Roll is not part of it. Photos whose viewpoint was not measured may
say instead which sides they show (`view`: F, BL, ...): then the share of best matches seen from the same eighth of the
circle counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.coco import CocoDataset, ImageRecord, load_coco
from pipeline.errors import DatasetError, IndexFileError
from retrieval.nearest import top_entries
from retrieval.predictions import best_query, open_predictor
from retrieval.result import Query
from retrieval.search import query_descriptor
from retrieval.store import Index
from retrieval.viewpoint import geodesic_deg, named_view, view_rotation, viewpoint

ACCURACY_DEG = {"pi/6": 30.0, "pi/12": 15.0, "pi/18": 10.0}
FLIP_DEG = 30.0
"""An error is a flip when, flipped, it would be smaller than this."""


@dataclass(frozen=True)
class NamedViews:
    """Of queries that say which sides they show: how many have a best match that shows the same, by view."""

    same: Mapping[str, int]
    queries: Mapping[str, int]

    @property
    def share(self) -> float:
        """Over all queries."""
        return sum(self.same.values()) / max(sum(self.queries.values()), 1)

    def __str__(self) -> str:
        each = ", ".join(f"{view} {self.same[view] / count:.2f} of {count}" for view, count in self.queries.items())
        return f"same eighth of the circle: {self.share:.3f} of {sum(self.queries.values())} queries ({each})"


@dataclass(frozen=True)
class ViewpointScores:
    """Viewpoint error of the best match.

    Attributes:
        queries: instances that were searched for and whose angles are known.
        skipped: instances of which no viewpoint is known, or that have no keypoint (or none was detected).
        median_deg, p90_deg: of the geodesic error; None without a query.
        accuracy: share of the queries with an error below each of ACCURACY_DEG.
        front_back, mirrored: share whose match is seen from the other end (azimuth 180 - a), or from the other side
            (-a), but for FLIP_DEG.
        named: of the queries that name their view only.
    """

    queries: int
    skipped: int
    median_deg: float | None = None
    p90_deg: float | None = None
    accuracy: Mapping[str, float] = field(default_factory=dict)
    front_back: float | None = None
    mirrored: float | None = None
    named: NamedViews = field(default_factory=lambda: NamedViews({}, {}))

    @property
    def acc_pi_6(self) -> float | None:
        """Share with an error below 30 degrees."""
        return self.accuracy.get("pi/6")

    def __str__(self) -> str:
        lines = []
        if self.median_deg is not None:
            shares = ", ".join(f"Acc@{name} {share:.3f}" for name, share in self.accuracy.items())
            lines.append(
                f"viewpoint of the best match: median error {self.median_deg:.1f} deg, p90 {self.p90_deg:.1f} deg, "
                f"{shares}; other end {self.front_back:.3f}, other side {self.mirrored:.3f} "
                f"over {self.queries} queries"
            )
        if self.named.queries:
            lines.append(str(self.named))
        lines.append(f"{self.skipped} skipped: their viewpoint is not known, or nothing was found in them")
        return "\n".join(lines)


def evaluate_viewpoints(
    index: Index, dataset: Path, split: str | None = None, weights: Path | None = None
) -> ViewpointScores:
    """Search the index for every instance of a dataset and compare viewpoints with the best match.

    A query never finds its own image, nor one of its own vehicle.

    Args:
        index: an opened index whose images carry `azimuth_deg` and `elevation_deg`.
        dataset: the queries; images with the same two fields.
        split: of the dataset, or None for all of it.
        weights: what predicts the queries' keypoints, or None to take their labels.

    Raises:
        DatasetError, WeightsError, ImageError: the dataset, the weights or an image cannot be used.
        IndexFileError: the index is of other keypoints, or its images carry no viewpoint.
    """
    queries = load_coco(dataset, split)
    try:
        queries.require_schema(index.schema)
    except DatasetError as error:
        raise IndexFileError(f"{index.folder}: {error}") from error
    known = index.viewpoints
    if np.isnan(known).all():
        raise IndexFileError(f"{index.folder}: its images carry no azimuth_deg and elevation_deg to score against")
    files = np.array([str(index.image_path(entry).resolve()) for entry in range(len(index))])
    vehicles = np.array([str(index.image(entry).extra.get("vehicle", "")) for entry in range(len(index))])
    found, truths = [], []
    same: dict[str, int] = {}
    named: dict[str, int] = {}
    skipped = 0
    for record, query in _queries(queries, weights):
        truth, view = viewpoint(record.extra), record.extra.get("view")
        descriptor = query_descriptor(index, query)
        allowed = index.live & ~np.isnan(known[:, 0]) & (files != str(record.path.resolve()))
        if vehicle := str(record.extra.get("vehicle", "")):
            allowed &= vehicles != vehicle
        told = not np.isnan(truth[0]) or isinstance(view, str)
        if not told or not descriptor.weights.any() or not allowed.any():
            skipped += 1
            continue
        best = known[int(top_entries(index, descriptor, 1, allowed).entries[0])]
        if not np.isnan(truth[0]):
            found.append(best)
            truths.append(truth)
        else:
            named[str(view)] = named.get(str(view), 0) + 1
            same[str(view)] = same.get(str(view), 0) + (named_view(float(best[0])) == view)
    return summarise(found, truths, skipped, NamedViews(same, named))


def summarise(
    found: Sequence[Sequence[float]],
    truths: Sequence[Sequence[float]],
    skipped: int = 0,
    named: NamedViews | None = None,
) -> ViewpointScores:
    """The scores of viewpoints found (n, 2) against true ones (n, 2): azimuth and elevation in degrees."""
    named = named or NamedViews({}, {})
    if not len(found):
        return ViewpointScores(0, skipped, named=named)
    theirs, true = np.array(found, dtype=float), np.array(truths, dtype=float)
    want = view_rotation(true[:, 0], true[:, 1])

    def errors(azimuth: np.ndarray) -> np.ndarray:
        return geodesic_deg(view_rotation(azimuth, theirs[:, 1]), want)

    error = errors(theirs[:, 0])
    wrong = error >= FLIP_DEG
    return ViewpointScores(
        queries=len(error),
        skipped=skipped,
        median_deg=float(np.median(error)),
        p90_deg=float(np.percentile(error, 90)),
        accuracy={name: float((error < limit).mean()) for name, limit in ACCURACY_DEG.items()},
        front_back=float((wrong & (errors(180 - theirs[:, 0]) < FLIP_DEG)).mean()),
        mirrored=float((wrong & (errors(-theirs[:, 0]) < FLIP_DEG)).mean()),
        named=named,
    )


def _queries(dataset: CocoDataset, weights: Path | None) -> Iterator[tuple[ImageRecord, Query]]:
    """Each labelled instance, or the most certain detection of each image; without one, a query without keypoints."""
    if weights is None:
        for record in dataset.images:
            yield from ((record, Query(i.keypoints, i.bbox)) for i in record.instances if not i.iscrowd)
        return
    predictor = open_predictor(weights)
    found = predictor.predict([record.path for record in dataset.images])
    for record, detections in zip(dataset.images, found, strict=True):
        yield record, best_query(detections) or Query(np.zeros((len(predictor.schema), 3)), np.zeros(4), 0.0)
