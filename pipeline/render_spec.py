"""What a dataset spec says of Cycles: `render:`."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from pipeline.config import Config

Quality = Literal["draft", "standard", "high"]
PRESETS: dict[Quality, dict[str, Any]] = {
    "draft": {"samples": 3},
    "standard": {"samples": 8},
    "high": {"samples": 32, "denoiser": "accurate"},
}
"""What each quality says of what the spec does not say itself."""
AT_MOST = 2.0
"""However large or small a vehicle is, no fewer and no more samples than by this factor."""


class RenderSpec(Config):
    """Cycles.

    Attributes:
        quality: a preset for all that is not said: draft, standard or high (docs/rendering.md has what each costs).
        samples: rays per pixel.
        samples_for_share: share of the image's pixels that a vehicle covers for which `samples` are right. One that
            covers twice as much gets half as many, one that covers half as much twice as many, no further: crops of
            vehicles, brought to one size, are then equally noisy. Without it all images get `samples`.
        denoise: whether the noise of few samples is taken out, by OpenImageDenoise.
        denoiser: "fast", or "accurate": as much time as half as many samples again, and finer where there are many.
        device: where it runs; "auto" takes a GPU if there is one.
    """

    quality: Quality | None = Field(default=None, exclude_if=lambda quality: quality is None)
    samples: Annotated[int, Field(ge=1, le=65536)] = 8
    samples_for_share: Annotated[float, Field(gt=0, le=1)] | None = Field(
        default=None, exclude_if=lambda share: share is None
    )
    denoise: bool = True
    denoiser: Literal["fast", "accurate"] = Field(default="fast", exclude_if=lambda denoiser: denoiser == "fast")
    device: Literal["auto", "cpu", "gpu"] = "auto"

    @model_validator(mode="after")
    def _as_the_preset_says(self) -> Self:
        for name, value in PRESETS[self.quality].items() if self.quality else ():
            if name not in self.model_fields_set:
                object.__setattr__(self, name, value)
        return self

    @property
    def most_samples(self) -> int:
        """Of any image."""
        return self.samples_of(0.0)

    def samples_of(self, share: float) -> int:
        """Of an image whose vehicle covers a share of its pixels."""
        if self.samples_for_share is None:
            return self.samples
        factor = min(max(self.samples_for_share / max(share, 1e-9), 1 / AT_MOST), AT_MOST)
        return math.ceil(self.samples * factor)
