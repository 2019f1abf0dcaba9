"""Differences of samples, and intervals of shares, against cases by hand."""

import numpy as np
import pytest

from retrieval.differences import difference, share_interval, wilson


def test_medians_and_the_chance_to_exceed_by_hand():
    found = difference(np.array([1.0, 2, 3]), np.array([2.0, 4]))
    assert found.values == (2, 3)
    assert found.shift == 1
    # of six pairs: 2 > 1, 2 = 2, 2 < 3, 4 > 1, 2, 3
    assert found.superiority == pytest.approx((1 + 0.5 + 0 + 3) / 6)
    assert found.n == (3, 2)


def test_the_same_sample_differs_by_nothing():
    values = np.random.default_rng(1).normal(size=50)
    found = difference(values, values)
    assert found.shift == 0
    assert found.interval[0] < 0 < found.interval[1]
    assert found.superiority == pytest.approx(0.5)


def test_views_of_one_vehicle_are_no_further_evidence():
    """Ten values of each of six vehicles, alike within: the interval is that of six, not of sixty."""
    rng = np.random.default_rng(2)
    vehicles = np.repeat(np.arange(6), 10)
    values, real = rng.normal(size=6)[vehicles] + rng.normal(size=60) * 0.01, rng.normal(size=200)
    alone, together = difference(values, real), difference(values, real, vehicles)
    assert np.ptp(together.interval) > 1.3 * np.ptp(alone.interval)


def test_wilsons_interval_of_none_and_of_half():
    low, high = wilson(np.array([0, 10]), 20)
    assert low[0] == pytest.approx(0, abs=1e-12)
    assert high[0] == pytest.approx(3.8415 / (20 + 3.8415), rel=1e-4)
    assert (low[1], high[1]) == pytest.approx((0.2993, 0.7007), abs=1e-4)


def test_a_share_of_all_has_no_width():
    assert share_interval(np.ones(12)) == (1, 1)


def test_an_empty_sample_is_refused():
    with pytest.raises(ValueError, match="got 0 and 3"):
        difference(np.zeros(0), np.zeros(3))


def test_samples_of_one_value_do_not_differ():
    found = difference(np.ones(5), np.ones(7))
    assert (found.superiority, found.p_value) == (0.5, 1)
