"""What the dataset spec says of the camera."""

from typing import Annotated, Any, Literal

from pydantic import model_validator

from pipeline.config import CONFIGS, Config, read_yaml
from pipeline.distributions import Number, within

PRESETS = {file.stem: file for file in sorted((CONFIGS / "cameras").glob("*.yaml"))}


class CameraSpec(Config):
    """Where the camera stands, around the vehicle.

    Azimuth 0 looks at the vehicle's front, 90 at its left side, 180 at its rear. `fill` is the target's size in
    the image: the larger of box width / image width and box height / image height; above 1 it is truncated.
    `shift_x`, `shift_y` move the target off the middle, as a share of the image. A `preset` (configs/cameras/) says all
    that is not said beside it.
    """

    preset: Literal["orbit", "street", "dashcam", "cctv", "showroom", "phone"] | None = None
    azimuth_deg: Annotated[Number, within(-360, 360)] = 0.0
    elevation_deg: Annotated[Number, within(-5, 85)] = 10.0
    roll_deg: Annotated[Number, within(-180, 180)] = 0.0
    lens_mm: Annotated[Number, within(4, 1200)] = 50.0
    fill: Annotated[Number, within(0.02, 4)] = 0.8
    shift_x: Annotated[Number, within(-1, 1)] = 0.0
    shift_y: Annotated[Number, within(-1, 1)] = 0.0

    @model_validator(mode="before")
    @classmethod
    def _filled_in(cls, value: Any) -> Any:
        """The preset's values under those that are given; an unknown preset is left to the field's own check."""
        preset = value.get("preset") if isinstance(value, dict) else None
        if not isinstance(preset, str) or preset not in PRESETS:
            return value
        return {**read_yaml(PRESETS[preset]), **value}
