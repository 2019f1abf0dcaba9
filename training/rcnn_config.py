"""The `rcnn:` section of a detector's config: what of torchvision's Keypoint R-CNN is exchanged, and for what."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.config import Config

Size = Annotated[float, Field(ge=4, le=2048)]
Ratio = Annotated[float, Field(ge=0.05, le=20)]


class RcnnConfig(Config):
    """The defaults are torchvision's Keypoint R-CNN, layer by layer, so that its older weights fit.

    Attributes:
        backbone: a ResNet under the feature pyramid.
        head: of keypoints: "torchvision" (eight 3x3 convolutions, no norm) or "residual" (training/residual_head.py).
        depth: residual blocks of two 3x3 convolutions each; only the residual head has them, and it must have some.
        dilation: of every 3x3 convolution of the head that keeps its size: 2 looks twice as far.
        width: channels of the head.
        norm: of the residual head, one for each convolution: "group" (32 groups) or "batch"; "shared" is one batch norm
            for both convolutions of a block, as published.
        upsample: how much the head's 14 cells a side are enlarged by layers that learn; twice that is the heatmap's
            side: 2 gives 56 cells, 4 gives 112.
        alpha: weight of the heatmaps' loss among the others.
        grow: an object's region is its box widened by this share before its keypoints are looked for.
        subpixel: heatmaps are trained and read between their cells (training/subpixel.py).
        hidden: keypoints in the frame that are hidden (v = 1) teach their places too.
        visibility: say of each keypoint whether it is in the frame, and whether it is seen.
        anchor_sizes: side of the anchors in pixels of the input, one for each of the pyramid's five levels.
        aspect_ratios: height / width of the anchors, at every place.
        freeze_untrained: freeze the backbone's first stages even where their weights are random, as published; without
            it random layers are never frozen.
        samples: regions per image that the heads learn from; at most a quarter of them are of objects.
    """

    backbone: Literal["resnet50", "resnext50_32x4d"] = "resnet50"
    head: Literal["torchvision", "residual"] = "torchvision"
    depth: Annotated[int, Field(ge=1, le=16)] | None = None
    dilation: Annotated[int, Field(ge=1, le=2)] = 1
    width: Annotated[int, Field(ge=64, le=1024, multiple_of=64)] = 512
    norm: Literal["group", "batch", "shared"] = "group"
    upsample: Literal[2, 4] = 2
    alpha: Annotated[float, Field(gt=0, le=100)] = 1.0
    grow: Annotated[float, Field(ge=0, le=1)] = 0.0
    subpixel: bool = False
    hidden: bool = True
    visibility: bool = False
    anchor_sizes: tuple[Size, Size, Size, Size, Size] = (32, 64, 128, 256, 512)
    aspect_ratios: Annotated[tuple[Ratio, ...], Field(min_length=1, max_length=9)] = (0.5, 1.0, 2.0)
    freeze_untrained: bool = False
    samples: Annotated[int, Field(ge=4, le=2048)] = 512

    @model_validator(mode="after")
    def _only_the_residual_head_has_depth_and_norms(self) -> Self:
        if self.head == "residual" and self.depth is None:
            raise ValueError("head residual needs a depth, its number of blocks: 1 to 16")
        if self.head == "torchvision" and self.depth is not None:
            raise ValueError(f"head torchvision has eight convolutions and no depth; got depth {self.depth}")
        if self.head == "torchvision" and self.norm != "group":
            raise ValueError(f"head torchvision has no norms; got norm {self.norm}")
        return self
