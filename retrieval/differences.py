"""How two samples of one number differ: quantiles, the shift of the median with its interval, and a rank test."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from pipeline.seeds import stream_rng

RESAMPLES = 1000
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Difference:
    """Of a real sample against a synthetic one.

    Attributes:
        synthetic, real: their quantiles at LEVELS.
        values: the statistic (median or mean) of the synthetic and the real sample.
        shift: real - synthetic.
        interval: 95 % of it, bootstrap over what is independent.
        superiority: chance that a real value exceeds a synthetic one, ties counting half; 0.5 is no difference.
        p_value: Mann and Whitney's two-sided rank test.
        n: values of the synthetic and the real sample.
    """

    synthetic: tuple[float, ...]
    real: tuple[float, ...]
    values: tuple[float, float]
    shift: float
    interval: tuple[float, float]
    superiority: float
    p_value: float
    n: tuple[int, int]


Statistic = Callable[[NDArray], Any]


def difference(
    synthetic: NDArray,
    real: NDArray,
    vehicles: NDArray | None = None,
    real_vehicles: NDArray | None = None,
    statistic: Statistic = np.median,
) -> Difference:
    """Of two samples (n,) and (m,); `vehicles` (n,), (m,) say which values are of one vehicle and resampled together.

    Raises:
        ValueError: a sample is empty.
    """
    if not len(synthetic) or not len(real):
        raise ValueError(f"each sample needs a value; got {len(synthetic)} and {len(real)}")
    draws = _draws(real, real_vehicles, "real", statistic) - _draws(synthetic, vehicles, "synthetic", statistic)
    ends = np.quantile(draws, [0.025, 0.975])
    superiority, p_value = rank_test(real, synthetic)
    return Difference(
        tuple(map(float, np.quantile(synthetic, LEVELS))),
        tuple(map(float, np.quantile(real, LEVELS))),
        (float(statistic(synthetic)), float(statistic(real))),
        float(statistic(real) - statistic(synthetic)),
        (float(ends[0]), float(ends[1])),
        superiority,
        p_value,
        (len(synthetic), len(real)),
    )


def rank_test(first: NDArray, second: NDArray) -> tuple[float, float]:
    """The chance that a value of the first sample exceeds one of the second, ties counting half; Mann and Whitney's p.

    Where all values are one, they do not differ: p is 1.
    """
    found = mannwhitneyu(first, second, alternative="two-sided")
    p_value = float(found.pvalue)
    return float(found.statistic / (len(first) * len(second))), 1.0 if np.isnan(p_value) else p_value


def share_interval(hits: NDArray, groups: NDArray | None = None, seed: int = 0) -> tuple[float, float]:
    """95 % interval of a share: `hits` (n,) 0 or 1, resampled by `groups` (n,) where items are not independent."""
    values = np.asarray(hits, dtype=np.float64)
    means = [values[order].mean() for order in _resamples(groups, len(values), seed, "share")]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def wilson(hits: NDArray, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's 95 % interval of shares `hits` / `count`, low and high: sound also where there are no hits."""
    z2 = 1.959964**2
    share = np.asarray(hits, dtype=np.float64) / count
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = np.sqrt(z2 * (share * (1 - share) / count + z2 / (4 * count**2))) / (1 + z2 / count)
    return middle - reach, middle + reach


def _draws(values: NDArray, groups: NDArray | None, stream: str, statistic: Statistic) -> NDArray[np.float64]:
    return np.array([statistic(values[order]) for order in _resamples(groups, len(values), 0, stream)])


def _resamples(groups: NDArray | None, count: int, seed: int, stream: str) -> list[NDArray[np.int64]]:
    """Index arrays: items drawn with replacement, or groups, each with all its items."""
    rng = stream_rng(seed, 0, f"differences.{stream}")
    if groups is None or len(np.unique(groups)) == count:
        return list(rng.integers(count, size=(RESAMPLES, count)))
    _, which = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(which == number) for number in range(which.max() + 1)]
    return [
        np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))]) for _ in range(RESAMPLES)
    ]
