"""The shot plan: what each image of a dataset will show, as plain data.

A pure function of (spec, seed, index, stream name): any shot can be planned again, anywhere and in any order, and a
new randomiser changes no other. Nothing here knows how a vehicle is built or rendered.
"""

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from pipeline.appearance import Appearance
from pipeline.config import Config
from pipeline.occluders_spec import OccluderDraw, plan_occluders
from pipeline.plan_appearance import plan_appearance
from pipeline.plan_traffic import plan_traffic
from pipeline.sampling import sample, sample_fields
from pipeline.seeds import stream_rng
from pipeline.sensor_spec import SensorDraw, plan_sensor
from pipeline.spec import DatasetSpec, ModelSource, SplitSpec, list_hdris
from pipeline.surroundings_spec import SurroundingsDraw, plan_surroundings
from pipeline.traffic_spec import TrafficDraw
from pipeline.weather_spec import WeatherDraw, drops_under, ground_under, light_under, plan_weather

Split = Literal["train", "val", "test"]
GOLDEN = (5**0.5 - 1) / 2


class ParametricVehicle(Config):
    """A vehicle from the generator: style, seed, and the parameters that the spec sets, are all of it."""

    kind: Literal["parametric"] = "parametric"
    id: str
    style: str
    seed: int
    parameters: dict[str, float] = Field(default_factory=dict)


class ModelVehicle(Config):
    """A vehicle from a file."""

    kind: Literal["model"] = "model"
    id: str
    style: str = "model"
    path: Path
    keypoints: Path
    materials: Literal["own", "repaint"] = "own"


VehicleRef = Annotated[ParametricVehicle | ModelVehicle, Field(discriminator="kind")]


class CameraDraw(Config):
    """What was drawn from `CameraSpec`."""

    azimuth_deg: float
    elevation_deg: float
    roll_deg: float
    lens_mm: float
    fill: float
    shift_x: float
    shift_y: float


class LightDraw(Config):
    """What was drawn from `LightSpec`; `hdri` is a file, or an index into Blender's own for "bundled:N"."""

    kind: str
    sun_elevation_deg: float
    azimuth_deg: float
    haze: float
    strength: float
    hdri: str


class GroundDraw(Config):
    """What was drawn from `GroundSpec`."""

    kind: str
    brightness: float
    wet: float


class Shot(Config):
    """One planned image. `seed` is for whatever the renderer draws by itself (textures, noise)."""

    index: int
    split: Split
    vehicle: VehicleRef
    appearance: Appearance
    camera: CameraDraw
    light: LightDraw
    ground: GroundDraw
    traffic: tuple[TrafficDraw, ...] = Field(default=(), exclude_if=lambda traffic: traffic == ())
    surroundings: SurroundingsDraw = Field(default=SurroundingsDraw(), exclude_if=lambda around: around.place == "none")
    occluders: tuple[OccluderDraw, ...] = Field(default=(), exclude_if=lambda occluders: occluders == ())
    seed: int
    weather: WeatherDraw | None = Field(default=None, exclude_if=lambda weather: weather is None)
    sensor: SensorDraw | None = Field(default=None, exclude_if=lambda sensor: sensor is None)

    @property
    def stem(self) -> str:
        """The file name of everything of this shot, without suffix."""
        return f"{self.index:06d}"


def plan_dataset(spec: DatasetSpec) -> list[Shot]:
    """Every shot of a dataset, in order of index."""
    return [plan_shot(spec, index) for index in range(spec.images)]


def plan_shot(spec: DatasetSpec, index: int, attempt: int = 0) -> Shot:
    """One shot. Shots of one vehicle follow each other, so that a worker builds it once.

    Each attempt draws all that is around the vehicle anew; the vehicle and its split stay.
    """
    number = index // spec.vehicles.views_per_vehicle
    vehicle, split = plan_vehicle(spec, number)
    drawn = spec if attempt == 0 else _redrawn(spec, attempt)
    weather = plan_weather(drawn.weather, drawn.seed, index)
    return Shot(
        index=index,
        split=split,
        vehicle=vehicle,
        appearance=_under(weather, plan_appearance(drawn.appearance, drawn.seed, index)),
        camera=_camera(drawn, index),
        light=_light(drawn, index, weather),
        ground=_ground(drawn, index, weather),
        traffic=_traffic(drawn, number, index, weather),
        surroundings=plan_surroundings(drawn.surroundings, drawn.seed, index),
        occluders=plan_occluders(drawn.occluders, drawn.seed, index),
        seed=int(stream_rng(drawn.seed, index, "render.seed").integers(2**31)),
        weather=weather,
        sensor=plan_sensor(drawn.sensor, drawn.seed, index),
    )


def _redrawn(spec: DatasetSpec, attempt: int) -> DatasetSpec:
    """The spec with another seed, for a further attempt of any shot."""
    return spec.model_copy(update={"seed": int(stream_rng(spec.seed, attempt, "attempt").integers(2**31))})


def plan_vehicle(spec: DatasetSpec, number: int) -> tuple[ParametricVehicle | ModelVehicle, Split]:
    """The vehicle of that number and the split that it, and every image of it, belongs to."""
    sources = spec.vehicles.sources
    weights = np.array([source.weight for source in sources])
    pick = int(stream_rng(spec.seed, number, "vehicle.source").choice(len(sources), p=weights / weights.sum()))
    source = sources[pick]
    if isinstance(source, ModelSource):
        reference = ModelVehicle(
            id=source.model.stem, path=source.model, keypoints=source.sidecar, materials=source.materials
        )
        return reference, assign_split(spec.split, spec.seed, "model", pick)
    style = sample(source.parametric, stream_rng(spec.seed, number, "vehicle.style"))
    seed = int(stream_rng(spec.seed, number, "vehicle.seed").integers(2**31))
    parameters = {
        name: float(sample(value, stream_rng(spec.seed, number, f"vehicle.parameters.{name}")))
        for name, value in source.parameters.items()
    }
    return (
        ParametricVehicle(id=f"{style}-{seed}", style=style, seed=seed, parameters=parameters),
        assign_split(spec.split, spec.seed, "parametric", number),
    )


def assign_split(split: SplitSpec, seed: int, kind: str, number: int) -> Split:
    """Vehicles dealt out by the golden-ratio sequence: shares are met within one vehicle, however many there are,
    and a longer dataset leaves earlier vehicles where they were.
    """
    offset = stream_rng(seed, 0, f"split.{kind}").random()
    position = (offset + number * GOLDEN) % 1.0
    if position < split.train:
        return "train"
    return "val" if position < split.train + split.val else "test"


def _camera(spec: DatasetSpec, index: int) -> CameraDraw:
    drawn = sample_fields(spec.camera, spec.seed, index, "camera")
    return CameraDraw(**{name: drawn[name] for name in CameraDraw.model_fields})


def _light(spec: DatasetSpec, index: int, weather: WeatherDraw | None) -> LightDraw:
    drawn = sample_fields(spec.light, spec.seed, index, "light")
    drawn["kind"] = light_under(drawn["kind"], weather)
    number = int(stream_rng(spec.seed, index, "light.hdri_file").integers(2**31))
    if spec.light.hdri == "bundled":
        drawn["hdri"] = f"bundled:{number}"
    else:
        files = list_hdris(Path(spec.light.hdri))
        drawn["hdri"] = str(files[number % len(files)])
    return LightDraw(**drawn)


def _ground(spec: DatasetSpec, index: int, weather: WeatherDraw | None) -> GroundDraw:
    drawn = sample_fields(spec.ground, spec.seed, index, "ground")
    drawn["kind"], drawn["wet"] = ground_under(drawn["kind"], drawn["wet"], weather)
    return GroundDraw(**drawn)


def _under(weather: WeatherDraw | None, appearance: Appearance) -> Appearance:
    return appearance.model_copy(update={"rain": drops_under(appearance.rain, weather)}) if weather else appearance


def _traffic(spec: DatasetSpec, number: int, index: int, weather: WeatherDraw | None) -> tuple[TrafficDraw, ...]:
    others = plan_traffic(spec, number, index)
    return tuple(one.model_copy(update={"appearance": _under(weather, one.appearance)}) for one in others)
