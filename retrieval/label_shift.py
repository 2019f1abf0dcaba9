"""In what shares classes occur, from a classifier's guesses: its mistakes on known items are taken out.

Source: Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities",
Neural Computation 2002 (the EM); Lipton et al., ICML 2018 (with guesses in place of probabilities). It holds where a
class is mistaken for another as often in the new items as in the known ones.
"""

import numpy as np
from numpy.typing import NDArray

STEPS = 500
PRIOR = 0.5
"""Added to each cell of the confusion table: nothing that was not seen is impossible."""


def confusion(truth: NDArray, guess: NDArray, classes: int) -> NDArray[np.float64]:
    """P(guess | truth), (classes, classes), of items whose class is known, both (n,) 0..classes - 1."""
    table = np.full((classes, classes), PRIOR / classes)
    np.add.at(table, (truth, guess), 1.0)
    return np.asarray(table / table.sum(axis=1, keepdims=True))


def class_shares(guess: NDArray, table: NDArray) -> NDArray[np.float64]:
    """The shares (classes,) that make the guesses (n,) of new items most likely, given `confusion`'s table."""
    seen = np.bincount(guess, minlength=len(table)) / len(guess)
    shares = np.full(len(table), 1.0 / len(table))
    for _ in range(STEPS):
        expected = shares @ table
        updated = shares * (table @ np.divide(seen, expected, out=np.zeros_like(seen), where=expected > 0))
        if np.abs(updated - shares).max() < 1e-9:
            return np.asarray(updated)
        shares = updated
    return shares
