"""What a detector's backbone makes of a part of an image, as one vector: to compare how images look to it."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.ops import roi_align

from pipeline.images import Image
from training.checkpoint import LoadedModel
from training.predict import to_batch, to_input_boxes

CELLS = 7
"""Features are read at this many places per side of a box, then averaged."""


def features(
    loaded: LoadedModel, images: Sequence[Image], boxes: Sequence[NDArray[np.float64]]
) -> list[NDArray[np.float64]]:
    """Pooled features of the backbone's two deepest stages inside boxes, (N, D) for the N boxes of each image.

    D depends on the detector (432 for akd-nano, 3072 for a ResNet-50). The mean is taken over the box, at whatever
    size it has: where a vehicle stands and how large it is are not in the vector, how it looks is.

    Args:
        loaded: a detector.
        images: RGB uint8 (H, W, 3), of any size each, as one batch.
        boxes: per image (N, 4) x, y, width, height in its pixels.

    Raises:
        WeightsError: the detector is an ONNX file, which does not give them.
    """
    counts = [len(one) for one in boxes]
    given = [one.to(loaded.device) for one in to_input_boxes(loaded, images, boxes)]
    with torch.inference_mode():
        stages = loaded.model.backbone_features(to_batch(loaded, images))
        pooled = [
            roi_align(stage.contiguous(), given, CELLS, 1 / stride, sampling_ratio=2, aligned=True).mean(dim=(2, 3))
            for stride, stage in stages.items()
        ]
    every = torch.cat(pooled, dim=1).double().cpu()
    return [one.numpy() for one in every.split(counts)]
