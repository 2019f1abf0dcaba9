"""The proxy A-distance: nothing to tell, everything to tell, and what a fold may know."""

import numpy as np
import pytest

from retrieval.proxy_distance import balanced_error, fit_logistic, proxy_distance


def test_halves_of_one_set_cannot_be_told_apart():
    rng = np.random.default_rng(1)
    found = [proxy_distance(*rng.normal(size=(2, 40, 3)), seed=i).distance for i in range(20)]
    assert abs(np.mean(found)) < 0.2


def test_what_lies_apart_is_told_apart():
    rng = np.random.default_rng(2)
    found = proxy_distance(rng.normal(size=(30, 4)), rng.normal(size=(25, 4)) + 6)
    assert found.distance == pytest.approx(2)
    assert found.error == 0
    assert found.interval == (2, 2)
    assert (found.margins[30:] > 0).all()


def test_more_features_than_items_do_not_fool_it():
    """Such a classifier learns its own items by heart: only held-out ones may count."""
    rng = np.random.default_rng(3)
    found = [proxy_distance(*rng.normal(size=(2, 20, 200)), seed=i).distance for i in range(6)]
    assert abs(np.mean(found)) < 0.45


def test_both_sides_count_alike_however_many_they_are():
    wrong, truth = np.array([1, 0, 0, 0, 1], bool), np.array([0, 0, 0, 0, 1], bool)
    assert balanced_error(wrong, truth, None) == pytest.approx((1 / 4 + 1) / 2)


def test_the_fit_is_where_the_loss_is_flat():
    """Two items a side at x = -1 and 1, by symmetry without intercept: the slope solves 4 expit(-w) = w."""
    weights = fit_logistic(np.array([[-1.0], [-1.0], [1.0], [1.0]]), np.array([False, False, True, True]))
    assert weights[0] == pytest.approx(0, abs=1e-4)
    assert 4 / (1 + np.exp(weights[1])) == pytest.approx(weights[1], abs=1e-3)


def test_fewer_items_than_folds_are_refused():
    with pytest.raises(ValueError, match="needs 5 items; got 4 and 9"):
        proxy_distance(np.zeros((4, 2)), np.zeros((9, 2)))
