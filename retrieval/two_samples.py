"""Do two sets of feature vectors come from one distribution? Unbiased MMD with KID's kernel, and a permutation test.

Source: Gretton et al., "A kernel two-sample test", JMLR 2012 (the unbiased estimator, lemma 6); Binkowski et al.,
"Demystifying MMD GANs", ICLR 2018 (the polynomial kernel, KID). KID proper is of Inception features; here they are a
detector's own, standardised, so figures compare with one another and not with those of papers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.seeds import stream_rng

Z_95 = 1.959964
DEGREE = 3


@dataclass(frozen=True)
class Discrepancy:
    """Squared MMD between two sets.

    Attributes:
        mmd2: unbiased: 0 on average where both are of one distribution, so it may be negative.
        interval: 95 %, by the jackknife over items of both sets.
        p_value: share of permutations (the given order among them) with an MMD at least as large.
        permutations: how many were drawn.
        n: items of the first and the second set.
    """

    mmd2: float
    interval: tuple[float, float]
    p_value: float
    permutations: int
    n: tuple[int, int]


def standardised(first: NDArray, second: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both sets (n, D) and (m, D) with mean 0 and deviation 1 per column over the two together.

    What is taken off does not depend on which item is of which set, so a permutation test stays exact. Columns that
    never change say nothing and become 0.
    """
    both = np.concatenate([first, second]).astype(np.float64)
    spread = both.std(axis=0)
    whole = np.divide(both - both.mean(axis=0), spread, out=np.zeros_like(both), where=spread > 1e-12)
    return whole[: len(first)], whole[len(first) :]


def polynomial_kernel(items: NDArray) -> NDArray[np.float64]:
    """(x.y / D + 1)^3 of all pairs of items (n, D): (n, n). The kernel of KID."""
    return np.asarray((items @ items.T / items.shape[1] + 1.0) ** DEGREE)


def mmd2_unbiased(kernel: NDArray, first: NDArray) -> NDArray[np.float64]:
    """Unbiased squared MMD of each of P ways to part N items in two, (P,).

    Args:
        kernel: (N, N) of all pairs.
        first: (P, N) which items are of the first set; each set needs two.
    """
    off = kernel - np.diag(np.diag(kernel))
    chosen = first.astype(np.float64)
    n = chosen.sum(axis=1)
    m = chosen.shape[1] - n
    rows = off.sum(axis=1)
    within_first = np.einsum("pi,pi->p", chosen @ off, chosen)
    between = chosen @ rows - within_first
    within_second = off.sum() - within_first - 2 * between
    return np.asarray(within_first / (n * (n - 1)) + within_second / (m * (m - 1)) - 2 * between / (n * m))


def discrepancy(first: NDArray, second: NDArray, permutations: int = 1000, seed: int = 0) -> Discrepancy:
    """Compare two sets of independent items (n, D) and (m, D).

    Raises:
        ValueError: a set has fewer than 3 items.
    """
    if min(len(first), len(second)) < 3:
        raise ValueError(f"each set needs 3 items; got {len(first)} and {len(second)}")
    kernel = polynomial_kernel(np.concatenate(standardised(first, second)))
    given = np.arange(len(kernel)) < len(first)
    observed = float(mmd2_unbiased(kernel, given[None])[0])
    rng = stream_rng(seed, 0, "mmd.permutations")
    drawn = mmd2_unbiased(kernel, rng.permuted(np.tile(given, (permutations, 1)), axis=1))
    slack = 1e-12 * max(1.0, abs(observed))  # the same sum in another order is the same value
    p_value = (1 + int((drawn >= observed - slack).sum())) / (1 + permutations)
    reach = Z_95 * _standard_error(kernel, given)
    return Discrepancy(observed, (observed - reach, observed + reach), p_value, permutations, (len(first), len(second)))


def discrepancy_of_pairs(first: NDArray, second: NDArray, permutations: int = 1000, seed: int = 0) -> Discrepancy:
    """As `discrepancy`, of items that come in pairs (n, D) each: a permutation swaps within pairs only.

    So what the partners of a pair share (here: the pose that they are seen in) cannot make the difference.
    """
    kernel = polynomial_kernel(np.concatenate(standardised(first, second)))
    count = len(first)
    given = np.arange(2 * count) < count
    observed = float(mmd2_unbiased(kernel, given[None])[0])
    swapped = stream_rng(seed, 0, "mmd.swaps").random((permutations, count)) < 0.5
    drawn = mmd2_unbiased(kernel, np.concatenate([~swapped, swapped], axis=1))
    slack = 1e-12 * max(1.0, abs(observed))
    p_value = (1 + int((drawn >= observed - slack).sum())) / (1 + permutations)
    reach = Z_95 * _standard_error_of_pairs(kernel, count)
    return Discrepancy(observed, (observed - reach, observed + reach), p_value, permutations, (count, count))


def _standard_error(kernel: NDArray, given: NDArray) -> float:
    """Of the MMD, by leaving out one item at a time; each set has its own share of the variance."""
    variance = 0.0
    for members in (np.flatnonzero(given), np.flatnonzero(~given)):
        left = _leaving_out(kernel, given, [np.array([one]) for one in members])
        variance += (len(left) - 1) / len(left) * float(((left - left.mean()) ** 2).sum())
    return float(np.sqrt(variance))


def _standard_error_of_pairs(kernel: NDArray, count: int) -> float:
    """Of the MMD, by leaving out one pair at a time."""
    given = np.arange(2 * count) < count
    left = _leaving_out(kernel, given, [np.array([i, i + count]) for i in range(count)])
    return float(np.sqrt((count - 1) / count * ((left - left.mean()) ** 2).sum()))


def _leaving_out(kernel: NDArray, given: NDArray, groups: list[NDArray]) -> NDArray[np.float64]:
    """The MMD without each group of items, from sums that each takes its own rows off."""
    off = kernel - np.diag(np.diag(kernel))
    to_first, to_second = off @ given, off @ ~given
    sums = np.array([given @ to_first, ~given @ to_second, given @ to_second])
    found = []
    for group in groups:
        mine = given[group]
        inner = off[np.ix_(group, group)]
        n, m = given.sum() - mine.sum(), (~given).sum() - (~mine).sum()
        first = sums[0] - 2 * to_first[group[mine]].sum() + inner[np.ix_(mine, mine)].sum()
        second = sums[1] - 2 * to_second[group[~mine]].sum() + inner[np.ix_(~mine, ~mine)].sum()
        between = sums[2] - to_second[group[mine]].sum() - to_first[group[~mine]].sum()
        between += inner[np.ix_(mine, ~mine)].sum()
        found.append(first / (n * (n - 1)) + second / (m * (m - 1)) - 2 * between / (n * m))
    return np.array(found)
