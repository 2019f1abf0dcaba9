"""akd-1.0: torchvision's Keypoint R-CNN with a ResNet-50 FPN backbone. Wants a GPU.

Source: He et al., "Mask R-CNN", ICCV 2017, section 5. Visibility is not predicted: every keypoint found has v = 2.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torchvision.models.detection import KeypointRCNN
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.models.detection.roi_heads import keypointrcnn_inference
from torchvision.ops.misc import FrozenBatchNorm2d

from training.config import ModelConfig
from training.model import Found, KeypointModel, Target

STAGES = 5
"""Of a ResNet with its stem: all are trained from scratch; how many of a pretrained one, `frozen_blocks` says."""


class RcnnDetector(KeypointModel):
    """The detector for `keypoints` keypoints; a `pretrained` backbone's stages and statistics may be frozen."""

    backbone_prefix = "net.backbone.body."

    def __init__(self, config: ModelConfig, keypoints: int, *, pretrained: bool):
        super().__init__()
        self.count = keypoints
        frozen = min(config.frozen_blocks, STAGES) if pretrained else 0
        norm = FrozenBatchNorm2d if pretrained and config.freeze_bn else torch.nn.BatchNorm2d
        # weights=None: torchvision would download the backbone's unless told not to
        backbone = resnet_fpn_backbone(
            backbone_name="resnet50", weights=None, norm_layer=norm, trainable_layers=STAGES - frozen
        )
        size = config.image_size
        self.net = KeypointRCNN(backbone, num_classes=2, num_keypoints=keypoints, min_size=size, max_size=size)

    def load_pretrained(self, state: Mapping[str, Tensor]) -> None:
        """Take a torchvision ResNet-50's parameters, leaving out its classifier.

        Raises:
            RuntimeError: one is missing, unknown, or of another shape.
        """
        known = set(self.net.backbone.body.state_dict())
        wanted = {k: v for k, v in state.items() if not k.startswith("fc.") and (k in known or "num_batches" not in k)}
        self.net.backbone.body.load_state_dict(wanted, strict=True)

    def losses(self, images: Tensor, targets: Sequence[Target], generator: torch.Generator) -> dict[str, Tensor]:
        """torchvision's own five terms; its samplers draw from torch's generator, seeded here by `generator`."""
        devices = [images.device] if images.is_cuda else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(int(torch.randint(2**62, (1,), generator=generator)))
            labels = [
                {
                    "boxes": target.boxes,
                    "labels": torch.ones(len(target.boxes), dtype=torch.int64, device=images.device),
                    "keypoints": target.keypoints,
                }
                for target in targets
            ]
            losses: dict[str, Tensor] = self.net(list(images), labels)
            return losses

    def detect(self, images: Tensor) -> list[Found]:
        """Detections, best first."""
        return [
            self._found(one["boxes"], one["scores"], one["keypoints"], one["keypoints_scores"])
            for one in self.net(list(images))
        ]

    def detect_in(self, images: Tensor, boxes: Sequence[Tensor]) -> list[Found]:
        """Keypoints in given boxes: the proposals and the box head are passed by."""
        batch, _ = self.net.transform(list(images), None)
        given = [one.to(images) for one in boxes]
        if not sum(len(one) for one in given):
            return [self._found(b, b[:, 0], b.new_zeros(0, self.count, 3), b.new_zeros(0, self.count)) for b in given]
        heads = self.net.roi_heads
        features = self.net.backbone(batch.tensors)
        cut = heads.keypoint_roi_pool(features, given, batch.image_sizes)
        points, scores = keypointrcnn_inference(heads.keypoint_predictor(heads.keypoint_head(cut)), given)
        return [self._found(b, b.new_ones(len(b)), p, s) for b, p, s in zip(given, points, scores, strict=True)]

    def _found(self, boxes: Tensor, scores: Tensor, keypoints: Tensor, logits: Tensor) -> Found:
        """torchvision's keypoint scores are the heatmap's greatest logits: their sigmoid ranks alike, and is 0..1."""
        points = torch.cat([keypoints[:, :, :2], torch.full_like(keypoints[:, :, 2:], 2.0)], dim=2)
        return Found(boxes, scores, points, torch.sigmoid(logits / 4))


def find_resnet50() -> Path | None:
    """ImageNet weights of ResNet-50 that an earlier use of torchvision left in torch's cache; newest kind first."""
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    for name in ("resnet50-11ad3fa6.pth", "resnet50-0676ba61.pth"):
        if (folder / name).is_file():
            return folder / name
    return None
