"""The weather, as a spec says it and as it was drawn, and what else of a shot it decides."""

from typing import Annotated

from pipeline.config import Config
from pipeline.distributions import Name, Number, one_of, within
from pipeline.sampling import sample_fields
from pipeline.seeds import stream_rng

WEATHERS = ("clear", "rain", "fog", "snow")
GREATEST_RATE_MM_H = 60.0
"""Of rain at intensity 1: a cloudburst (WMO: violent rain is above 50 mm/h)."""


class WeatherSpec(Config):
    """What is in the air between the camera and the scene.

    `intensity` is of rain and snow: 0.1 drizzles, 1 is a cloudburst or heavy snowfall. `visibility_m` is fog's
    meteorological visual range; it is raised where the target would else be lost in it. `wind_deg` tilts what falls.
    Labels do not change: what can be made out through the air counts as seen.
    """

    kind: Annotated[Name, one_of(*WEATHERS)] = "clear"
    intensity: Annotated[Number, within(0.02, 1)] = 0.4
    visibility_m: Annotated[Number, within(5, 20000)] = 150.0
    wind_deg: Annotated[Number, within(-60, 60)] = 0.0


class WeatherDraw(Config):
    """What was drawn from `WeatherSpec`; `seed` is for where each drop is."""

    kind: str
    intensity: float
    visibility_m: float
    wind_deg: float
    seed: int


def plan_weather(group: WeatherSpec, seed: int, index: int) -> WeatherDraw | None:
    """The weather of one shot, from streams of its own; None for a clear day."""
    values = sample_fields(group, seed, index, "weather")
    if values["kind"] == "clear":
        return None
    return WeatherDraw(**values, seed=int(stream_rng(seed, index, "weather.seed").integers(2**31)))


def light_under(kind: str, weather: WeatherDraw | None) -> str:
    """The kind of light that goes with the weather: nothing falls from a blue sky, or from the sky of an indoor map."""
    return "overcast" if weather and kind in ("sky", "hdri") else kind


def ground_under(kind: str, wet: float, weather: WeatherDraw | None) -> tuple[str, float]:
    """Kind and wetness of the ground that goes with the weather; a studio's floor stays."""
    if weather is None or kind == "plain":
        return kind, wet
    if weather.kind == "snow":
        return "snow", wet
    return kind, max(wet, 0.35 + 0.65 * weather.intensity) if weather.kind == "rain" else wet


def drops_under(rain: float, weather: WeatherDraw | None) -> float:
    """How much water stands on the vehicle's paint and glass."""
    return max(rain, 0.4 + 0.6 * weather.intensity) if weather and weather.kind == "rain" else rain
