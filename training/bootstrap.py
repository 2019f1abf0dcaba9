"""How sure a score is: 95 % intervals from resampled vehicles.

Images of one vehicle tell the same thing several times over: vehicles are drawn with replacement, each with all its
images (cluster bootstrap, percentiles; Davison and Hinkley, "Bootstrap Methods and their Application", 1997, 3.8).
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.seeds import stream_rng
from training.image_rows import ImageRows

RESAMPLES = 1000
LEVEL = 0.95
Interval = tuple[float, float]
"""Low and high end; nan where it cannot be told."""


def intervals(rows: ImageRows, resamples: int = RESAMPLES, seed: int = 0) -> dict[str, Interval]:
    """Of each score."""
    return _intervals([rows.scores(weights) for weights in resampled(rows.vehicles, resamples, seed)])


def difference_intervals(
    first: ImageRows, second: ImageRows, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Interval]:
    """Of second - first, both scored on the same resamples; their images must be the same."""
    differences = []
    for weights in resampled(first.vehicles, resamples, seed):
        one, other = first.scores(weights), second.scores(weights)
        differences.append({name: other[name] - one[name] for name in one if name in other})
    return _intervals(differences)


def unpaired_intervals(
    first: ImageRows, second: ImageRows, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[dict[str, Interval], dict[str, Interval], dict[str, Interval]]:
    """Of each of two scored on different images, each resampled by itself, and of second - first."""
    scores = [first.scores(weights) for weights in resampled(first.vehicles, resamples, seed)]
    others = [second.scores(weights) for weights in resampled(second.vehicles, resamples, seed + 1)]
    gaps = [
        {name: other[name] - one[name] for name in one if name in other}
        for one, other in zip(scores, others, strict=False)  # none where a set has but one vehicle
    ]
    return _intervals(scores), _intervals(others), _intervals(gaps)


def resampled(vehicles: Sequence[str], resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """(I,) how often each image is in a resample; nothing where there is only one vehicle, or none."""
    names, which = np.unique(np.array(vehicles, dtype=str), return_inverse=True)
    if len(names) < 2:
        return
    rng = stream_rng(seed, 0, "bootstrap")
    for _ in range(resamples):
        yield np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))[which].astype(np.float64)


def _intervals(scores: Sequence[Mapping[str, float]]) -> dict[str, Interval]:
    found = {}
    for name in scores[0] if scores else ():
        values = np.array([one[name] for one in scores])
        values = values[np.isfinite(values)]  # a resample may hold nothing that a score counts
        ends = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if values.size else [np.nan, np.nan]
        found[name] = (float(ends[0]), float(ends[1]))
    return found
