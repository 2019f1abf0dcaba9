"""Pixels that are not square: photos are often squeezed into a square before anybody sees them."""

import numpy as np

from training.homography import Matrix


def stretch(limits: tuple[float, float], size: int, rng: np.random.Generator) -> Matrix:
    """(2, 3) about the middle of a square of `size`: widths over heights change by a factor within limits, areas stay.

    The factor is log-uniform, so that half as wide is as likely as twice as wide.
    """
    factor = float(np.exp(rng.uniform(*np.log(limits))))
    linear = np.diag([np.sqrt(factor), 1 / np.sqrt(factor)])
    middle = np.full(2, size / 2)
    return np.column_stack([linear, middle - linear @ middle])
