"""What every detector takes and gives, so that training, prediction and evaluation need not know which it is."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Target:
    """The labelled objects of one image, in pixels of the model's input (x right, y down, corner origin).

    Attributes:
        boxes: (N, 4) x0, y0, x1, y1.
        keypoints: (N, K, 3) x, y and v: 0 not in the frame, 1 hidden, 2 seen.
    """

    boxes: Tensor
    keypoints: Tensor

    def to(self, device: torch.device) -> "Target":
        """The same on another device."""
        return Target(self.boxes.to(device), self.keypoints.to(device))


@dataclass(frozen=True)
class Whole:
    """A step's whole batch, of which a model may see a part at a time (memory) or only a part (other processes).

    Attributes:
        targets: of all its images, in order.
        first: how many images come before the part.
    """

    targets: Sequence[Target]
    first: int = 0

    def objects(self, images: int) -> slice:
        """Where the objects of a part of so many images lie among those of all."""
        counts = [len(target.boxes) for target in self.targets]
        return slice(sum(counts[: self.first]), sum(counts[: self.first + images]))


@dataclass(frozen=True)
class Found:
    """The objects that a model finds in one image, in pixels of its input.

    Attributes:
        boxes: (N, 4) x0, y0, x1, y1.
        scores: (N,) 0..1, how sure: of the object, and, where the model can tell, of its keypoints.
        keypoints: (N, K, 3) x, y and v by the model's judgement: 0 not in the frame, 1 hidden, 2 seen.
        keypoint_scores: (N, K) 0..1.
    """

    boxes: Tensor
    scores: Tensor
    keypoints: Tensor
    keypoint_scores: Tensor

    def best_first(self) -> "Found":
        """The same in order of score."""
        order = self.scores.argsort(descending=True, stable=True)
        return Found(*(t[order] for t in (self.boxes, self.scores, self.keypoints, self.keypoint_scores)))

    def cpu(self) -> "Found":
        """The same in main memory, float32."""
        return Found(
            *(t.detach().float().cpu() for t in (self.boxes, self.scores, self.keypoints, self.keypoint_scores))
        )


class KeypointModel(nn.Module, ABC):
    """A detector. Images come as (B, 3, S, S) float RGB in 0..1; it normalises them itself.

    `backbone_names` says which parameters are the backbone's, by prefix: they may learn at another rate.
    """

    backbone_prefix = "backbone."

    @abstractmethod
    def losses(
        self, images: Tensor, targets: Sequence[Target], generator: torch.Generator, whole: Whole | None = None
    ) -> dict[str, Tensor]:
        """Loss terms to be summed, each already weighted; `generator` (CPU) is the only source of randomness.

        With `whole` the images are a part of a larger batch: terms are shares of the batch's, so that those of its
        parts, each made with a generator in the same state, add up to them.
        """

    @abstractmethod
    def detect(self, images: Tensor) -> list[Found]:
        """What is found in each image, best first."""

    @abstractmethod
    def detect_in(self, images: Tensor, boxes: Sequence[Tensor]) -> list[Found]:
        """Keypoints in given boxes, one (N, 4) x0, y0, x1, y1 tensor per image, in their order.

        That there are objects is taken for granted: scores are of the keypoints alone, 1 where the model has none.
        """

    @abstractmethod
    def backbone_features(self, images: Tensor) -> dict[int, Tensor]:
        """The backbone's two deepest stages, by stride: (B, C, S / stride, S / stride) float32."""

    def settle(self) -> None:
        """Prepare what speeds up predicting; afterwards no weight may change."""

    def parameter_groups(self, lr: float, backbone_lr: float, weight_decay: float) -> list[dict[str, object]]:
        """The optimiser's groups: vectors (norms, biases) do not decay."""
        groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
        for name, parameter in self.named_parameters():
            if parameter.requires_grad:
                key = name.startswith(self.backbone_prefix), parameter.ndim > 1
                groups.setdefault(key, []).append(parameter)
        return [
            {
                "params": parameters,
                "lr": lr * (backbone_lr if in_backbone else 1),
                "weight_decay": weight_decay if decays else 0.0,
            }
            for (in_backbone, decays), parameters in sorted(groups.items())
        ]


def count_parameters(parameters: Iterable[nn.Parameter]) -> int:
    """How many numbers there are to learn or keep."""
    return sum(parameter.numel() for parameter in parameters)
