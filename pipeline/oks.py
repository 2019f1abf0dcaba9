"""Object keypoint similarity as COCO defines it.

Source: https://cocodataset.org/#keypoints-eval and `COCOeval.computeOks` of pycocotools. For a labelled object of area
s^2, OKS is the mean over its labelled keypoints (v > 0) of exp(-d^2 / (2 s^2 k^2)) with k = 2 sigma: the predicted
visibility plays no part. Sigmas: Ronchi and Perona, "Benchmarking and error diagnosis in multi-instance pose
estimation", ICCV 2017.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

EPSILON = float(np.spacing(1))
"""What COCO adds to an area, so that one of zero divides."""


def keypoint_similarities(distance_sq: NDArray, area: ArrayLike, sigmas: ArrayLike) -> NDArray[np.float64]:
    """exp(-d^2 / (2 s^2 k^2)) for squared distances (..., K) in pixels^2, areas (...,) in pixels^2, sigmas (K,)."""
    variances = (2 * np.asarray(sigmas, dtype=np.float64)) ** 2
    scale = np.asarray(area, dtype=np.float64)[..., None] + EPSILON
    return np.asarray(np.exp(-distance_sq / (2 * scale * variances)))


def oks(
    truth: ArrayLike, areas: ArrayLike, boxes: ArrayLike, predicted: ArrayLike, sigmas: ArrayLike
) -> NDArray[np.float64]:
    """OKS of each prediction with each labelled object, (D, G), 0..1.

    Args:
        truth: (G, K, 3) x, y in pixels and v of the labelled objects.
        areas: (G,) pixels squared. COCO takes the mask's area, which is about half of the box's.
        boxes: (G, 4) x, y, width, height in pixels. Of an object without a labelled keypoint, COCO asks only that the
            prediction lies within the box, grown by its own size on each side; points outside pay by their distance.
        predicted: (D, K, 2) or (D, K, 3) x, y in pixels; a third column is not looked at.
        sigmas: (K,) standard deviations as a share of the object's size sqrt(area).

    Raises:
        ValueError: shapes do not agree.
    """
    labels, guesses = np.asarray(truth, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    objects, count = len(labels), np.size(sigmas)
    if labels.shape != (objects, count, 3) or guesses.ndim != 3 or guesses.shape[1] != count or guesses.shape[2] < 2:
        raise ValueError(
            f"truth {labels.shape} and predicted {guesses.shape} must be (G, {count}, 3), (D, {count}, 2..3)"
        )
    box = np.asarray(boxes, dtype=np.float64).reshape(objects, 4)
    labelled = labels[:, :, 2] > 0
    offset = guesses[:, None, :, :2] - labels[None, :, :, :2]
    low, high = box[:, None, :2] - box[:, None, 2:], box[:, None, :2] + 2 * box[:, None, 2:]
    beyond = (low - guesses[:, None, :, :2]).clip(0) + (guesses[:, None, :, :2] - high).clip(0)
    unlabelled = ~labelled.any(axis=1)
    offset = np.where(unlabelled[None, :, None, None], beyond, offset)
    each = keypoint_similarities((offset**2).sum(axis=3), np.asarray(areas).reshape(objects), sigmas)
    counted = labelled | unlabelled[:, None]
    return np.asarray((each * counted).sum(axis=2) / counted.sum(axis=1))
