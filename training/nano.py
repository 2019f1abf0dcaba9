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
from training.nano_centre import OVERLAP, CentreHead, centre_losses, decode_centres, likelihood
from training.nano_keypoints import REGION, KeypointHead, Regions, extents_of, keypoint_losses, peak_of

GROWTH = 0.15
"""A region is its extent widened by this share: keypoints lie on the object's edge, and extents are not exact."""
JITTER = 0.05
"""Standard deviation of a side in training, as a share of the size: about what the centre head misses by."""
FINE_STRIDE = 8
WIDTH = 96


@dataclass(frozen=True)
class Look:
    """What is said of one image before it is read as coordinates, the likeliest first.

    Attributes:
        boxes: (N, 4) x0, y0, x1, y1 in pixels of the model's input.
        scores: (N,) 0..1: heights of the peaks, 1 for a box that was given.
        extents: (N, 4) the boxes, widened to where the objects go on in the frame behind what hides them.
        said: of the N extents; None where there are none.
    """

    boxes: Tensor
    scores: Tensor
    extents: Tensor
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
        """Terms of the centre head, of the boxes and extents beside jittered ground truth, and of what is in these."""
        whole = whole or Whole(targets)
        fine, coarse = self._features(images)
        losses = centre_losses(self.centre(coarse), whole)
        own = whole.objects(len(targets))
        if own.start == own.stop:
            return losses
        truth = torch.cat([target.boxes for target in whole.targets])
        keypoints = torch.cat([target.keypoints for target in whole.targets])
        rough, missed = (box.noise(len(truth), JITTER, generator).to(truth)[own] for _ in range(2))
        image = box.image_of_each([len(target.boxes) for target in targets])
        boxes, extents = self._boxes(fine, image, box.decode(rough, truth[own]))
        wholly = extents_of(truth, keypoints)[own]
        losses["refine"] = (1 - box.paired_giou(boxes, truth[own])).sum() / len(truth)
        losses["extent"] = (1 - box.paired_giou(extents, wholly)).sum() / len(truth)
        given = box.decode(missed, box.hull(boxes, extents).detach())
        wanted = _to_region(keypoints[own][:, :, :2], box.grow(given, GROWTH))
        return losses | keypoint_losses(self._regions(fine, image, given), wanted, keypoints[:, :, 2], own)

    def detect(self, images: Tensor) -> list[Found]:
        """Peaks of the centre heatmap, each box refined once, then the keypoints of its extent."""
        return [self.read(one).best_first() for one in self.look(images)]

    def look(self, images: Tensor) -> list[Look]:
        """`detect` before it is read."""
        fine, coarse = self._features(images)
        rough, scores = zip(*decode_centres(self.centre(coarse), self.size), strict=True)
        boxes, extents = self._each_refined(fine, rough)
        kept = [box.suppress(b, s, OVERLAP) for b, s in zip(boxes, scores, strict=True)]  # two peaks on one agree now
        found = [(b[k], s[k], e[k]) for b, s, e, k in zip(boxes, scores, extents, kept, strict=True)]
        said = self._said(fine, [e for _, _, e in found])
        return [Look(*one, of) for one, of in zip(found, said, strict=True)]

    def detect_in(self, images: Tensor, boxes: Sequence[Tensor]) -> list[Found]:
        """Keypoints in given boxes."""
        return [self.read(one) for one in self.look_in(images, boxes)]

    def look_in(self, images: Tensor, boxes: Sequence[Tensor]) -> list[Look]:
        """`detect_in` before it is read."""
        fine, _ = self._features(images)
        given = [one.to(fine) for one in boxes]
        _, extents = self._each_refined(fine, given)
        said = self._said(fine, extents)
        return [Look(b, b.new_ones(len(b)), e, r) for b, e, r in zip(given, extents, said, strict=True)]

    def look_at(self, images: Tensor, extents: Tensor) -> Regions:
        """What is said of one extent (4,) of each of N images: (N, 4)."""
        fine, _ = self._features(images)
        return self._regions(fine, torch.arange(len(images)), extents.to(fine))

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

    def _each_refined(self, fine: Tensor, rough: Sequence[Tensor]) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        """`_refined` of the boxes (N, 4) of each image."""
        counts = [len(one) for one in rough]
        if sum(counts) == 0:
            return rough, rough
        boxes, extents = self._refined(fine, box.image_of_each(counts), torch.cat(list(rough)))
        return boxes.split(counts), extents.split(counts)

    def _refined(self, fine: Tensor, image: Tensor, rough: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes (N, 4), each in the image of a number (N,), corrected, and their extents, all inside the frame."""
        boxes, extents = (box.clip(one, self.size) for one in self._boxes(fine, image, rough))
        return boxes, box.hull(boxes, extents)

    def _said(self, fine: Tensor, extents: Sequence[Tensor]) -> list[Regions | None]:
        """Of the extents (N, 4) of each image."""
        counts = [len(one) for one in extents]
        if sum(counts) == 0:
            return [None] * len(counts)
        said = self._regions(fine, box.image_of_each(counts), torch.cat(list(extents))).split(counts)
        return [one if count else None for one, count in zip(said, counts, strict=True)]

    def _boxes(self, fine: Tensor, image: Tensor, rough: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes (N, 4), each in the image of a number (N,), corrected, and their extents."""
        boxes, extents = self.points.boxes(self._cut(fine, image, rough))
        return box.decode(boxes, rough), box.decode(extents, rough)

    def _regions(self, fine: Tensor, image: Tensor, extents: Tensor) -> Regions:
        return cast(Regions, self.points(self._cut(fine, image, extents)))

    def _cut(self, fine: Tensor, image: Tensor, extents: Tensor) -> Tensor:
        """Features of extents (N, 4), each in the image of a number (N,): (N, WIDTH, REGION, REGION)."""
        rois = torch.cat([image.to(extents)[:, None], box.grow(extents, GROWTH)], dim=1)
        cut = roi_align(fine.float().contiguous(), rois, REGION, 1 / FINE_STRIDE, sampling_ratio=2, aligned=True)
        return cut.contiguous(memory_format=torch.channels_last)

    def read(self, look: Look) -> Found:
        """Region shares as pixels of the input, flags as COCO's v, certainty as keypoint scores; in the look's order.

        A score is how likely there is an object, times how sure it is, on average, of the places of the keypoints that
        are in the frame: a centre says little of whether one can tell where the wheels are.
        """
        boxes, scores, said, count = look.boxes, look.scores, look.said, self.points.count
        if said is None or not len(boxes):
            return Found(boxes, scores, boxes.new_zeros(len(boxes), count, 3), boxes.new_zeros(len(boxes), count))
        share, certainty = peak_of(said.heat)
        region = box.grow(look.extents, GROWTH)
        points = region[:, None, :2] + share * (region[:, None, 2:] - region[:, None, :2])
        inside, seen = torch.sigmoid(said.inside), torch.sigmoid(said.seen)
        v = torch.where(inside < 0.5, 0.0, torch.where(seen >= 0.5, 2.0, 1.0))
        sure = (inside * certainty).sum(dim=1) / inside.sum(dim=1).clamp(min=1e-6)
        return Found(boxes, likelihood(scores) * sure, torch.cat([points, v[..., None]], dim=2), inside * certainty)


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
