"""What has names rather than numbers (body style, kind of light): voted by the renders that look most alike.

The vote's mistakes are known from renders, for which it is taken the same way, an image's own vehicle never voting for
it; `retrieval.label_shift` takes them out of the shares.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.seeds import stream_rng
from retrieval.differences import share_interval
from retrieval.label_shift import class_shares, confusion
from retrieval.shift_looks import Looks, distances_sq
from retrieval.shift_parts import ClassesRecord

VOTERS = 9
RESAMPLES = 200
LEAST = 20
"""Renders, and photos, that a vote needs."""
PROPERTIES = (("style", True), ("light", False))
"""The name in the dataset, and whether it is read from inside the box or from the whole image."""


def vote_classes(synthetic: Sequence[Looks], real: Looks, seed: int = 0) -> tuple[ClassesRecord, ...]:
    """A record of each of PROPERTIES that the renders say and that has two values or more."""
    found = []
    for name, in_box in PROPERTIES:
        record = _vote(synthetic, real, name, in_box=in_box, seed=seed)
        if record is not None:
            found.append(record)
    return tuple(found)


def _vote(synthetic: Sequence[Looks], real: Looks, name: str, *, in_box: bool, seed: int) -> ClassesRecord | None:
    said = [one.said.get(name) for looks in synthetic for one in looks.pictures.pictures]
    ready = np.concatenate([looks.measured.found for looks in synthetic])
    ready &= np.array([isinstance(value, str) for value in said])
    classes = sorted({str(value) for value, ok in zip(said, ready, strict=True) if ok})
    photos = np.flatnonzero(real.measured.found)
    if len(classes) < 2 or ready.sum() < LEAST or len(photos) < LEAST:
        return None
    vectors = np.concatenate([_vectors(looks, in_box) for looks in synthetic])[ready]
    groups = np.concatenate([looks.pictures.groups for looks in synthetic])[ready]
    truth = np.array([classes.index(str(value)) for value, ok in zip(said, ready, strict=True) if ok])
    mean, spread = vectors.mean(axis=0), vectors.std(axis=0)
    scale = np.where(spread > 1e-12, spread, np.inf)
    entries = (vectors - mean) / scale
    own = groups[:, None] == groups[None]
    guess = _majority(np.where(own, np.inf, distances_sq(entries, entries)), truth, len(classes))
    photo_guess = _majority(distances_sq((_vectors(real, in_box)[photos] - mean) / scale, entries), truth, len(classes))
    right = guess == truth
    draws = _resampled(truth, guess, groups, photo_guess, len(classes), seed)
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return ClassesRecord(
        name=name,
        classes=tuple(classes),
        n_known=len(truth),
        n_real=len(photos),
        accuracy=float(right.mean()),
        accuracy_interval=share_interval(right, groups),
        chance=float(np.bincount(truth).max() / len(truth)),
        synthetic=tuple(map(float, np.bincount(truth, minlength=len(classes)) / len(truth))),
        real=tuple(_rounded(class_shares(photo_guess, confusion(truth, guess, len(classes))))),
        interval=tuple(zip(_rounded(low), _rounded(high), strict=True)),
    )


def _rounded(shares: NDArray) -> list[float]:
    return [round(float(share), 6) for share in shares]


def _vectors(looks: Looks, in_box: bool) -> NDArray[np.float64]:
    return looks.measured.in_box if in_box else looks.measured.whole


def _majority(squares: NDArray, truth: NDArray, classes: int) -> NDArray[np.int64]:
    """The class (Q,) with most weight among the VOTERS nearest; the nearer, and the rarer a class, the more it weighs.

    Rarer ones weigh more, because else the most frequent class wins wherever the vote is unsure.
    """
    near = np.argsort(squares, axis=1)[:, :VOTERS]
    away = np.sqrt(np.take_along_axis(squares, near, axis=1))
    weight = np.where(np.isfinite(away), 1 / np.maximum(away, 1e-9), 0.0)
    weight = (
        weight
        / np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
        / np.bincount(truth, minlength=classes)[truth[near]]
    )
    votes = np.zeros((len(squares), classes))
    for voter in range(near.shape[1]):
        np.add.at(votes, (np.arange(len(squares)), truth[near[:, voter]]), weight[:, voter])
    return votes.argmax(axis=1)


def _resampled(
    truth: NDArray, guess: NDArray, groups: NDArray, photos: NDArray, classes: int, seed: int
) -> NDArray[np.float64]:
    """Shares (RESAMPLES, classes) of resampled photos, by the mistakes on resampled vehicles."""
    rng = stream_rng(seed, 0, "shift.classes")
    _, which = np.unique(groups, return_inverse=True)
    draws = []
    for _ in range(RESAMPLES):
        times = np.bincount(rng.integers(which.max() + 1, size=which.max() + 1), minlength=which.max() + 1)[which]
        known = np.repeat(np.arange(len(truth)), times)
        table = confusion(truth[known], guess[known], classes)
        draws.append(class_shares(photos[rng.integers(len(photos), size=len(photos))], table))
    return np.array(draws)
