"""MMD against a case worked out by hand, brute force, a null case and a planted one."""

import numpy as np
import pytest

from retrieval.two_samples import (
    _standard_error,
    discrepancy,
    discrepancy_of_pairs,
    mmd2_unbiased,
    polynomial_kernel,
    standardised,
)


def test_two_and_two_numbers_by_hand():
    kernel = polynomial_kernel(np.array([[1.0], [-1.0], [2.0], [0.0]]))
    # k(1,-1) = 0; k(2,0) = 1; across: 27, 1, -1, 1, mean 7
    assert mmd2_unbiased(kernel, np.array([[True, True, False, False]]))[0] == pytest.approx(0 + 1 - 2 * 7)


def test_every_parting_agrees_with_plain_sums():
    rng = np.random.default_rng(3)
    items, first = rng.normal(size=(9, 4)), np.array([1, 0, 1, 1, 0, 0, 1, 0, 0], bool)
    kernel = polynomial_kernel(items)
    x, y = np.flatnonzero(first), np.flatnonzero(~first)
    within = [sum(kernel[i, j] for i in s for j in s if i != j) / (len(s) * (len(s) - 1)) for s in (x, y)]
    across = sum(kernel[i, j] for i in x for j in y) / (len(x) * len(y))
    assert mmd2_unbiased(kernel, first[None])[0] == pytest.approx(within[0] + within[1] - 2 * across)


def test_the_standard_error_is_the_jackknifes():
    rng = np.random.default_rng(4)
    kernel, given = polynomial_kernel(rng.normal(size=(8, 3))), np.arange(8) < 5
    variance = 0.0
    for members in (range(5), range(5, 8)):
        kept = [np.delete(np.arange(8), one) for one in members]
        left = np.array([mmd2_unbiased(kernel[np.ix_(k, k)], given[k][None])[0] for k in kept])
        variance += (len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum()
    assert _standard_error(kernel, given) == pytest.approx(np.sqrt(variance))


def test_halves_of_one_set_give_p_values_all_over():
    rng = np.random.default_rng(5)
    found = [discrepancy(*rng.normal(size=(2, 14, 6)), permutations=99, seed=i) for i in range(80)]
    p = np.array([one.p_value for one in found])
    assert 0.4 < p.mean() < 0.6
    assert (p <= 0.1).mean() < 0.2
    assert (p >= 0.8).mean() > 0.08
    assert abs(np.mean([one.mmd2 for one in found])) < 2 * np.std([one.mmd2 for one in found]) / np.sqrt(80) + 0.05


def test_a_planted_difference_is_found_and_lies_in_its_interval():
    rng = np.random.default_rng(6)
    first, second = rng.normal(size=(40, 6)), rng.normal(size=(30, 6)) + [1, 0, 0, 0, 0, 0]
    found = discrepancy(first, second, permutations=199)
    assert found.p_value == 1 / 200
    assert found.interval[0] > 0
    assert found.n == (40, 30)


def test_what_partners_share_makes_no_difference_between_pairs():
    rng = np.random.default_rng(7)
    pose = rng.normal(size=(30, 1)) * 3
    first, second = (np.hstack([pose, rng.normal(size=(30, 3))]) for _ in range(2))
    assert discrepancy_of_pairs(first, second, permutations=199).p_value > 0.05
    changed = second + [0, 2, 0, 0]
    assert discrepancy_of_pairs(first, changed, permutations=199).p_value == 1 / 200


def test_columns_that_never_change_say_nothing():
    first, second = standardised(np.array([[1.0, 5], [3, 5]]), np.array([[5.0, 5], [7, 5]]))
    assert (first[:, 1] == 0).all()
    assert np.concatenate([first, second])[:, 0].std() == pytest.approx(1)


def test_too_few_items_are_refused():
    with pytest.raises(ValueError, match="needs 3 items; got 2 and 5"):
        discrepancy(np.zeros((2, 3)), np.zeros((5, 3)))
