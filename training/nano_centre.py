"""Where objects are: one heatmap of centres and, at each cell, the distances to the four sides of the box.

Source: Zhou, Wang and Krähenbühl, "Objects as Points", 2019 (heatmap and focal loss); box sides as in FCOS (Tian et
al., 2019), trained with the generalised IoU.
"""

import math
from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training import boxes as box
from training.model import Target, Whole

STRIDE = 16
PRIOR = 0.02
"""Share of cells that hold a centre, about: what the heatmap says before it has learnt."""
MAX_FOUND = 8
MIN_SCORE = 0.02
"""Of the image's best peak, which is told even when it is doubtful."""
MIN_OTHER_SCORE = 0.1
"""Of its further peaks: a heatmap says 0.03 to 0.05 of empty ground, for the focal loss hardly minds so little."""
OVERLAP = 0.5


class CentreHead(nn.Module):
    """Features (B, C, S/16, S/16) to centre logits (B, 1, h, w) and sides (B, 4, h, w): left, top, right, bottom."""

    def __init__(self, channels: int):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(inplace=True)
        )
        self.out = nn.Conv2d(channels, 5, 1)
        nn.init.normal_(self.out.weight, std=0.01)
        with torch.no_grad():
            cast(Tensor, self.out.bias).copy_(torch.tensor([math.log(PRIOR / (1 - PRIOR)), 0.0, 0.0, 0.0, 0.0]))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and sides."""
        raw = self.out(self.trunk(features)).float()
        return raw[:, :1], raw[:, 1:].clamp(-4, 4).exp() * (4 * STRIDE)


def cell_boxes(sides: Tensor) -> Tensor:
    """The box that each cell speaks of: (B, h, w, 4) x0, y0, x1, y1 in pixels."""
    height, width = sides.shape[2:]
    y = (torch.arange(height, device=sides.device, dtype=sides.dtype) + 0.5) * STRIDE
    x = (torch.arange(width, device=sides.device, dtype=sides.dtype) + 0.5) * STRIDE
    left, top, right, bottom = sides.unbind(dim=1)
    return torch.stack([x - left, y[:, None] - top, x + right, y[:, None] + bottom], dim=3)


def centre_losses(output: tuple[Tensor, Tensor], whole: Whole) -> dict[str, Tensor]:
    """Penalty-reduced focal loss of the heatmap, and 1 - GIoU of the boxes near each centre.

    `output` is of a part of the whole's images; the terms are its shares of the whole's.
    """
    logits, sides = output
    every_heat, every_owner = _heat_targets(whole.targets, logits.shape[2], logits.shape[3], logits.device)
    part = slice(whole.first, whole.first + len(logits))
    heat, owner = every_heat[part], every_owner[part]
    count = max(1, sum(len(target.boxes) for target in whole.targets))
    probability = torch.sigmoid(logits[:, 0])
    hit = -F.logsigmoid(logits[:, 0]) * (1 - probability) ** 2 * (heat == 1)
    empty = -F.logsigmoid(-logits[:, 0]) * probability**2 * (1 - heat) ** 4 * (heat < 1)
    losses = {"centre": (hit.sum() + empty.sum()) / count}
    near = (owner >= 0) & (heat > 0.3)
    if near.any():
        every = torch.cat([target.boxes for target in whole.targets])
        wanted, weight = every[owner[near]], heat[near]
        giou = box.paired_giou(cell_boxes(sides)[near], wanted)
        total = every_heat[(every_owner >= 0) & (every_heat > 0.3)].sum()
        losses["box"] = ((1 - giou) * weight).sum() / total
    else:
        losses["box"] = sides.sum() * 0
    return losses


def _heat_targets(targets: Sequence[Target], height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """(B, h, w) heat 0..1, and which box (counted through the batch) each cell belongs to, -1 for none."""
    heat = torch.zeros(len(targets), height, width, device=device)
    owner = torch.full(heat.shape, -1, dtype=torch.long, device=device)
    image = box.image_of_each([len(target.boxes) for target in targets]).to(device)
    if not len(image):
        return heat, owner
    boxes = torch.cat([target.boxes for target in targets])
    size = (boxes[:, 2:] - boxes[:, :2]) / STRIDE
    last = torch.tensor([width - 1, height - 1]).to(device)
    cell = ((boxes[:, :2] + boxes[:, 2:]) / 2 / STRIDE).floor().clamp(min=0).minimum(last)
    spread = (size * 0.1).clamp(min=0.5)
    away_x = (torch.arange(width, device=device) - cell[:, :1]) / spread[:, :1]
    away_y = (torch.arange(height, device=device) - cell[:, 1:]) / spread[:, 1:]
    blobs = torch.exp(-(away_x[:, None] ** 2 + away_y[:, :, None] ** 2) / 2)
    where = image[:, None, None].expand_as(blobs)
    heat.scatter_reduce_(0, where, blobs, "amax")
    number = torch.arange(len(boxes), device=device)[:, None, None]
    claims = torch.where((blobs == heat[image]) & (blobs > 0), number, len(boxes))
    owner = torch.full(heat.shape, len(boxes), device=device).scatter_reduce_(0, where, claims, "amin")
    return heat, torch.where(owner < len(boxes), owner, -1)


def likelihood(peaks: Tensor) -> Tensor:
    """How likely there is an object where the heatmap is so high, (N,) 0..1: the focal loss keeps it from saying so.

    Source: Charoenphakdee et al., "On Focal Loss for Class-Posterior Probability Estimation and Classification", CVPR
    2021, with an exponent of 2.
    """
    said = peaks.clamp(1e-6, 1 - 1e-6)
    there, empty = (v / ((1 - v) ** 2 - 2 * (1 - v) * v * v.log()) for v in (said, 1 - said))
    return there / (there + empty)


def decode_centres(output: tuple[Tensor, Tensor], size: int) -> list[tuple[Tensor, Tensor]]:
    """Per image the boxes (N, 4) and scores (N,) of the heatmap's peaks, greedily thinned, best first."""
    logits, sides = output
    heat = torch.sigmoid(logits)
    peaks = (heat == F.max_pool2d(heat, 3, 1, 1)) & (heat >= MIN_SCORE)
    spoken = cell_boxes(sides)
    found = []
    for image in range(len(heat)):
        rows, columns = peaks[image, 0].nonzero(as_tuple=True)
        scores = heat[image, 0, rows, columns]
        best = scores.argsort(descending=True, stable=True)[: 2 * MAX_FOUND]
        best = torch.cat([best[:1], best[1:][scores[best[1:]] >= MIN_OTHER_SCORE]])
        boxes = box.clip(spoken[image, rows[best], columns[best]], size)
        kept = box.suppress(boxes, scores[best], OVERLAP)[:MAX_FOUND]
        found.append((boxes[kept], scores[best][kept]))
    return found
