"""The Keypoint R-CNN family, akd-1.0 to akd-4.0: torchvision's, with the parts that its config exchanges.

Source: He et al., "Mask R-CNN", ICCV 2017, section 5. It wants a GPU. Without a visibility head every keypoint found
has v = 2.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.detection import KeypointRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator

from training.config import ModelConfig
from training.model import Found, KeypointModel, Target, Whole
from training.rcnn_backbone import pyramid
from training.rcnn_config import RcnnConfig
from training.rcnn_heads import KeypointRoIHeads


class RcnnDetector(KeypointModel):
    """The detector for `keypoints` keypoints; a `pretrained` backbone's stages and statistics may be frozen."""

    backbone_prefix = "net.backbone.body."

    def __init__(self, config: ModelConfig, keypoints: int, *, pretrained: bool):
        super().__init__()
        self.count = keypoints
        self.parts = config.rcnn or RcnnConfig()
        backbone = pyramid(
            self.parts,
            frozen=config.frozen_blocks if pretrained or self.parts.freeze_untrained else 0,
            fixed_statistics=pretrained and config.freeze_bn,
        )
        size = config.image_size
        self.net = KeypointRCNN(
            backbone,
            num_classes=2,
            num_keypoints=keypoints,
            min_size=size,
            max_size=size,
            # by this very name: torchvision takes any other and says nothing
            rpn_anchor_generator=_anchors(self.parts),
            box_batch_size_per_image=self.parts.samples,
            keypoint_head=nn.Identity(),
        )
        self.net.roi_heads = KeypointRoIHeads(self.net.roi_heads, self.parts, backbone.out_channels, keypoints)
        # torchvision gives boxes the type of features and offsets: in bfloat16 they would be 4 px apart at 640 px
        for part in (self.net.backbone, self.net.rpn.head, self.net.roi_heads.box_predictor):
            part.register_forward_hook(_in_single_precision)

    def load_pretrained(self, state: Mapping[str, Tensor]) -> None:
        """Take a torchvision ResNet's parameters, leaving out its classifier.

        Raises:
            RuntimeError: one is missing, unknown, or of another shape.
        """
        known = set(self.net.backbone.body.state_dict())
        wanted = {k: v for k, v in state.items() if not k.startswith("fc.") and (k in known or "num_batches" not in k)}
        self.net.backbone.body.load_state_dict(wanted, strict=True)

    def losses(
        self, images: Tensor, targets: Sequence[Target], generator: torch.Generator, whole: Whole | None = None
    ) -> dict[str, Tensor]:
        """torchvision's terms and the visibility head's; samplers draw from torch's generator, seeded here.

        A part of a batch draws regions of its own and takes its own means, weighted by its images: the parts' sum is
        the batch's loss in the mean over draws, up to how unevenly labelled keypoints are spread over the parts.
        """
        first = whole.first if whole else 0
        weight = len(targets) / len(whole.targets) if whole else 1.0
        devices = [images.device] if images.is_cuda else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(int(torch.randint(2**62, (1,), generator=generator)) + first)
            labels = [
                {
                    "boxes": target.boxes,
                    "labels": torch.ones(len(target.boxes), dtype=torch.int64, device=images.device),
                    "keypoints": target.keypoints,
                }
                for target in targets
            ]
            losses: dict[str, Tensor] = self.net(list(images), labels)
            return {name: term * weight for name, term in losses.items()}

    def detect(self, images: Tensor) -> list[Found]:
        """Detections, best first."""
        return [Found(**one) for one in self.net(list(images))]

    def detect_in(self, images: Tensor, boxes: Sequence[Tensor]) -> list[Found]:
        """Keypoints in given boxes: the proposals and the box head are passed by."""
        batch, _ = self.net.transform(list(images), None)
        given = [one.to(images) for one in boxes]
        features = self.net.backbone(batch.tensors)
        found: list[Found] = self.net.roi_heads.keypoints_in(features, given, batch.image_sizes)
        return found

    def backbone_features(self, images: Tensor) -> dict[int, Tensor]:
        """Strides 16 and 32: the ResNet's last two stages, before the pyramid."""
        batch, _ = self.net.transform(list(images), None)
        stages = list(self.net.backbone.body(batch.tensors).values())
        return {stride: stage.float() for stride, stage in zip((16, 32), stages[-2:], strict=True)}


def _anchors(parts: RcnnConfig) -> AnchorGenerator:
    sizes = tuple((side,) for side in parts.anchor_sizes)
    return AnchorGenerator(sizes, (parts.aspect_ratios,) * len(sizes))


def _in_single_precision(_module: nn.Module, _inputs: Any, output: Any) -> Any:
    """Tensors of an output as float32, in the lists, tuples or mappings that hold them."""
    if isinstance(output, Tensor):
        return output.float()
    if isinstance(output, Mapping):
        return OrderedDict((name, _in_single_precision(_module, _inputs, one)) for name, one in output.items())
    return type(output)(_in_single_precision(_module, _inputs, one) for one in output)
