"""How often a keypoint lands on its twin: on the other side, at the other end, or at the opposite corner."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.keypoints import KeypointSchema
from training.pck import Errors

FRONT_TO_BACK = (("FL", "RL"), ("FR", "RR"), ("FRONT", "REAR"))
"""Last parts of names that tell front from back in our schemas."""
APART = 0.1
"""Twins that lie nearer to one another than this share of the object's size cannot be told apart by a distance."""

Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class Swaps:
    """Share of keypoints with a twin that were set on the twin; nan without such keypoints.

    Attributes:
        rate: of left-right and front-back pairs together.
        left_right, front_back: of each kind.
        diagonal: set on the twin at the opposite corner (FL taken for RR), which is nearest of all its places.
        anywhere: of keypoints with a twin of any kind, set on any of them.
    """

    rate: float
    left_right: float
    front_back: float
    diagonal: float
    anywhere: float


def score_swaps(counts: dict[str, NDArray[np.float64]]) -> Swaps:
    """From `count_swaps`."""
    shares = {}
    for name, count in counts.items():
        swapped, eligible = count.sum(axis=0)
        shares[name] = float(swapped / eligible) if eligible else float("nan")
    return Swaps(**shares)


def count_swaps(errors: Errors, schema: KeypointSchema) -> dict[str, NDArray[np.float64]]:
    """(M, 2) per object: how many keypoints are swapped, and how many could be.

    A keypoint is swapped if it is more than 0.1 off, and nearer to its twin's place than 0.1 and than to its own.
    Counted over found objects, where both are labelled and lie more than 0.1 apart.
    """
    sides, ends, corners = left_right_pairs(schema), front_back_pairs(schema), diagonal_pairs(schema)
    each = swapped_pairs(errors, schema)
    per_keypoint = {k: np.zeros((len(errors.found), 2), dtype=bool) for k, _ in each}
    for (k, _), one in each.items():
        per_keypoint[k] |= one
    kinds = {"rate": sides + ends, "left_right": sides, "front_back": ends, "diagonal": corners}
    counts = {name: _total([each[pair] for pair in pairs], len(errors.found)) for name, pairs in kinds.items()}
    return {**counts, "anywhere": _total(list(per_keypoint.values()), len(errors.found))}


def swapped_pairs(errors: Errors, schema: KeypointSchema) -> dict[tuple[int, int], NDArray[np.bool_]]:
    """For each (k, twin) of any kind, (M, 2) per object: whether k is swapped with it, and whether it could be."""
    beside: dict[int, list[int]] = {}
    for k, twin in left_right_pairs(schema) + front_back_pairs(schema):
        beside.setdefault(k, []).append(twin)
    each = {(k, twin): _swapped(errors, k, twin, ()) for k, twins in beside.items() for twin in twins}
    each |= {(k, twin): _swapped(errors, k, twin, beside[k]) for k, twin in diagonal_pairs(schema)}
    return each


def _total(each: Sequence[NDArray[np.bool_]], objects: int) -> NDArray[np.float64]:
    """(objects, 2) sum of (objects, 2) each."""
    return np.sum([np.zeros((objects, 2)), *each], axis=0)


def left_right_pairs(schema: KeypointSchema) -> Pairs:
    """(k, twin) of the schema's flip pairs, both ways."""
    return [(int(k), int(j)) for k, j in enumerate(schema.flip_index) if k != j]


def front_back_pairs(schema: KeypointSchema) -> Pairs:
    """(k, twin) of keypoints whose names differ only in front and rear, both ways."""
    there = {name: k for k, name in enumerate(schema.names)}
    pairs = []
    for name, k in there.items():
        stem, _, end = name.rpartition("_")
        for front, rear in FRONT_TO_BACK:
            if end == front and f"{stem}_{rear}" in there:
                twin = there[f"{stem}_{rear}"]
                pairs += [(k, twin), (twin, k)]
    return pairs


def diagonal_pairs(schema: KeypointSchema) -> Pairs:
    """(k, twin) at opposite corners: the other end's other side. What lies on the midline has none."""
    other_end = dict(front_back_pairs(schema))
    other_side = dict(left_right_pairs(schema))
    return [(k, other_side[other_end[k]]) for k in other_end if other_end[k] in other_side]


def _swapped(errors: Errors, k: int, twin: int, nearer: Sequence[int]) -> NDArray[np.bool_]:
    """(M, 2) whether k lies on its twin, nearer than to what is labelled of `nearer`; and whether that can be told."""
    apart = np.linalg.norm(errors.truth[:, k] - errors.truth[:, twin], axis=1)
    eligible = errors.labelled[:, k] & errors.labelled[:, twin] & errors.found & (apart > APART)
    to_twin, own = _distance(errors, k, twin), errors.error[:, k]
    swapped = eligible & (own > APART) & (to_twin < APART) & (to_twin < own)
    for other in nearer:
        swapped &= ~errors.labelled[:, other] | (to_twin < _distance(errors, k, other))
    return np.stack([swapped, eligible], axis=1)


def _distance(errors: Errors, k: int, place: int) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(errors.guess[:, k] - errors.truth[:, place], axis=1))
