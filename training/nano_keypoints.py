"""Where the keypoints of one object are: a heatmap per keypoint over the object's region, read as coordinates.

The heatmap is a distribution (softmax), trained by cross-entropy with a Gaussian about the truth and by the distance of
its mean (integral regression: Sun et al., ECCV 2018; DSNT: Nibali et al., 2018). At test time the mean is taken about
the peak only, for a car seen from an unclear side has two peaks and nothing half-way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training import boxes as box

REGION = 16
"""Features per side of an object's region."""
CELLS = 2 * REGION
"""Heatmap cells per side."""
SPREAD = 1.0
"""Of the heatmap that is aimed for, in cells."""
WINDOW = 7
"""Cells about the peak, per side, that give the coordinates and the certainty."""


@dataclass(frozen=True)
class Regions:
    """What the head says of N regions; coordinates are shares of the region, 0..1 from its top left corner.

    Attributes:
        heat: (N, K, CELLS * CELLS) log probabilities, rows first.
        coarse: (N, K, 2) x, y guessed from the whole, without a heatmap.
        inside, seen: (N, K) logits: in the frame; not hidden.
    """

    heat: Tensor
    coarse: Tensor
    inside: Tensor
    seen: Tensor

    def split(self, counts: Sequence[int]) -> list["Regions"]:
        """One per image, of a batch whose images have that many regions."""
        parts = [t.split(list(counts)) for t in (self.heat, self.coarse, self.inside, self.seen)]
        return [Regions(*one) for one in zip(*parts, strict=True)]


class KeypointHead(nn.Module):
    """Region features (N, C, REGION, REGION) to `Regions`; a small hourglass, so that each point sees the whole car."""

    def __init__(self, channels: int, keypoints: int, width: int = 128):
        super().__init__()
        self.count = keypoints
        self.enter = _conv(channels, width)
        self.down1 = _conv(width, width, stride=2)
        self.down2 = _conv(width, 2 * width, stride=2)
        side = REGION // 4
        self.whole = nn.Sequential(
            nn.Conv2d(2 * width, 64, 1), nn.ReLU(), nn.Flatten(), nn.Linear(64 * side * side, 256), nn.ReLU()
        )
        self.tell = nn.Linear(256, 2 * width)
        self.up2 = _conv(2 * width, width)
        self.up1 = _conv(width, width)
        self.heat = nn.Conv2d(width, keypoints * 4, 3, padding=1)
        self.coarse = nn.Linear(256, keypoints * 2)
        self.flags = nn.Linear(256, keypoints * 2)
        self.look = nn.Parameter(torch.zeros(2, keypoints, width))
        self.box = nn.Linear(256, 4)
        self.extent = nn.Linear(256, 4)
        for layer in (self.heat, self.coarse, self.flags, self.box, self.extent):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(cast(Tensor, layer.bias))
        self.register_load_state_dict_pre_hook(_without_extents)

    def forward(self, regions: Tensor) -> Regions:
        """Everything that is said of each region."""
        fine = self.enter(regions)
        middle = self.down1(fine)
        low = self.down2(middle)
        whole = self.whole(low)
        low = F.relu(low + self.tell(whole)[:, :, None, None])
        middle = self.up2(F.interpolate(low, scale_factor=2.0, mode="nearest")) + middle
        fine = self.up1(F.interpolate(middle, scale_factor=2.0, mode="nearest")) + fine
        heat = F.pixel_shuffle(self.heat(fine), 2).flatten(2).float().log_softmax(dim=2)
        weights = F.avg_pool2d(heat.detach().exp().unflatten(2, (CELLS, CELLS)), 2).flatten(2) * 4
        local = torch.einsum("nkp,ncp->nkc", weights, fine.float().flatten(2))
        flags = self.flags(whole).float().unflatten(1, (self.count, 2))
        looked = torch.einsum("nkc,fkc->nkf", local, self.look)
        inside, seen = (flags + looked).unbind(dim=2)
        coarse = self.coarse(whole).float().unflatten(1, (self.count, 2)) + 0.5
        return Regions(heat, coarse, inside, seen)

    def boxes(self, regions: Tensor) -> tuple[Tensor, Tensor]:
        """Corrections of the boxes that the regions are of, to boxes and to extents: (N, 4) each, shares of their size.

        An extent starts from the corrected box: what it adds is told apart from what is wrong with the box.
        """
        whole = self.whole(self.down2(self.down1(self.enter(regions))))
        corrections = self.box(whole).float()
        return corrections, corrections.detach() + self.extent(whole).float()


def keypoint_losses(said: Regions, wanted: Tensor, v: Tensor, own: slice = slice(None)) -> dict[str, Tensor]:
    """Loss terms of N regions; `wanted` (N, K, 2) shares of the region, `v` (N, K) as COCO has it.

    Where `own` are fewer than all N, `said` and `wanted` are of those, and the terms are their shares of all.
    Hidden points teach coordinates as seen ones do. Points outside the region teach only the flags and the coarse
    guess. An object without a single labelled point (as COCO has them) was not looked at: it teaches nothing.
    """
    labelled = v > 0
    looked_at = labelled.any(dim=1, keepdim=True).expand_as(labelled)
    known, looked = (mask.sum().clamp(min=1) for mask in (labelled, looked_at))
    v, labelled, looked_at = v[own], labelled[own], looked_at[own]
    within = labelled & ((wanted > 0) & (wanted < 1)).all(dim=2)
    aim = gaussian(wanted[within])
    spoken = said.heat[within]
    away = (mean_of(spoken) - wanted[within]).abs().sum(dim=1)
    seen = F.binary_cross_entropy_with_logits(said.seen, (v == 2).float(), reduction="none")
    inside = F.binary_cross_entropy_with_logits(said.inside, labelled.float(), reduction="none")
    coarse = F.smooth_l1_loss(said.coarse, wanted, beta=0.05, reduction="none").sum(dim=2)
    return {
        "heat": 0.3 * -(aim * spoken).sum() / known,
        "distance": 4.0 * away.sum() / known,
        "coarse": 1.0 * (coarse * labelled).sum() / known,
        "inside": 0.5 * (inside * looked_at).sum() / looked,
        "seen": 0.5 * (seen * labelled).sum() / known,
    }


def extents_of(boxes: Tensor, keypoints: Tensor) -> Tensor:
    """Boxes (N, 4) of what is seen, widened to all keypoints (N, K, 3) that are in the frame: hidden ones too."""
    there, xy = keypoints[:, :, 2:] > 0, keypoints[:, :, :2]
    low = torch.where(there, xy, torch.inf).amin(dim=1)
    high = torch.where(there, xy, -torch.inf).amax(dim=1)
    return box.hull(boxes, torch.cat([low, high], dim=1))


def gaussian(points: Tensor) -> Tensor:
    """The distribution aimed for about points (M, 2) in 0..1: (M, CELLS * CELLS), each sums to 1."""
    cells = torch.arange(CELLS, device=points.device) + 0.5
    along = torch.exp(-(((points[:, :, None] * CELLS - cells) / SPREAD) ** 2) / 2)
    along = along / along.sum(dim=2, keepdim=True).clamp(min=1e-6)
    return (along[:, 1, :, None] * along[:, 0, None, :]).flatten(1)


def mean_of(heat: Tensor) -> Tensor:
    """Mean x, y in 0..1 of log probabilities (M, CELLS * CELLS): (M, 2)."""
    grid = heat.exp().unflatten(-1, (CELLS, CELLS))
    centres = (torch.arange(CELLS, device=heat.device) + 0.5) / CELLS
    return torch.stack([(grid.sum(-2) * centres).sum(-1), (grid.sum(-1) * centres).sum(-1)], dim=-1)


def peak_of(heat: Tensor) -> tuple[Tensor, Tensor]:
    """Coordinates (N, K, 2) in 0..1 of the mean about the peak, and the share of all heat that lies there (N, K)."""
    grid = heat.exp().unflatten(-1, (CELLS, CELLS))
    mass = F.avg_pool2d(grid, WINDOW, 1, WINDOW // 2)  # divided by the same everywhere: ONNX knows no other
    top = mass.flatten(2).argmax(dim=2)
    cells = torch.arange(CELLS, device=heat.device)
    near_x = ((cells - (top % CELLS)[..., None]).abs() <= WINDOW // 2).to(grid)
    near_y = ((cells - (top // CELLS)[..., None]).abs() <= WINDOW // 2).to(grid)
    local = grid * near_y[..., :, None] * near_x[..., None, :]
    share = local.sum(dim=(2, 3))
    centres = (cells.to(grid) + 0.5) / CELLS
    x, y = (local.sum(2) * centres).sum(2), (local.sum(3) * centres).sum(2)
    return torch.stack([x, y], dim=2) / share.clamp(min=1e-9)[..., None], share.clamp(0, 1)


def _conv(channels: int, out: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True))


def _without_extents(head: nn.Module, state: dict[str, Tensor], prefix: str, *_: object) -> None:
    """Weights of before extents were learnt: an extent is the box."""
    for name, value in cast(KeypointHead, head).extent.named_parameters():
        state.setdefault(f"{prefix}extent.{name}", torch.zeros_like(value))
