"""Looking twice: what was found is looked at again, enlarged and mirrored, and the two heatmaps are averaged.

Averaging over the mirrored image is as old as heatmaps of keypoints (Newell et al., "Stacked Hourglass Networks", ECCV
2016); here the mirrored image is also cut out of the photo at its own resolution, so that a vehicle far away is seen in
detail. A region is its extent widened, in both looks the same, so heatmaps need no moving before they are averaged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.images import Image
from training import affine
from training.dataset import image_tensor, to_device
from training.nano import Look, NanoDetector
from training.nano_keypoints import CELLS, Regions

SURE = 0.1
"""Score from which an object is looked at again; of the others nothing is expected."""
MOST = 16
"""Objects of one image that are looked at again, the best: what a crowd may cost."""
TOGETHER = 16
"""Enlarged objects in memory at once."""


@dataclass(frozen=True)
class Source:
    """An image to look at again.

    Attributes:
        image: RGB uint8 (H, W, 3).
        to_input: (2, 3) from its pixels to those of the first look.
    """

    image: Image
    to_input: affine.Matrix


def look_again(
    model: NanoDetector, first: Sequence[Look], sources: Sequence[Source], growth: float, flip: NDArray[np.int64]
) -> list[Look]:
    """The looks with what a second one adds.

    Args:
        model: what looks.
        first: its first look at each image.
        sources: the images.
        growth: the longer side of an extent times this fills the model's input.
        flip: (K,) what each keypoint is in a mirrored image, `KeypointSchema.flip_index`.
    """
    views = [
        view for look, source in zip(first, sources, strict=True) for view in _views(look, source, growth, model.size)
    ]
    mirrored: list[Regions] = []
    for start in range(0, len(views), TOGETHER):
        mirrored += _look_at(model, views[start : start + TOGETHER])
    answers = iter(mirrored)
    return [_averaged(look, [next(answers) for _ in range(_count(look))], flip) for look in first]


def _count(look: Look) -> int:
    """How many of a look's objects are looked at again: they are in order of score."""
    return min(MOST, int((look.scores >= SURE).sum()))


def _views(look: Look, source: Source, growth: float, size: int) -> list[tuple[Tensor, Tensor]]:
    """Of each object that is looked at again the enlarged mirror image (3, S, S) uint8, and its extent there, (4,)."""
    corners = look.extents[: _count(look)].double().cpu().numpy().reshape(-1, 2, 2)
    views = []
    for low, high in affine.apply(affine.invert(source.to_input), corners):
        scale = size / (growth * max(*(high - low), 1.0))
        linear = scale * np.diag([-1.0, 1.0])
        forward = np.column_stack([linear, np.full(2, size / 2) - linear @ (low + high) / 2])
        (right, top), (left, bottom) = affine.apply(forward, [low, high])
        picture = image_tensor(affine.warp(source.image, forward, size, size))
        views.append((picture, torch.tensor([left, top, right, bottom], dtype=torch.float32)))
    return views


def _look_at(model: NanoDetector, views: Sequence[tuple[Tensor, Tensor]]) -> list[Regions]:
    device = next(model.parameters()).device
    pictures = to_device(torch.stack([picture for picture, _ in views]), device)
    said = model.look_at(pictures, torch.stack([extent for _, extent in views]).to(device))
    return said.split([1] * len(views))


def _averaged(look: Look, mirrored: Sequence[Regions], flip: NDArray[np.int64]) -> Look:
    if look.said is None or not mirrored:
        return look
    mine, again, index = look.said, len(mirrored), torch.from_numpy(flip).to(look.boxes.device)
    heat = torch.cat([one.heat for one in mirrored]).unflatten(2, (CELLS, CELLS)).flip(3).flatten(2)[:, index]
    both = torch.logaddexp(mine.heat[:again], heat) - np.log(2)
    inside, seen = (torch.cat([getattr(one, flag) for one in mirrored])[:, index] for flag in ("inside", "seen"))
    said = replace(
        mine,
        heat=torch.cat([both, mine.heat[again:]]),
        inside=torch.cat([(mine.inside[:again] + inside) / 2, mine.inside[again:]]),
        seen=torch.cat([(mine.seen[:again] + seen) / 2, mine.seen[again:]]),
    )
    return replace(look, said=said)
