"""Heatmaps that are trained and read between their cells.

Source: DARK (Zhang et al., "Distribution-Aware Coordinate Representation for Human Pose Estimation", CVPR 2020): the
heatmap aimed for is a Gaussian about the exact place, not about the nearest cell; and the place is read by one Newton
step on the log heatmap from its greatest cell, which is exact for a Gaussian. Where DARK smooths the heatmap first and
takes differences, the derivatives here are those of the quadratic with the least squared error over 5x5 cells (Savitzky
and Golay, 1964): both keep the unevenness of single cells out.

Coordinates are shares of the region, 0..1 from its top left corner; cell i of S covers i / S to (i + 1) / S.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

SPREAD = 1.0
"""Standard deviation of the Gaussian aimed for, in cells."""
REACH = 2
"""Cells to either side of the greatest one that the quadratic is fitted to."""
CERTAIN = 3
"""Cells to either side of the place whose heat together is the certainty."""


def heatmap_loss(logits: Tensor, wanted: Tensor, trained: Tensor) -> Tensor:
    """Mean cross-entropy between softmax(logits) and Gaussians about the wanted places; 0 where there are none.

    Args:
        logits: (N, K, S, S), rows first.
        wanted: (N, K, 2) x, y.
        trained: (N, K) whether a keypoint counts; those outside the region never do.
    """
    trained = trained & ((wanted >= 0) & (wanted < 1)).all(dim=2)
    size = logits.shape[-1]
    chosen = logits[trained].float()
    heat = chosen.flatten(1).log_softmax(dim=1).unflatten(1, (size, size))
    x, y = (_gaussian(wanted[trained][:, axis], size) for axis in (0, 1))
    # a Gaussian is a product: the (M, S, S) one is never built
    return -torch.einsum("mhw,mh,mw->", heat, y, x) / max(len(chosen), 1)


def _gaussian(places: Tensor, size: int) -> Tensor:
    """(M,) in 0..1 as (M, S) weights that sum to 1."""
    cells = torch.arange(size, device=places.device) + 0.5
    return torch.softmax(-(((places[:, None] * size - cells) / SPREAD) ** 2) / 2, dim=1)


def decode(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Places (N, K, 2) x, y in 0..1, and the share (N, K) of all heat that lies about them.

    Args:
        logits: (N, K, S, S), rows first; S at least 5.
    """
    count, keypoints, size, _ = logits.shape
    heat = logits.float().flatten(0, 1)
    top = heat.flatten(1).argmax(dim=1)
    # a window at the border is moved inside whole: the quadratic is fitted there too, and its peak is where it is
    column, row = ((cell.clamp(REACH, size - 1 - REACH)) for cell in (top % size, top // size))
    window = _window(heat, row, column)
    step = _newton_step(window)
    far = step.abs().amax(dim=1) > REACH + 0.5
    nearest = torch.stack([top % size - column, top // size - row], dim=1).to(step)
    step = torch.where((far | ~torch.isfinite(step).all(dim=1))[:, None], nearest, step)
    place = torch.stack([column, row], dim=1) + 0.5 + step
    place = (place / size).clamp(0, 1).unflatten(0, (count, keypoints))
    return place, _certainty(heat, top).unflatten(0, (count, keypoints))


def _window(heat: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """The (M, 5, 5) cells about (row, column) of (M, S, S)."""
    around = torch.arange(-REACH, REACH + 1, device=heat.device)
    which = torch.arange(len(heat), device=heat.device)[:, None, None]
    return heat[which, (row[:, None] + around)[:, :, None], (column[:, None] + around)[:, None, :]]


def _newton_step(window: Tensor) -> Tensor:
    """From the middle of (M, 5, 5) to the peak of the quadratic fitted to it, (M, 2) x, y; NaN where it has none."""
    t = torch.arange(-REACH, REACH + 1, device=window.device, dtype=window.dtype)
    flat, bend = torch.ones_like(t), t**2 - (t**2).mean()
    slope, curve = t / (t**2).sum(), 2 * bend / (bend**2).sum()
    even = flat / len(t)

    def fitted(rows: Tensor, columns: Tensor) -> Tensor:
        return torch.einsum("mhw,h,w->m", window, rows, columns)

    gx, gy = fitted(even, slope), fitted(slope, even)
    hxx, hyy, hxy = fitted(even, curve), fitted(curve, even), fitted(slope, slope)
    determinant = hxx * hyy - hxy**2
    step = torch.stack([hxy * gy - hyy * gx, hxy * gx - hxx * gy], dim=1) / determinant[:, None]
    peaked = (determinant > 1e-8) & (hxx < 0)
    return torch.where(peaked[:, None], step, torch.full_like(step, torch.nan))


def _certainty(heat: Tensor, top: Tensor) -> Tensor:
    size = heat.shape[-1]
    share = heat.flatten(1).softmax(dim=1).unflatten(1, (size, size))
    side = 2 * CERTAIN + 1
    near = F.avg_pool2d(share[:, None], side, 1, CERTAIN, divisor_override=1).flatten(1)
    return near.gather(1, top[:, None])[:, 0].clamp(0, 1)
