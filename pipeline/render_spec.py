"""What a dataset spec says of Cycles: `render:`."""

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


class RenderSpec(Config):
    """Cycles.

    Attributes:
        quality: a preset for all that is not said: draft, standard or high (docs/rendering.md has what each costs).
        samples: rays per pixel.
        denoise: whether the noise of few samples is taken out, by OpenImageDenoise.
        denoiser: "fast", or "accurate": as much time as half as many samples again, and finer where there are many.
        device: where it runs; "auto" takes a GPU if there is one.
    """

    quality: Quality | None = Field(default=None, exclude_if=lambda quality: quality is None)
    samples: Annotated[int, Field(ge=1, le=65536)] = 8
    denoise: bool = True
    denoiser: Literal["fast", "accurate"] = Field(default="fast", exclude_if=lambda denoiser: denoiser == "fast")
    device: Literal["auto", "cpu", "gpu"] = "auto"

    @model_validator(mode="after")
    def _as_the_preset_says(self) -> Self:
        for name, value in PRESETS[self.quality].items() if self.quality else ():
            if name not in self.model_fields_set:
                object.__setattr__(self, name, value)
        return self
