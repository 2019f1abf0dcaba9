"""What retrieval compares: keypoints in the frame of their instance's box, and how much each of them counts.

Frame: origin in the middle of the box, one unit is sqrt(width * height), x right, y down. In it an instance has area
1, so OKS needs no area, and where the vehicle stands in its image and how large it is no longer matter.

Why one unit for both axes: against x by width and y by height, it keeps the box's proportions, which tell a side view
from a front view. Measured with 8000 simulated views as entries and 250 noisy ones as queries (jitter 6 % of the box,
20 % of visibilities wrong, 25 % of points lost, box off by 6 %): viewpoint within 30 degrees in 99.6 % against 97.6 %,
median error 6.9 against 7.5 degrees; with the labels of 364 real photos as queries, view right within 45 degrees in
97.3 % against 96.7 %.

Why a hidden keypoint counts half: it says where the vehicle's far side must be (a help when points are lost: median
error 6.9 degrees against 9.4 if hidden ones are left out), but photos labelled by hand lack it, and then entries that
have it all are mistaken for one another (view right in 97.3 %, with hidden ones in full 96.2 %, without 98.4 %).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

HIDDEN_WEIGHT = 0.5
"""What a keypoint that is in the frame but hidden (v = 1) counts, where a seen one counts 1."""


@dataclass(frozen=True)
class Descriptors:
    """N instances, ready to be compared.

    Attributes:
        points: (N, K, 2) float32, x and y in the box's frame; 0 where the weight is 0.
        weights: (N, K) float32, each row of unit length, or all zero where no keypoint can be compared. With every
            visible keypoint counting the same, the product of two rows is shared / sqrt(visible in one * in the other).
    """

    points: NDArray[np.float32]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.points)


def describe(
    keypoints: ArrayLike,
    boxes: ArrayLike,
    hidden_weight: float = HIDDEN_WEIGHT,
    keypoint_scores: ArrayLike | None = None,
) -> Descriptors:
    """Descriptors of N instances.

    A keypoint with v = 0, or that is not finite, counts nothing; neither does any of an instance whose box has no area.

    Args:
        keypoints: (N, K, 3) x, y in pixels and v (0 not there, 1 hidden, 2 seen).
        boxes: (N, 4) x, y, width, height in pixels.
        hidden_weight: what v = 1 counts, 0..1.
        keypoint_scores: (N, K) how certain a detector is of each, 0..1: a keypoint counts as much as it is certain.
            None for labels, which count in full.

    Raises:
        ValueError: shapes do not agree, or `hidden_weight` is outside 0..1.
    """
    values, box = np.asarray(keypoints, dtype=np.float64), np.asarray(boxes, dtype=np.float64)
    if values.ndim != 3 or values.shape[2] != 3 or box.shape != (len(values), 4):
        raise ValueError(f"keypoints must be (N, K, 3) and boxes (N, 4); got {values.shape} and {box.shape}")
    if not 0 <= hidden_weight <= 1:
        raise ValueError(f"hidden_weight must be in 0..1; got {hidden_weight}")
    has_area = np.isfinite(box).all(axis=1) & (box[:, 2:] > 0).all(axis=1)
    box = np.where(has_area[:, None], box, [0.0, 0.0, 1.0, 1.0])
    unit = np.sqrt(box[:, 2] * box[:, 3])
    points = (values[:, :, :2] - (box[:, :2] + box[:, 2:] / 2)[:, None]) / unit[:, None, None]
    usable = has_area[:, None] & np.isfinite(values).all(axis=2)
    weights = np.where(values[:, :, 2] > 1, 1.0, np.where(values[:, :, 2] > 0, hidden_weight, 0.0)) * usable
    if keypoint_scores is not None:
        weights = weights * _certainty(keypoint_scores, weights.shape)
    length = np.linalg.norm(weights, axis=1, keepdims=True)
    weights = np.divide(weights, length, out=np.zeros_like(weights), where=length > 0)
    points = np.where((weights > 0)[:, :, None], points, 0.0)
    return Descriptors(points.astype(np.float32), weights.astype(np.float32))


def _certainty(keypoint_scores: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    certainty = np.asarray(keypoint_scores, dtype=np.float64)
    if certainty.shape != shape:
        raise ValueError(f"keypoint_scores must be (N, K) as keypoints are; got {certainty.shape}, not {shape}")
    return np.clip(np.nan_to_num(certainty, nan=0.0), 0.0, 1.0)
