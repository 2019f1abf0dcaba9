"""How well a linear classifier tells two sets apart that it did not learn from: the proxy A-distance.

Source: Ben-David et al., "A theory of learning from different domains", Machine Learning 2010; the estimate
2 (1 - 2 error) as in Ganin et al., JMLR 2016. 0: it cannot tell them apart; 2: it always can.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from pipeline.seeds import stream_rng

FOLDS = 5
PENALTY = 1.0
"""L2 on the weights of standardised features, against a mean loss times the number of items."""
RESAMPLES = 1000


@dataclass(frozen=True)
class ProxyDistance:
    """Proxy A-distance of two sets.

    Attributes:
        distance: 2 (1 - 2 error), below 0 where the classifier does worse than a coin.
        interval: 95 %, bootstrap over held-out items.
        error: balanced: the mean of both sets' shares of wrong items.
        folds: of the cross-validation.
        n: items of the first and the second set.
        margins: (n + m,) how much each item looks like the second set to a classifier that did not learn from it.
    """

    distance: float
    interval: tuple[float, float]
    error: float
    folds: int
    n: tuple[int, int]
    margins: NDArray[np.float64]


def proxy_distance(first: NDArray, second: NDArray, seed: int = 0) -> ProxyDistance:
    """Of two sets of independent items (n, D) and (m, D).

    Raises:
        ValueError: a set has fewer items than there are folds.
    """
    if min(len(first), len(second)) < FOLDS:
        raise ValueError(f"each set needs {FOLDS} items; got {len(first)} and {len(second)}")
    items = np.concatenate([first, second]).astype(np.float64)
    truth = np.arange(len(items)) >= len(first)
    rng = stream_rng(seed, 0, "proxy.folds")
    fold = np.empty(len(items), dtype=np.int64)
    for members in (np.flatnonzero(~truth), np.flatnonzero(truth)):
        fold[rng.permutation(members)] = np.arange(len(members)) % FOLDS
    margins = np.empty(len(items))
    for number in range(FOLDS):
        learned = fold != number
        mean, spread = items[learned].mean(axis=0), items[learned].std(axis=0)
        scale = np.where(spread > 1e-12, spread, np.inf)
        weights = fit_logistic((items[learned] - mean) / scale, truth[learned])
        margins[~learned] = ((items[~learned] - mean) / scale) @ weights[1:] + weights[0]
    wrong = (margins > 0) != truth
    error = balanced_error(wrong, truth, None)
    drawn = _resampled_errors(wrong, truth, seed)
    ends = np.quantile(2 * (1 - 2 * drawn), [0.025, 0.975])
    sizes = (len(first), len(second))
    return ProxyDistance(2 * (1 - 2 * error), (float(ends[0]), float(ends[1])), error, FOLDS, sizes, margins)


def balanced_error(wrong: NDArray, truth: NDArray, weights: NDArray | None) -> float:
    """The mean of both classes' shares of wrong items (N,), each counted `weights` (N,) times."""
    weights = np.ones(len(wrong)) if weights is None else weights
    return float(np.mean([np.average(wrong[side], weights=weights[side]) for side in (truth, ~truth)]))


def fit_logistic(items: NDArray, truth: NDArray) -> NDArray[np.float64]:
    """Intercept and weights (1 + D,) of a ridge logistic regression in which both classes count alike.

    Args:
        items: (N, D), standardised.
        truth: (N,) bool.
    """
    share = np.where(truth, 0.5 / truth.mean(), 0.5 / (~truth).mean())
    sign = np.where(truth, 1.0, -1.0)

    def loss(weights: NDArray) -> tuple[float, NDArray]:
        margin = sign * (items @ weights[1:] + weights[0])
        pull = -share * sign * expit(-margin)
        value = float((share * np.logaddexp(0, -margin)).sum() + PENALTY / 2 * weights[1:] @ weights[1:])
        return value, np.concatenate([[pull.sum()], pull @ items + PENALTY * weights[1:]])

    found = minimize(loss, np.zeros(items.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return np.asarray(found.x, dtype=np.float64)


def _resampled_errors(wrong: NDArray, truth: NDArray, seed: int) -> NDArray[np.float64]:
    rng = stream_rng(seed, 0, "proxy.bootstrap")
    errors = np.zeros(RESAMPLES)
    for side in (truth, ~truth):
        mine = wrong[side]
        errors += mine[rng.integers(len(mine), size=(RESAMPLES, len(mine)))].mean(axis=1) / 2
    return errors
