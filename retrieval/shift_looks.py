"""Appearance: how photos look to the detector beside renders, by its backbone's features inside the found boxes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pipeline.keypoints import KeypointSchema
from pipeline.seeds import stream_rng
from retrieval.descriptor import Descriptors
from retrieval.proxy_distance import FOLDS, proxy_distance
from retrieval.shift_coverage import described, each_similarity
from retrieval.shift_images import Pictures
from retrieval.shift_measure import Measured
from retrieval.shift_parts import AppearanceRecord, DiscrepancyRecord, MatchRecord
from retrieval.two_samples import Discrepancy, discrepancy, discrepancy_of_pairs

LAYER = "the backbone's stages at stride 16 and 32, averaged over the found box, standardised"
LEAST = 6
"""Vehicles of each side that a comparison needs."""
MOST = 800
"""Items of each side that are compared: the kernel matrix holds the square of their number."""
NEIGHBOURS = 3
SHOWN = 12


@dataclass(frozen=True)
class Looks:
    """A set's pictures and what was measured on them."""

    pictures: Pictures
    measured: Measured


def compare_looks(
    learned: Looks, held: Looks, real: Looks, schema: KeypointSchema, least_similar: float, seed: int = 0
) -> AppearanceRecord | None:
    """Photos against held-out renders; `learned` only lends the pictures that photos are shown beside.

    Args:
        learned, held, real: the three sets.
        schema: the detector's.
        least_similar: pairs of like pose have at least this similarity.
        seed: of permutations and of which image stands for a vehicle.

    Returns:
        None where something was found in fewer than LEAST vehicles of a side.
    """
    theirs, ours = one_per_group(held, seed), one_per_group(real, seed)
    if min(len(theirs), len(ours)) < LEAST:
        return None
    first, second = held.measured.in_box[theirs], real.measured.in_box[ours]
    proxy = proxy_distance(first, second, seed) if min(len(first), len(second)) >= FOLDS else None
    return AppearanceRecord(
        layer=LAYER,
        all=_record(discrepancy(first, second, seed=seed)),
        like_pose=_like_pose(held, theirs, real, ours, schema, least_similar, seed),
        null=_null(first, seed),
        proxy_distance=proxy.distance if proxy else None,
        proxy_interval=proxy.interval if proxy else None,
        proxy_error=proxy.error if proxy else None,
        proxy_folds=FOLDS,
        least_alike=_least_alike(learned, held, real),
    )


def one_per_group(looks: Looks, seed: int) -> NDArray[np.int64]:
    """An image of each vehicle in which something was found, at random: what a permutation test may take for
    independent. At most MOST.
    """
    rng = stream_rng(seed, 0, "shift.one_per_group")
    order = rng.permutation(np.flatnonzero(looks.measured.found))
    _, first = np.unique(looks.pictures.groups[order], return_index=True)
    chosen = order[np.sort(first)][:MOST]
    return np.sort(chosen)


def _like_pose(
    held: Looks, theirs: NDArray, real: Looks, ours: NDArray, schema: KeypointSchema, least: float, seed: int
) -> DiscrepancyRecord | None:
    """Photos and renders paired one to one so that the sum of their keypoints' similarities is greatest."""
    every = each_similarity(_chosen(real, ours, schema), _chosen(held, theirs, schema), schema.sigmas)
    scores = np.array(list(every))
    rows, columns = linear_sum_assignment(scores, maximize=True)
    near = scores[rows, columns] >= least
    if near.sum() < LEAST:
        return None
    first = held.measured.in_box[theirs[columns[near]]]
    return _record(discrepancy_of_pairs(first, real.measured.in_box[ours[rows[near]]], seed=seed))


def _chosen(looks: Looks, which: NDArray, schema: KeypointSchema) -> Descriptors:
    every = described(looks.measured, schema)
    place = np.searchsorted(np.flatnonzero(looks.measured.found), which)
    return Descriptors(every.points[place], every.weights[place])


def _null(vectors: NDArray, seed: int) -> DiscrepancyRecord | None:
    """Two halves of the renders."""
    if len(vectors) < 2 * 3:
        return None
    order = stream_rng(seed, 0, "shift.null").permutation(len(vectors))
    half = len(vectors) // 2
    return _record(discrepancy(vectors[order[:half]], vectors[order[half:]], seed=seed))


def _least_alike(learned: Looks, held: Looks, real: Looks) -> tuple[MatchRecord, ...]:
    """Photos furthest from all renders, in units of how far a held-out render is from those that were learned from."""
    shown = np.flatnonzero(learned.measured.found)
    base = learned.measured.in_box[shown]
    photos, others = np.flatnonzero(real.measured.found), np.flatnonzero(held.measured.found)
    if len(base) < NEIGHBOURS:
        return ()
    mean, spread = base.mean(axis=0), base.std(axis=0)
    scale = np.where(spread > 1e-12, spread, np.inf)
    entries = (base - mean) / scale
    unit, _ = _away((held.measured.in_box[others] - mean) / scale, entries)
    away, nearest = _away((real.measured.in_box[photos] - mean) / scale, entries)
    away = away / max(float(np.median(unit)), 1e-9)
    return tuple(
        MatchRecord(
            photo=str(real.pictures.pictures[photos[i]].path),
            render=str(learned.pictures.pictures[shown[nearest[i]]].path),
            value=float(away[i]),
        )
        for i in np.argsort(-away, kind="stable")[:SHOWN]
    )


def _away(queries: NDArray, entries: NDArray) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Mean distance (Q,) to the NEIGHBOURS nearest entries, and the nearest (Q,)."""
    squares = distances_sq(queries, entries)
    order = np.argsort(squares, axis=1)[:, :NEIGHBOURS]
    return np.sqrt(np.take_along_axis(squares, order, axis=1)).mean(axis=1), order[:, 0]


def distances_sq(queries: NDArray, entries: NDArray) -> NDArray[np.float64]:
    """Squared distances (Q, N) of vectors (Q, D) and (N, D)."""
    cross = queries @ entries.T
    return np.maximum((queries**2).sum(axis=1)[:, None] - 2 * cross + (entries**2).sum(axis=1)[None], 0.0)


def _record(found: Discrepancy) -> DiscrepancyRecord:
    return DiscrepancyRecord(
        mmd2=found.mmd2, interval=found.interval, p_value=found.p_value, permutations=found.permutations, n=found.n
    )
