"""The keypoint branch of a Keypoint R-CNN, and torchvision's region heads that work with it.

torchvision's own `RoIHeads` knows one loss and one way to read a heatmap; here both depend on the config. The box
branch is torchvision's, and so are all names of layers: older weights fit.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchvision.models.detection.keypoint_rcnn import KeypointRCNNHeads, KeypointRCNNPredictor
from torchvision.models.detection.roi_heads import (
    RoIHeads,
    fastrcnn_loss,
    heatmaps_to_keypoints,
    keypointrcnn_loss,
)

from training import boxes as box
from training import subpixel
from training.model import Found
from training.rcnn_config import RcnnConfig
from training.residual_head import ResidualHead, norm_of
from training.visibility_head import VisibilityHead, judged, visibility_losses

CONVOLUTIONS = 8
"""Of torchvision's keypoint head."""
SOFTEN = 4.0
"""torchvision's keypoint score is the heatmap's greatest logit: the sigmoid of a quarter of it ranks alike, in 0..1."""


class Said(NamedTuple):
    """What the branch says of N regions: heatmap logits (N, K, S, S); logits in frame and seen (N, K), or None."""

    heat: Tensor
    flags: tuple[Tensor, Tensor] | None


class KeypointRoIHeads(RoIHeads):  # type: ignore[misc]
    """torchvision's `RoIHeads`, taken over from `plain`, with keypoints trained and read as `config` says."""

    def __init__(self, plain: RoIHeads, config: RcnnConfig, channels: int, keypoints: int):
        super().__init__(
            plain.box_roi_pool,
            plain.box_head,
            plain.box_predictor,
            plain.proposal_matcher.high_threshold,
            plain.proposal_matcher.low_threshold,
            plain.fg_bg_sampler.batch_size_per_image,
            plain.fg_bg_sampler.positive_fraction,
            plain.box_coder.weights,
            plain.score_thresh,
            plain.nms_thresh,
            plain.detections_per_img,
            keypoint_roi_pool=plain.keypoint_roi_pool,
            keypoint_head=keypoint_head(config, channels),
            keypoint_predictor=keypoint_predictor(config, keypoints),
        )
        self.config = config
        self.visibility = VisibilityHead(config.width, keypoints) if config.visibility else None

    def forward(
        self,
        features: Mapping[str, Tensor],
        proposals: list[Tensor],
        image_shapes: Sequence[tuple[int, int]],
        targets: Sequence[Mapping[str, Tensor]] | None = None,
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
        """Found objects when evaluating, loss terms when training; arguments as torchvision's."""
        if targets is not None and self.training:
            return [], self._losses(features, proposals, image_shapes, targets)
        pooled = self.box_roi_pool(features, proposals, image_shapes)
        logits, offsets = self.box_predictor(self.box_head(pooled))
        boxes, scores, _ = self.postprocess_detections(logits, offsets, proposals, image_shapes)
        return [
            {
                "boxes": one.boxes,
                "scores": score,
                "keypoints": one.keypoints,
                "keypoint_scores": one.keypoint_scores,
            }
            for one, score in zip(self.keypoints_in(features, boxes, image_shapes), scores, strict=True)
        ], {}

    def keypoints_in(
        self, features: Mapping[str, Tensor], boxes: Sequence[Tensor], image_shapes: Sequence[tuple[int, int]]
    ) -> list[Found]:
        """The keypoints in each image's boxes (N, 4), all with score 1."""
        counts = [len(one) for one in boxes]
        every = torch.cat(list(boxes))
        regions = self._regions(every)
        said = self._say(features, list(regions.split(counts)), image_shapes)
        places, scores = self._read(said.heat, regions)
        v = torch.full_like(scores, 2.0)
        if said.flags is not None:
            inside, seen = said.flags
            v, scores = judged(inside, seen), scores * torch.sigmoid(inside)
        points = torch.cat([places, v[..., None]], dim=2)
        parts = (t.split(counts) for t in (every, every.new_ones(len(every)), points, scores))
        return [Found(*one) for one in zip(*parts, strict=True)]

    def _regions(self, boxes: Tensor) -> Tensor:
        """Boxes (N, 4) widened; to the last bit the boxes themselves where the config widens none."""
        return box.grow(boxes, self.config.grow) if self.config.grow else boxes

    def _say(
        self, features: Mapping[str, Tensor], regions: list[Tensor], image_shapes: Sequence[tuple[int, int]]
    ) -> Said:
        fine = self.keypoint_head(self.keypoint_roi_pool(features, regions, image_shapes))
        heat = self.keypoint_predictor(fine).float().contiguous()  # torchvision views it, and it may be channels-last
        return Said(heat, None if self.visibility is None else self.visibility(fine, heat))

    def _read(self, heat: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
        """Places (N, K, 2) in pixels of the input, and scores (N, K) in 0..1."""
        if not self.config.subpixel:
            points, logits = heatmaps_to_keypoints(heat, regions)
            return points[:, :, :2], torch.sigmoid(logits / SOFTEN)
        share, certainty = subpixel.decode(heat)
        return regions[:, None, :2] + share * _size(regions), certainty

    def _losses(
        self,
        features: Mapping[str, Tensor],
        proposals: list[Tensor],
        image_shapes: Sequence[tuple[int, int]],
        targets: Sequence[Mapping[str, Tensor]],
    ) -> dict[str, Tensor]:
        proposals, matched, labels, offsets_wanted = self.select_training_samples(proposals, targets)
        pooled = self.box_roi_pool(features, proposals, image_shapes)
        logits, offsets = self.box_predictor(self.box_head(pooled))
        kinds, sides = fastrcnn_loss(logits, offsets, labels, offsets_wanted)
        objects = [torch.where(one > 0)[0] for one in labels]
        found = [p[i] for p, i in zip(proposals, objects, strict=True)]
        which = [m[i] for m, i in zip(matched, objects, strict=True)]
        regions = [self._regions(one) for one in found]
        said = self._say(features, regions, image_shapes)
        keypoints = [t["keypoints"][i] for t, i in zip(targets, which, strict=True)]
        losses = {"loss_classifier": kinds, "loss_box_reg": sides}
        with torch.autocast(said.heat.device.type, enabled=False):  # log shares in half precision are too coarse
            losses["loss_keypoint"] = self.config.alpha * self._keypoint_loss(said.heat, regions, keypoints)
            if said.flags is not None:
                losses |= visibility_losses(*said.flags, torch.cat(keypoints)[:, :, 2])
        return losses

    def _keypoint_loss(self, heat: Tensor, regions: list[Tensor], keypoints: list[Tensor]) -> Tensor:
        """Heatmaps (N, K, S, S) of each image's regions against the keypoints (n, K, 3) of their objects."""
        least = 1 if self.config.hidden else 2
        taught = [torch.cat([one[:, :, :2], (one[:, :, 2:] >= least).to(one)], dim=2) for one in keypoints]
        if not self.config.subpixel:
            order = [torch.arange(len(one), device=heat.device) for one in taught]
            return keypointrcnn_loss(heat, regions, taught, order)
        every, place = torch.cat(regions), torch.cat(taught)
        wanted = (place[:, :, :2] - every[:, None, :2]) / _size(every)
        return subpixel.heatmap_loss(heat, wanted, place[:, :, 2] > 0)


def _size(regions: Tensor) -> Tensor:
    """Width and height (N, 1, 2) of regions (N, 4)."""
    return (regions[:, 2:] - regions[:, :2]).clamp(min=1e-3)[:, None]


def keypoint_head(config: RcnnConfig, channels: int) -> nn.Module:
    """Region features (N, channels, 14, 14) to (N, width, 14, 14)."""
    if config.head == "residual":
        if config.depth is None:
            raise ValueError("head residual needs a depth")
        return ResidualHead(channels, config.width, config.depth, config.dilation, config.norm)
    head = KeypointRCNNHeads(channels, (config.width,) * CONVOLUTIONS)
    for layer in head.children():
        if isinstance(layer, nn.Conv2d):
            layer.dilation = layer.padding = (config.dilation, config.dilation)
    return head


def keypoint_predictor(config: RcnnConfig, keypoints: int) -> nn.Module:
    """The head's features to heatmaps (N, K, S, S), S = 14 * 2 * upsample; the last doubling is bilinear."""
    if config.upsample == 2:
        return KeypointRCNNPredictor(config.width, keypoints)
    half = config.width // 2
    enlarge = nn.ConvTranspose2d(config.width, half, 4, stride=2, padding=1, bias=False)
    nn.init.kaiming_normal_(enlarge.weight, mode="fan_out", nonlinearity="relu")
    return nn.Sequential(
        enlarge, norm_of(config.norm, half), nn.ReLU(inplace=True), KeypointRCNNPredictor(half, keypoints)
    )
