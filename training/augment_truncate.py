"""A crop that cuts off a part of one object, as photos do whose subject is close or at the border."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training import affine, in_frame

LEAST, MOST = 0.1, 0.5
"""The share of the object's box that leaves the frame."""
SMALLEST_CROP = 0.5
"""Side of the smallest crop as a share of the frame's, unless the object needs a larger one."""
TRIES = 8


def truncating_crop(
    outlines: tuple[NDArray[np.float64], ...], size: int, rng: np.random.Generator
) -> affine.Matrix | None:
    """A zoom (2, 3) of the square of `size` that moves a part of one object out of it.

    `outlines` (P, 2) each are convex, in pixels of that square. Cut is at one side or at two that meet, and the crop is
    inside the square if it can be. None where there is no object, or cutting any would leave too little of it.
    """
    there = [outline for outline in outlines if in_frame.kept_share(outline, size) >= in_frame.MIN_KEPT]
    best: affine.Matrix | None = None
    for _ in range(TRIES if there else 0):
        target = there[int(rng.integers(len(there)))]
        crop, is_inside = _crop(target, size, rng)
        if in_frame.kept_share(affine.apply(crop, target), size) < in_frame.MIN_KEPT:
            continue
        if is_inside:
            return crop
        best = crop if best is None else best
    return best


@dataclass(frozen=True)
class _Cut:
    """One axis: the object's extent in pixels, the share of it that is kept, and whether its low end is cut."""

    low: float
    high: float
    kept: float
    at_low: bool

    @property
    def length(self) -> float:
        return self.kept * (self.high - self.low)

    def longest_crop(self, size: int) -> float:
        """The longest crop inside a frame of `size`."""
        if self.kept == 1:
            return float(size)
        return size - (self.high - self.length) if self.at_low else self.low + self.length

    def start(self, crop: float, size: int, rng: np.random.Generator) -> float:
        """Where a crop of this length begins."""
        if self.kept < 1:
            return self.high - self.length if self.at_low else self.low + self.length - crop
        last = self.low
        first = min(last, self.high - crop)  # rounding may put it after
        within = max(first, 0.0), min(last, size - crop)
        return float(rng.uniform(*(within if within[0] <= within[1] else (first, last))))


def _crop(outline: NDArray[np.float64], size: int, rng: np.random.Generator) -> tuple[affine.Matrix, bool]:
    """A crop that cuts an outline, and whether it is inside the frame."""
    lost = float(rng.uniform(LEAST, MOST))
    # what one axis keeps times what the other keeps is what the box keeps
    across = float(rng.choice([0.0, 1.0, rng.uniform(0.2, 0.8)], p=[0.3, 0.4, 0.3]))
    kept = (1 - lost) ** across, (1 - lost) ** (1 - across)
    low, high = outline.min(axis=0), outline.max(axis=0)
    cuts = [_Cut(float(low[i]), float(high[i]), kept[i], bool(rng.random() < 0.5)) for i in range(2)]
    least = max(SMALLEST_CROP * size, *(cut.length for cut in cuts))
    most = max(least, min(cut.longest_crop(size) for cut in cuts))
    side = float(rng.uniform(least, most))
    zoom = size / side
    start = np.array([cut.start(side, size, rng) for cut in cuts])
    is_inside = bool((start >= 0).all() and (start + side <= size).all())
    return np.column_stack([zoom * np.eye(2), -zoom * start]), is_inside
