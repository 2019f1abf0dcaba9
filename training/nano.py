"""akd-nano: EfficientNet-Lite0, a light feature pyramid, a centre head for boxes and a heatmap head for keypoints.

Small enough to train on a CPU in minutes. The keypoint head looks at one region per object, so it also works on boxes
that are given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.ops import roi_align

from training import boxes as box
from training.config import ModelConfig
from training.efficientnet_lite import CHANNELS, MEAN_RGB, STD_RGB, EfficientNetLite0
from training.model import Found, KeypointModel, Target, Whole
from training.nano_centre import OVERLAP, CentreHead, centre_losses, decode_centres
from training.nano_keypoints import REGION, KeypointHead, Regions, keypoint_losses, peak_of

GROWTH = 0.15
"""A region is its box widened by this share: keypoints lie on the object's edge, and boxes are not exact."""
JITTER = 0.05
"""Standard deviation of a side of a training box, as a share of the box: about what the centre head misses by."""
FINE_STRIDE = 8
WIDTH = 96


@dataclass(frozen=True)
class Look:
    """What is said of one image before it is read as coordinates, best first.

    Attributes:
        boxes: (N, 4) x0, y0, x1, y1 in pixels of the model's input.
        scores: (N,) 0..1.
        said: of the N boxes; None where there are none.
    """

    boxes: Tensor
    scores: Tensor
    said: Regions | None


class NanoDetector(KeypointModel):
    """The detector for `keypoints` keypoints; the backbone is not loaded here (see training/build.py)."""

    def __init__(self, config: ModelConfig, keypoints: int, frozen_blocks: int = 0, freeze_bn: bool = False):
        super().__init__()
        self.size = config.image_size
        self.freeze_bn = freeze_bn
        self.backbone = EfficientNetLite0(frozen_blocks)
        self.lateral = nn.ModuleDict({str(s): nn.Conv2d(CHANNELS[s], WIDTH, 1) for s in (8, 16, 32)})
        self.smooth16, self.smooth8 = _smooth(WIDTH), _smooth(WIDTH)
        self.centre = CentreHead(WIDTH)
        self.points = KeypointHead(WIDTH, keypoints)
        self.register_buffer("mean", torch.tensor(MEAN_RGB)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(STD_RGB)[:, None, None], persistent=False)

    def train(self, mode: bool = True) -> "NanoDetector":
        """Training mode, except that a backbone with frozen statistics keeps them."""
        super().train(mode)
        if self.freeze_bn:
            self.backbone.eval()
        return self

    def settle(self) -> None:
        """The backbone's norms become part of its convolutions."""
        self.backbone.settle()

    def losses(
        self, images: Tensor, targets: Sequence[Target], generator: torch.Generator, whole: Whole | None = None
    ) -> dict[str, Tensor]:
        """Terms of the centre head, and of the keypoint head in jittered ground-truth boxes."""
        whole = whole or Whole(targets)
        fine, coarse = self._features(images)
        losses = centre_losses(self.centre(coarse), whole)
        own = whole.objects(len(targets))
        if own.start == own.stop:
            return losses
        truth = torch.cat([target.boxes for target in whole.targets])
        jittered = box.jitter(truth, JITTER, generator)
        said = self._regions(fine, [len(target.boxes) for target in targets], jittered[own])
        keypoints = torch.cat([target.keypoints for target in whole.targets])
        wanted = _to_region(keypoints[:, :, :2], box.grow(jittered, GROWTH))
        losses |= keypoint_losses(said, wanted, keypoints[:, :, 2], own)
        refined = box.decode(said.box, jittered[own])
        losses["refine"] = (1 - box.paired_giou(refined, truth[own])).sum() / len(truth)
        return losses

    def detect(self, images: Tensor) -> list[Found]:
        """Peaks of the centre heatmap, each box refined once, then its keypoints."""
        return [self.read(one) for one in self.look(images)]

    def look(self, images: Tensor) -> list[Look]:
        """`detect` before it is read."""
        fine, coarse = self._features(images)
        found = self._refined(fine, decode_centres(self.centre(coarse), self.size))
        counts = [len(boxes) for boxes, _ in found]
        if sum(counts) == 0:
            return [Look(b, s, None) for b, s in found]
        said = self._regions(fine, counts, torch.cat([boxes for boxes, _ in found])).split(counts)
        return [Look(b, s, r) for (b, s), r in zip(found, said, strict=True)]

    def _refined(self, fine: Tensor, found: Sequence[tuple[Tensor, Tensor]]) -> list[tuple[Tensor, Tensor]]:
        """Boxes and scores per image, corrected; two peaks on one object may only then be told to be one."""
        counts = [len(boxes) for boxes, _ in found]
        if sum(counts) == 0:
            return list(found)
        rough = torch.cat([boxes for boxes, _ in found])
        corrections = self.points.boxes(self._cut(fine, box.image_of_each(counts), rough))
        every = box.clip(box.decode(corrections, rough), self.size).split(counts)
        kept = [box.suppress(b, s, OVERLAP) for b, (_, s) in zip(every, found, strict=True)]
        return [(b[k], s[k]) for b, (_, s), k in zip(every, found, kept, strict=True)]

    def detect_in(self, images: Tensor, boxes: Sequence[Tensor]) -> list[Found]:
        """Keypoints in given boxes."""
        return [self.read(one) for one in self.look_in(images, boxes)]

    def look_in(self, images: Tensor, boxes: Sequence[Tensor]) -> list[Look]:
        """`detect_in` before it is read."""
        fine, _ = self._features(images)
        counts = [len(one) for one in boxes]
        every = torch.cat(list(boxes)).to(fine)
        if not len(every):
            return [Look(every, every[:, 0], None) for _ in boxes]
        said = self._regions(fine, counts, every).split(counts)
        return [Look(b, b.new_ones(len(b)), r) for b, r in zip(every.split(counts), said, strict=True)]

    def backbone_features(self, images: Tensor) -> dict[int, Tensor]:
        """Strides 16 and 32."""
        taps = self._taps(images)
        return {stride: taps[stride].float() for stride in (16, 32)}

    def _taps(self, images: Tensor) -> dict[int, Tensor]:
        x = (images - cast(Tensor, self.mean)) / cast(Tensor, self.std)
        return cast(dict[int, Tensor], self.backbone(x.contiguous(memory_format=torch.channels_last)))

    def _features(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Stride 8 for regions and stride 16 for centres, both WIDTH channels, each with what lies above it."""
        taps = self._taps(images)
        top = self.lateral["32"](taps[32])
        middle = self.smooth16(self.lateral["16"](taps[16]) + F.interpolate(top, scale_factor=2.0, mode="nearest"))
        fine = self.smooth8(self.lateral["8"](taps[8]) + F.interpolate(middle, scale_factor=2.0, mode="nearest"))
        return fine, middle

    def _regions(self, fine: Tensor, counts: Sequence[int], boxes: Tensor) -> Regions:
        return cast(Regions, self.points(self._cut(fine, box.image_of_each(counts), boxes)))

    def _cut(self, fine: Tensor, image: Tensor, boxes: Tensor) -> Tensor:
        """Features of boxes (N, 4), each in the image of a number (N,): (N, WIDTH, REGION, REGION)."""
        rois = torch.cat([image.to(boxes)[:, None], box.grow(boxes, GROWTH)], dim=1)
        cut = roi_align(fine.float().contiguous(), rois, REGION, 1 / FINE_STRIDE, sampling_ratio=2, aligned=True)
        return cut.contiguous(memory_format=torch.channels_last)

    def read(self, look: Look) -> Found:
        """Region shares as pixels of the input, flags as COCO's v, certainty as keypoint scores."""
        boxes, scores, said, count = look.boxes, look.scores, look.said, self.points.count
        if said is None or not len(boxes):
            return Found(boxes, scores, boxes.new_zeros(len(boxes), count, 3), boxes.new_zeros(len(boxes), count))
        share, certainty = peak_of(said.heat)
        region = box.grow(boxes, GROWTH)
        points = region[:, None, :2] + share * (region[:, None, 2:] - region[:, None, :2])
        inside, seen = torch.sigmoid(said.inside), torch.sigmoid(said.seen)
        v = torch.where(inside < 0.5, 0.0, torch.where(seen >= 0.5, 2.0, 1.0))
        return Found(boxes, scores, torch.cat([points, v[..., None]], dim=2), inside * certainty)


def _to_region(points: Tensor, regions: Tensor) -> Tensor:
    """Pixels (N, K, 2) as shares of regions (N, 4)."""
    size = (regions[:, 2:] - regions[:, :2]).clamp(min=1.0)
    return (points - regions[:, None, :2]) / size[:, None]


def _smooth(channels: int) -> nn.Sequential:
    """Depthwise 3x3 and pointwise: cheap."""
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False),
        nn.BatchNorm2d(channels),
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    )
