"""Two answers for each keypoint of a region: is it in the frame, and is it seen or hidden.

They are read from the whole region and from the features where the keypoint's heatmap is warm. What the heatmap says is
taken as given: these answers do not pull at it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WEIGHT = 0.5
"""Of each of the two losses."""


class VisibilityHead(nn.Module):
    """Features (N, C, s, s) and heatmap logits (N, K, S, S), S a multiple of s, to logits in frame and seen (N, K)."""

    def __init__(self, channels: int, keypoints: int, hidden: int = 256):
        super().__init__()
        self.count = keypoints
        self.whole = nn.Linear(channels, hidden)
        self.flags = nn.Linear(hidden, 2 * keypoints)
        self.look = nn.Parameter(torch.zeros(2, keypoints, channels))
        nn.init.normal_(self.flags.weight, std=0.01)
        nn.init.zeros_(self.flags.bias)

    def forward(self, features: Tensor, heat: Tensor) -> tuple[Tensor, Tensor]:
        """Logits: in the frame; not hidden."""
        features = features.float()
        whole = F.relu(self.whole(features.mean(dim=(2, 3))))
        flags = self.flags(whole).float().unflatten(1, (self.count, 2))
        local = torch.einsum("nkp,ncp->nkc", _warmth(heat, features.shape[-1]), features.flatten(2))
        looked = torch.einsum("nkc,fkc->nkf", local, self.look)
        inside, seen = (flags + looked).unbind(dim=2)
        return inside, seen


def _warmth(heat: Tensor, side: int) -> Tensor:
    """The share of a keypoint's heat in each of the features' cells, (N, K, side * side)."""
    size = heat.shape[-1]
    shares = heat.detach().float().flatten(2).softmax(dim=2).unflatten(2, (size, size))
    return F.avg_pool2d(shares, size // side, divisor_override=1).flatten(2)


def visibility_losses(inside: Tensor, seen: Tensor, v: Tensor) -> dict[str, Tensor]:
    """Weighted cross-entropies of (N, K) logits against `v` (N, K) as COCO has it.

    An object without a single labelled keypoint was not looked at: it teaches nothing. A keypoint that is not in the
    frame is neither seen nor hidden.
    """
    labelled = v > 0
    looked_at = labelled.any(dim=1, keepdim=True).expand_as(labelled)
    in_frame = F.binary_cross_entropy_with_logits(inside.float(), labelled.float(), reduction="none")
    not_hidden = F.binary_cross_entropy_with_logits(seen.float(), (v == 2).float(), reduction="none")
    return {
        "loss_inside": WEIGHT * (in_frame * looked_at).sum() / looked_at.sum().clamp(min=1),
        "loss_seen": WEIGHT * (not_hidden * labelled).sum() / labelled.sum().clamp(min=1),
    }


def judged(inside: Tensor, seen: Tensor) -> Tensor:
    """COCO's v by these logits: 0 not in the frame, 1 hidden, 2 seen."""
    return torch.where(inside < 0, 0.0, torch.where(seen >= 0, 2.0, 1.0))
