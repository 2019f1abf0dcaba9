"""A detector's config: architecture, input size, training recipe and augmentation, read from configs/models/*.yaml."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.config import Config, find_config, load_config
from training.rcnn_config import RcnnConfig

Share = Annotated[float, Field(ge=0, le=1)]


class Augmentation(Config):
    """How strongly training images are changed; zeros (and scale 1 to 1) leave them as they are.

    Attributes:
        flip: probability of mirroring, which swaps left and right keypoints.
        scale: least and greatest zoom.
        rotate_deg: greatest rotation either way.
        translate: greatest shift either way, as a share of the image.
        color: strength of brightness, contrast, saturation, hue and gamma changes.
        grey: probability of dropping colour.
        degrade: probability, each, of blur, noise, JPEG artefacts and low resolution.
        cutout: probability of grey rectangles over the image.
        aspect: least and greatest change of widths over heights.
        perspective: greatest shift of each corner either way, as a share of the image.
        truncate: probability of a crop that leaves 10 to 50 % of an object's box outside.
        background: probability of another background behind all vehicles: a picture, or at times a plain one.
        backgrounds: folder of those pictures, which must show no vehicles, for what they show is not labelled; None
            takes places without vehicles from other training images.
        copy_paste: probability of a whole vehicle of another training image in front, labelled.
        occlude: probability of one or two things in front of vehicles: parts of other vehicles, boards, posts.
        fourier: probability of low-frequency amplitudes mixed with another image's (training/augment_fourier.py).
        styles: folder of those images, which need no labels; None takes other training images.
    """

    flip: Share = 0.5
    scale: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] = (0.8, 1.25)
    rotate_deg: Annotated[float, Field(ge=0, le=180)] = 8
    translate: Share = 0.1
    color: Share = 0.5
    grey: Share = 0.1
    degrade: Share = 0.15
    cutout: Share = 0.2
    aspect: tuple[Annotated[float, Field(ge=0.25)], Annotated[float, Field(le=4)]] = (1, 1)
    perspective: Annotated[float, Field(ge=0, le=0.2)] = 0
    truncate: Share = 0
    background: Share = 0
    backgrounds: Path | None = None
    copy_paste: Share = 0
    occlude: Share = 0
    fourier: Share = 0
    styles: Path | None = None

    @model_validator(mode="after")
    def _from_least_to_greatest(self) -> Self:
        for name in ("scale", "aspect"):
            least, greatest = getattr(self, name)
            if least > greatest:
                raise ValueError(f"{name} must go from least to greatest; got {(least, greatest)}")
        return self


class ModelConfig(Config):
    """A detector and how it is trained.

    Attributes:
        architecture: "nano" (training/nano.py) or "keypoint_rcnn" (training/rcnn.py).
        rcnn: what the Keypoint R-CNN is made of (training/rcnn_config.py); None is torchvision's own.
        keypoints: a keypoint schema, by name or file.
        image_size: images are letterboxed to this square, in pixels.
        second_look: how far what was found is looked at again, mirrored and averaged with the first look: its box times
            this fills the model's input. Costs once more the time, per object; 0 looks once. Only nano has it.
        lr: peak learning rate; the backbone's is `backbone_lr` times that.
        warmup: share of all steps in which the learning rate rises to its peak; then it falls as a cosine to zero.
        optimizer: "adamw", or "sgd" with `momentum` (0.9 unless given; only sgd has it).
        batch_size: images that one step learns from, on all processes together.
        accumulate: into how many parts each process splits its images of a step, one after the other through the model:
            needs less memory. Batch norms that learn take their statistics from a part.
        precision: of the forward pass: "float32", "bfloat16", or "float16" with scaled losses; "auto" is the first of
            bfloat16 and float16 that the GPU computes in, and float32 on a CPU.
        compile: the backbone by torch.compile, for GPUs (not measured on one). On a CPU akd-nano's steps took 1.0 s
            instead of 0.8 s with it, and 22 s to compile.
        ema: decay of the averaged weights, which are the ones validated and kept; 0 for none.
        weights: of the backbone: "imagenet" (where this machine has them), "download" (the same, fetched by torchvision
            where the machine has them not; only for keypoint_rcnn), "none" (random), or a state dict's file.
        frozen_blocks: how many of the backbone's first stages are not trained (only when it is pretrained).
        freeze_bn: keep the backbone's batch statistics as pretrained.
        validate_every: epochs between two validations; the last epoch is always validated.
        patience: stop after so many validations in a row without a better one; None trains all epochs. The learning
            rate falls as if all were trained.
        workers: loader processes, for each process that trains; 0 loads in a thread of it, which is best for small
            datasets.
        cache_mb: decoded training images are kept in memory up to this, by all loader processes together.
    """

    name: str
    architecture: Literal["nano", "keypoint_rcnn"]
    rcnn: RcnnConfig | None = None
    keypoints: str = "vehicle20"
    image_size: Annotated[int, Field(ge=64, le=2048, multiple_of=32)] = 256
    second_look: Literal[0] | Annotated[float, Field(ge=1.15, le=4)] = 0
    epochs: Annotated[int, Field(ge=1)] = 20
    batch_size: Annotated[int, Field(ge=1)] = 16
    accumulate: Annotated[int, Field(ge=1)] = 1
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    compile: bool = False
    optimizer: Literal["adamw", "sgd"] = "adamw"
    momentum: Annotated[float, Field(ge=0, lt=1)] | None = None
    lr: Annotated[float, Field(gt=0)] = 1e-3
    backbone_lr: Annotated[float, Field(ge=0)] = 1.0
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    warmup: Share = 0.1
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.98
    clip_norm: Annotated[float, Field(gt=0)] = 10.0
    seed: Annotated[int, Field(ge=0)] = 0
    weights: str = "imagenet"
    frozen_blocks: Annotated[int, Field(ge=0)] = 0
    freeze_bn: bool = True
    validate_every: Annotated[int, Field(ge=1)] = 1
    patience: Annotated[int, Field(ge=1)] | None = None
    workers: Annotated[int, Field(ge=0)] = 0
    cache_mb: Annotated[int, Field(ge=0)] = 1024
    augmentation: Augmentation = Augmentation()

    @model_validator(mode="after")
    def _what_is_of_one_architecture_only(self) -> Self:
        if self.architecture == "nano" and self.rcnn is not None:
            raise ValueError("the section rcnn is of architecture keypoint_rcnn, not of nano")
        if self.architecture != "nano" and self.second_look:
            raise ValueError("second_look is of architecture nano")
        if self.architecture == "nano" and self.weights == "download":
            raise ValueError(
                "weights download is for keypoint_rcnn: nano's come in a package; allowed: imagenet, none, FILE"
            )
        return self

    @model_validator(mode="after")
    def _what_depends_on_another_key(self) -> Self:
        if self.momentum is not None and self.optimizer != "sgd":
            raise ValueError(f"momentum is of optimizer sgd, not of {self.optimizer}")
        if self.accumulate > self.batch_size:
            raise ValueError(f"accumulate must be at most batch_size, {self.batch_size}")
        return self


def load_model_config(name: str) -> ModelConfig:
    """A config from a YAML file, or by the name of one that ships ("akd-nano", "akd-4.0").

    Raises:
        SpecError: there is no such config, or it is wrong.
    """
    return load_config(find_config(name, "models"), ModelConfig)
