"""The viewpoint of an instance, and where its whole outline lies, from its keypoints: the most alike view of an atlas.

Each view is laid over the instance by the scale and shift that fit best (weighted least squares): its keypoints over
the instance's, and the sides of its box over those sides of the instance's box that the image does not cut off. So a
vehicle that is cut off is matched by what is left of it, and the view's box, carried over, says how far it would reach.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.descriptor import HIDDEN_WEIGHT
from retrieval.view_atlas import ViewAtlas
from retrieval.viewpoint import geodesic_deg, view_rotation

LEAST = 3
"""Keypoints that an instance must have: two fix scale and shift, and say nothing."""
SIDE_SIGMA = 0.05
"""Of a side of a box, as a keypoint has one."""
AT_BORDER = 0.012
"""A side this near to the image's border, as a share of the image, may have been cut off there."""
BEST = 8
"""Views that are averaged."""
NEAR_DEG = 30.0
"""They lie at most so far from the best one: of a front and a rear that fit alike, the mean is neither."""


@dataclass(frozen=True)
class Seen:
    """An instance in its image, pixels.

    Attributes:
        keypoints: (K, 3) x, y and v.
        box: (4,) x, y, width, height of what is seen of it.
        size: width and height of the image.
        certain: (K,) how certain a detector is of each keypoint, 0..1; None for labels.
    """

    keypoints: NDArray[np.float64]
    box: NDArray[np.float64]
    size: tuple[int, int]
    certain: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class ViewEstimate:
    """What was read from one instance.

    Attributes:
        azimuth_deg, elevation_deg: of the camera round the vehicle; means over the best views.
        similarity: of the best view, 0..1.
        box: (4,) x, y, width, height of the whole vehicle, pixels; beyond the image where it is cut off.
        spread_deg: mean distance of the best views from the best one.
    """

    azimuth_deg: float
    elevation_deg: float
    similarity: float
    box: NDArray[np.float64]
    spread_deg: float


def estimate_views(
    atlas: ViewAtlas, instances: Sequence[Seen], sigmas: NDArray, known: ArrayLike | None = None
) -> list[ViewEstimate | None]:
    """Of each instance, or None where it has fewer than LEAST keypoints.

    Args:
        atlas: what is matched.
        instances: what is looked at.
        sigmas: (K,) of the schema.
        known: (K,) which keypoints may be compared: labels that never say some keypoint cannot be missing it.
    """
    allowed = np.ones(len(sigmas), bool) if known is None else np.asarray(known, dtype=bool)
    length = np.linalg.norm(weights_of(atlas.keypoints[:, :, 2]) * allowed, axis=1)
    return [_estimate(atlas, length, one, sigmas, allowed) for one in instances]


def weights_of(v: NDArray) -> NDArray[np.float64]:
    """What each keypoint counts by its v: hidden ones half, as in `retrieval.descriptor`."""
    return np.where(v > 1, 1.0, np.where(v > 0, HIDDEN_WEIGHT, 0.0))


def cut_off(box: NDArray, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which of a box's left, top, right and bottom sides (4,) lie at the image's border."""
    low, high = box[:2] / size, (box[:2] + box[2:]) / size
    return np.concatenate([low <= AT_BORDER, high >= 1 - AT_BORDER])


def _estimate(atlas: ViewAtlas, length: NDArray, one: Seen, sigmas: NDArray, allowed: NDArray) -> ViewEstimate | None:
    usable = allowed & np.isfinite(one.keypoints).all(axis=1)
    weight = np.where(usable, weights_of(one.keypoints[:, 2]), 0.0)
    if one.certain is not None:
        weight = weight * np.clip(np.nan_to_num(one.certain), 0.0, 1.0)
    mine = np.flatnonzero(weight)
    if len(mine) < LEAST or not (one.box[2:] > 0).all():
        return None
    sides = np.flatnonzero(~cut_off(one.box, one.size))
    theirs, targets = _coordinates(atlas, mine, sides, one)
    shared = weights_of(atlas.keypoints[:, mine, 2]) * weight[mine]
    counts = np.concatenate([shared, shared, np.ones((len(atlas), len(sides)))], axis=1)
    axis = np.concatenate([np.zeros(len(mine), int), np.ones(len(mine), int), sides % 2])
    scale, shift = _fits(theirs, targets, counts, axis)
    off = (theirs * scale[:, None] + shift[:, axis] - targets) ** 2
    off /= np.maximum(scale**2 * atlas.boxes[:, 2] * atlas.boxes[:, 3], 1e-12)[:, None]
    n = len(mine)
    close = np.exp(-(off[:, :n] + off[:, n : 2 * n]) / (2 * (2 * sigmas[mine]) ** 2))
    close_sides = np.exp(-off[:, 2 * n :] / (2 * (2 * SIDE_SIGMA) ** 2))
    norm = np.sqrt(length**2 + len(sides)) * np.sqrt(float(weight @ weight) + len(sides))
    similarity = np.where(scale > 0, ((close * shared).sum(axis=1) + close_sides.sum(axis=1)) / norm, 0.0)
    return _mean_of_best(atlas, similarity, scale, shift)


def _mean_of_best(atlas: ViewAtlas, similarity: NDArray, scale: NDArray, shift: NDArray) -> ViewEstimate:
    order = np.argsort(-similarity, kind="stable")[:BEST]
    rotations = view_rotation(atlas.azimuth_deg[order], atlas.elevation_deg[order])
    apart = geodesic_deg(rotations, rotations[:1])
    near = order[apart <= NEAR_DEG]
    weight = np.maximum(similarity[near], 1e-9)
    weight = weight / weight.sum()
    turned = weight @ np.exp(1j * np.radians(atlas.azimuth_deg[near]))
    boxes = atlas.boxes[near] * scale[near, None]
    boxes[:, :2] += shift[near]
    return ViewEstimate(
        float(np.degrees(np.angle(turned)) % 360),
        float(weight @ atlas.elevation_deg[near]),
        float(similarity[order[0]]),
        weight @ boxes,
        float(apart.mean()),
    )


def _coordinates(atlas: ViewAtlas, mine: NDArray, sides: NDArray, one: Seen) -> tuple[NDArray, NDArray]:
    """What is laid over what: each view's xs, ys and sides (N, C), and the instance's (C,)."""
    corners = np.concatenate([atlas.boxes[:, :2], atlas.boxes[:, :2] + atlas.boxes[:, 2:]], axis=1)
    own = np.concatenate([one.box[:2], one.box[:2] + one.box[2:]])
    points = atlas.keypoints[:, mine]
    theirs = np.concatenate([points[:, :, 0], points[:, :, 1], corners[:, sides]], axis=1)
    return theirs, np.concatenate([one.keypoints[mine, 0], one.keypoints[mine, 1], own[sides]])


def _fits(theirs: NDArray, targets: NDArray, weights: NDArray, axis: NDArray) -> tuple[NDArray, NDArray]:
    """Scale (N,) and shift (N, 2) of least weighted squares; scale 0 where nothing fixes it."""
    cross, spread = np.zeros(len(theirs)), np.zeros(len(theirs))
    means = np.zeros((2, len(theirs), 2))
    for a in (0, 1):
        w, x, y = weights[:, axis == a], theirs[:, axis == a], targets[axis == a]
        total = np.maximum(w.sum(axis=1), 1e-12)
        means[0, :, a], means[1, :, a] = (w * x).sum(axis=1) / total, (w @ y) / total
        x, other = x - means[0, :, a, None], y[None] - means[1, :, a, None]
        cross += (w * x * other).sum(axis=1)
        spread += (w * x * x).sum(axis=1)
    scale = np.where(spread > 1e-9, np.maximum(cross, 0.0) / np.maximum(spread, 1e-12), 0.0)
    return scale, means[1] - scale[:, None] * means[0]
