"""Where a detector sees vehicles in photos, for work that starts from boxes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.checkpoint import load_model
from training.predict import Detection, iterate_images

SURE = 0.3
"""Score from which a detection counts as a vehicle; the best one counts from `GUESS`."""
GUESS = 0.01


def find_boxes(weights: Path, paths: Sequence[Path]) -> Iterator[NDArray[np.float64]]:
    """Boxes (N, 4) x, y, width, height of the vehicles in each photo; none where the detector sees none.

    Raises:
        WeightsError: the weights cannot be loaded.
        ImageError: a photo cannot be read.
    """
    loaded = load_model(weights)
    return (_boxes(found) for found in iterate_images(loaded, paths))


def _boxes(found: Sequence[Detection]) -> NDArray[np.float64]:
    """Of detections in order of score."""
    chosen = [one.bbox for one in found if one.score >= SURE] or [o.bbox for o in found[:1] if o.score >= GUESS]
    return np.array(chosen, dtype=np.float64).reshape(-1, 4)
