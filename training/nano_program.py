"""akd-nano as one program without a branch that depends on the image: what ONNX can hold.

It does what `NanoDetector.detect` does, for one image: the most that can be found are looked at in any case, and those
that do not count are left out at the end.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.ops import nms

from training import boxes as box
from training.nano import Look, NanoDetector
from training.nano_centre import MAX_FOUND, MIN_OTHER_SCORE, MIN_SCORE, OVERLAP, cell_boxes

OUTPUTS = ("boxes", "scores", "keypoints", "keypoint_scores")
"""As `training.model.Found` has them."""


class NanoProgram(nn.Module):
    """An image (1, 3, S, S) float RGB in 0..1 to `OUTPUTS`: (N, 4), (N,), (N, K, 3), (N, K)."""

    def __init__(self, detector: NanoDetector):
        super().__init__()
        self.detector = detector

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What is found, best first."""
        fine, coarse = self.detector._features(image)
        rough, scores = self._candidates(*self.detector.centre(coarse))
        boxes, extents = self.detector._refined(fine, torch.zeros_like(rough[:, 0]), rough)
        kept = nms(boxes, scores, OVERLAP)
        boxes, scores, extents = boxes[kept], scores[kept], extents[kept]
        said = self.detector._regions(fine, torch.zeros_like(scores), extents)
        found = self.detector.read(Look(boxes, scores, extents, said))
        counts = torch.nonzero(scores >= MIN_SCORE)[:, 0]
        order = counts[found.scores[counts].argsort(descending=True)]
        return tuple(getattr(found, name)[order] for name in OUTPUTS)

    def _candidates(self, logits: Tensor, sides: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes and scores of the highest peaks, thinned; at least one, whatever its score."""
        heat = torch.sigmoid(logits)
        peaks = (heat * (heat == F.max_pool2d(heat, 3, 1, 1))).flatten()
        scores, cells = peaks.topk(2 * MAX_FOUND)
        counts = scores >= torch.cat([scores.new_zeros(1), scores.new_full((2 * MAX_FOUND - 1,), MIN_OTHER_SCORE)])
        best = torch.nonzero(counts)[:, 0]
        boxes = box.clip(cell_boxes(sides).flatten(0, 2)[cells[best]], self.detector.size)
        kept = nms(boxes, scores[best], OVERLAP)[:MAX_FOUND]
        return boxes[kept], scores[best][kept]
