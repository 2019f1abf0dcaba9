"""Boxes as x0, y0, x1, y1 tensors (N, 4), in pixels: overlap, hull, noise, growth, coding and greedy suppression."""

from collections.abc import Sequence

import torch
from torch import Tensor


def image_of_each(counts: Sequence[int]) -> Tensor:
    """The number of the image that each box lies in, (N,), where image after image has so many."""
    return torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))


def areas(boxes: Tensor) -> Tensor:
    """Pixels squared, (N,)."""
    return (boxes[..., 2] - boxes[..., 0]).clamp(min=0) * (boxes[..., 3] - boxes[..., 1]).clamp(min=0)


def paired_giou(a: Tensor, b: Tensor) -> Tensor:
    """Generalised IoU of each pair, (N,), -1..1. Source: Rezatofighi et al., CVPR 2019."""
    low, high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=1)
    union = areas(a) + areas(b) - shared
    around = areas(hull(a, b))
    return shared / union.clamp(min=1e-6) - (around - union) / around.clamp(min=1e-6)


def iou(a: Tensor, b: Tensor) -> Tensor:
    """Overlap of every box of `a` (N, 4) with every box of `b` (M, 4): (N, M), 0..1."""
    low = torch.maximum(a[:, None, :2], b[None, :, :2])
    high = torch.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(dim=2)
    return shared / (areas(a)[:, None] + areas(b)[None] - shared).clamp(min=1e-9)


def grow(boxes: Tensor, share: float) -> Tensor:
    """Boxes widened about their centres by a share of their size."""
    centre, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) * (0.5 + share / 2)
    return torch.cat([centre - half, centre + half], dim=1)


def hull(a: Tensor, b: Tensor) -> Tensor:
    """The smallest box around each pair, (N, 4)."""
    return torch.cat([torch.minimum(a[:, :2], b[:, :2]), torch.maximum(a[:, 2:], b[:, 2:])], dim=1)


def noise(count: int, strength: float, generator: torch.Generator) -> Tensor:
    """Offsets (N, 4) for `decode` to boxes as a detector might have found them: each side normal, at most 3 s away."""
    return torch.randn((count, 4), generator=generator).clamp(-3, 3) * strength


def encode(boxes: Tensor, references: Tensor) -> Tensor:
    """Boxes relative to references: side offsets as shares of the reference's size, (N, 4)."""
    return (boxes - references) / _sides(references)


def decode(offsets: Tensor, references: Tensor) -> Tensor:
    """The inverse of `encode`."""
    return references + offsets * _sides(references)


def clip(boxes: Tensor, size: int) -> Tensor:
    """Boxes cut at the borders of a square image."""
    return boxes.clamp(0, size)


def suppress(boxes: Tensor, scores: Tensor, overlap: float) -> Tensor:
    """Greedy non-maximum suppression: indices of the boxes that stay, best first."""
    order = scores.argsort(descending=True, stable=True)
    overlaps = iou(boxes, boxes).cpu()
    kept: list[int] = []
    for index in order.tolist():
        if all(overlaps[index, other] <= overlap for other in kept):
            kept.append(index)
    return torch.tensor(kept, dtype=torch.long, device=boxes.device)


def _sides(boxes: Tensor) -> Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).clamp(min=1.0).repeat(1, 2)
