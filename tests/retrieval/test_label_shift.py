"""Shares of classes with a classifier's mistakes taken out."""

import numpy as np
import pytest

from retrieval.label_shift import class_shares, confusion


def test_known_mistakes_are_taken_out():
    """A is always told; of B, a half is taken for A. 60 guesses of A and 40 of B: 20 of A and 80 of B."""
    table = np.array([[1.0, 0.0], [0.5, 0.5]])
    guess = np.repeat([0, 1], [60, 40])
    assert class_shares(guess, table) == pytest.approx([0.2, 0.8], abs=1e-4)


def test_a_perfect_classifier_is_counted():
    guess = np.repeat([0, 1, 2], [5, 3, 2])
    assert class_shares(guess, np.eye(3)) == pytest.approx([0.5, 0.3, 0.2])


def test_the_table_has_a_row_per_true_class_and_rules_nothing_out():
    table = confusion(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 2)
    assert table.sum(axis=1) == pytest.approx([1, 1])
    assert table[0] == pytest.approx([(2 + 0.25) / 3.5, (1 + 0.25) / 3.5])
    assert table[1, 0] > 0
