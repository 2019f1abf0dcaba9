"""A distribution that holds what photos have and the old one lacks: the old one, with a share of new draws mixed in.

The numbers of photos and of the old distribution are put into bins. A bin is lacking where so many photos would be a
surprise (a binomial test at 5 % over all bins together, Bonferroni) both by what the old distribution has there and by
what reading renders in the same way gives: an estimate that is noisy on renders too must not pass for a difference.
The excess of the lacking bins is what is drawn anew; its sum is how much of the new distribution it should be, so that
each such bin ends up near the photos' share.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from pipeline.distributions import Number, OnValue, Uniform
from pipeline.sampling import sample
from pipeline.seeds import stream_rng

DRAWS = 20_000
"""Of the old distribution, to know its shares: off by 0.3 % at most."""
MOST_NEW = 0.6
"""Share of new draws at most: photos at hand are a sample, what is read from them is an estimate, and breadth is what
a detector of synthetic images lives on."""
LEAST_NEW = 0.03
"""Below it nothing is changed."""
SURPRISE = 0.05
"""Chance that any bin of a field is taken for lacking where none is."""
STRAY = 0.005
"""Share of photos that may be read into any bin by mistake."""
LEAST_EXCESS = 0.01
"""Of a bin that counts as lacking."""
ALIKE = 2.0
"""Neighbouring bins become one uniform piece where their densities differ by less than this factor."""


@dataclass(frozen=True)
class Piece:
    """A range of new draws: its share of them; the photos' share there, and the old distribution's."""

    low: float
    high: float
    weight: float
    photos: float
    before: float

    def after(self, new: float) -> float:
        """The share of all draws there once `new` of them are new ones."""
        return (1 - new) * self.before + new * self.weight


@dataclass(frozen=True)
class Target:
    """What a field becomes.

    Attributes:
        number: the new distribution.
        new: share of its draws that are new; the rest is drawn as before.
        wanted: the share that the excess asked for, before it was held to MOST_NEW.
        pieces: what is drawn anew.
        photos: how many photos it is from.
    """

    number: Number
    new: float
    wanted: float
    pieces: tuple[Piece, ...]
    photos: int


def fill_in(
    old: Number,
    photos: NDArray,
    edges: Sequence[float],
    limits: tuple[float, float],
    renders: NDArray | None = None,
    period: float | None = None,
) -> Target | None:
    """The new distribution of a field, or None where photos have nothing that the old one lacks.

    Args:
        old: the field's distribution.
        photos: (n,) what photos have.
        edges: (B + 1,) of the bins.
        limits: what the field allows; nothing is drawn beyond, and photos beyond count nowhere.
        renders: (m,) the same numbers read from renders of the old distribution.
        period: of an angle: values and draws are taken modulo it into the bins.
    """
    if not len(photos):
        return None
    draws = np.array([sample(old, rng) for rng in [stream_rng(0, 0, "refine.draws")] for _ in range(DRAWS)])
    bounds = np.clip(np.asarray(edges, dtype=np.float64), *limits)
    before = _shares(draws, bounds, period)
    counts = _shares(photos, bounds, period) * len(photos)
    floor = before
    if renders is not None and len(renders):
        floor = np.maximum(before, _shares(renders, bounds, period))
    share = counts / len(photos)
    widths = np.diff(bounds)
    surprise = binom.sf(np.round(counts) - 1, len(photos), np.clip(floor, STRAY, 1))
    lacking = (surprise < SURPRISE / np.count_nonzero(widths > 0)) & (share - before >= LEAST_EXCESS) & (widths > 0)
    excess = np.where(lacking, share - before, 0.0)
    wanted = float(excess.sum())
    if wanted < LEAST_NEW:
        return None
    new = min(wanted, MOST_NEW)
    pieces = _pieces(excess / wanted, bounds, share, before)
    return Target(mixture(old, pieces, new), new, wanted, pieces, len(photos))


def mixture(old: Number, pieces: Sequence[Piece], new: float) -> OnValue:
    """`old` with probability 1 - `new`, else one of the pieces by weight, as nested choices of a spec."""
    return OnValue(probability=_short(1 - new), value=old, otherwise=_one_of(pieces))


def uniform_edges(low: float, high: float, step: float) -> tuple[float, ...]:
    """Edges from low to high, both in them."""
    return tuple(np.linspace(low, high, round((high - low) / step) + 1).tolist())


def _one_of(pieces: Sequence[Piece]) -> Number:
    first, *rest = pieces
    drawn = Uniform(uniform=(_short(first.low), _short(first.high)))
    if not rest:
        return drawn
    return OnValue(
        probability=_short(first.weight / sum(p.weight for p in pieces)), value=drawn, otherwise=_one_of(rest)
    )


def _shares(values: NDArray, bounds: NDArray, period: float | None) -> NDArray[np.float64]:
    """Share of the values in each bin; those outside all bins are in none."""
    wrapped = values if period is None else (values - bounds[0]) % period + bounds[0]
    counts = np.zeros(len(bounds) - 1)
    place = np.searchsorted(bounds, wrapped, side="right") - 1
    place[wrapped == bounds[-1]] = len(counts) - 1
    np.add.at(counts, place[(place >= 0) & (place < len(counts))], 1)
    return np.asarray(counts / max(len(values), 1))


def _pieces(weights: NDArray, bounds: NDArray, photos: NDArray, before: NDArray) -> tuple[Piece, ...]:
    """Runs of lacking bins of like density, each one piece."""
    found: list[Piece] = []
    for number in np.flatnonzero(weights > 0):
        low, high = float(bounds[number]), float(bounds[number + 1])
        one = Piece(low, high, float(weights[number]), float(photos[number]), float(before[number]))
        last = found[-1] if found else None
        if last is not None and last.high == low and _alike(last, one):
            one = Piece(last.low, high, last.weight + one.weight, last.photos + one.photos, last.before + one.before)
            found[-1] = one
        else:
            found.append(one)
    return tuple(found)


def _alike(first: Piece, second: Piece) -> bool:
    densities = sorted(piece.weight / (piece.high - piece.low) for piece in (first, second))
    return densities[1] <= ALIKE * densities[0]


def _short(value: float) -> float:
    return float(f"{value:.4g}")
