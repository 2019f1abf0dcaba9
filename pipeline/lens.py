"""A lens that bends straight lines: Brown and Conrady's radial distortion, both ways, and the frame that it needs.

    x' = x (1 + k1 r^2 + k2 r^4),  r^2 = x^2 + y^2,  x = X / Z

(D. C. Brown, "Decentering distortion of lenses", 1966; the form and the order of coefficients are OpenCV's). Points
are (N, 2) in units of the focal length, measured from the principal point, x right, y down. k1 < 0 is barrel, > 0
pincushion.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

MIN_SLOPE = 0.25
"""The picture of a small thing may shrink along the radius to this share of its size; beyond, it folds over."""
ITERATIONS = 60


@dataclass(frozen=True)
class Distortion:
    """Coefficients in units of the focal length, as OpenCV has them."""

    k1: float
    k2: float

    @property
    def coefficients(self) -> tuple[float, float, float, float, float]:
        """OpenCV's order: k1, k2, p1, p2, k3."""
        return self.k1, self.k2, 0.0, 0.0, 0.0

    @cached_property
    def fold_radius(self) -> float:
        """Ideal radius from which on a point further out is no longer pictured further out; inf if there is none."""
        roots = np.roots([5 * self.k2, 3 * self.k1, 1.0])
        turning = [root.real for root in roots if abs(root.imag) < 1e-12 and root.real > 0]
        return float(np.sqrt(min(turning))) if turning else np.inf

    def distort(self, points: NDArray) -> NDArray[np.float64]:
        """Where ideal points (N, 2) are pictured; NaN for those beyond the fold, which no lens pictures."""
        squared = np.sum(np.square(points), axis=-1, keepdims=True)
        with np.errstate(over="ignore", invalid="ignore"):
            bent = points * (1.0 + squared * (self.k1 + squared * self.k2))
        return np.where(squared < self.fold_radius**2, bent, np.nan)

    def undistort(self, points: NDArray) -> NDArray[np.float64]:
        """The ideal points (N, 2) that are pictured at `points`; NaN where there is none."""
        radius = np.linalg.norm(points, axis=-1, keepdims=True)
        return points * self.undistort_scale(radius)

    def undistort_scale(self, radius: NDArray) -> NDArray[np.float64]:
        """Ideal radius over pictured radius, for pictured radii of any shape; NaN where there is no ideal one.

        By Newton's steps between bounds that close in, so that it ends whatever the signs of k1 and k2.
        """
        goal = np.asarray(radius, dtype=np.float64)
        low, high = np.zeros_like(goal), np.full_like(goal, self._search_end(goal))
        guess = np.minimum(goal, high)
        for _ in range(ITERATIONS):
            miss = self._pictured(guess) - goal
            low, high = np.where(miss <= 0, guess, low), np.where(miss >= 0, guess, high)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = guess - miss / self._slope(guess)
            better = np.where((step >= low) & (step <= high), step, (low + high) / 2)
            done = np.abs(better - guess).max(initial=0.0) < 1e-14
            guess = better
            if done:
                break
        reached = np.abs(self._pictured(guess) - goal) < 1e-9 * np.maximum(goal, 1.0)
        return np.where(reached, np.divide(guess, goal, out=np.ones_like(goal), where=goal > 0), np.nan)

    def reaches(self, radius: float) -> bool:
        """Whether everything out to a pictured radius is pictured, and nowhere squeezed below MIN_SLOPE."""
        ideal = float(self.undistort_scale(np.array([radius]))[0]) * radius
        return bool(np.isfinite(ideal) and self._slope(np.linspace(0.0, ideal, 257)).min() >= MIN_SLOPE)

    def _pictured(self, radius: NDArray) -> NDArray:
        squared = radius * radius
        return radius * (1.0 + squared * (self.k1 + squared * self.k2))

    def _slope(self, radius: NDArray) -> NDArray:
        squared = radius * radius
        return 1.0 + squared * (3 * self.k1 + squared * 5 * self.k2)

    def _search_end(self, goal: NDArray) -> float:
        """An ideal radius that is large enough for every pictured one: the fold, or where the image has passed it."""
        if np.isfinite(self.fold_radius):
            return self.fold_radius
        farthest = float(goal.max(initial=1e-6))
        end = farthest
        while self._pictured(np.array(end)) < farthest:
            end *= 2.0
        return end


def distortion_of_image(k1: float, k2: float, focal_px: float, longer_px: int) -> Distortion | None:
    """Coefficients in units of the image's longer side, as specs give them, in those of the focal length.

    So the picture bends alike whatever the lens; the numbers are OpenCV's for a 36 mm lens. None where both are 0.
    """
    if k1 == 0 and k2 == 0:
        return None
    ratio = focal_px / longer_px
    return Distortion(k1 * ratio**2, k2 * ratio**4)
