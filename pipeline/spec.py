"""The dataset spec: what a YAML file under configs/datasets says, as typed, frozen objects.

A spec describes distributions, not steps; see `pipeline.distributions` for how they are written.
"""

from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from pipeline.annotations_spec import AnnotationsSpec
from pipeline.appearance import Finish, Indicators, Livery, TwoTone
from pipeline.background_spec import BackgroundSpec, with_pictures
from pipeline.camera_spec import CameraSpec
from pipeline.config import Config, find_config, load_config
from pipeline.distributions import Name, Number, Switch, one_of, support, within
from pipeline.errors import SpecError
from pipeline.file_names import is_file
from pipeline.limits_spec import LimitsSpec
from pipeline.occluders_spec import OccludersSpec, with_cutouts
from pipeline.paint import PAINTS, POPULAR, RIMS, USUAL
from pipeline.plates import ANY, PLATES
from pipeline.render_spec import RenderSpec
from pipeline.sensor_spec import SensorSpec
from pipeline.sidecar import needs_sidecar
from pipeline.surroundings_spec import SurroundingsSpec
from pipeline.traffic_spec import TrafficSpec
from pipeline.vehicle_parameters import LIMITS, require_sensible
from pipeline.weather_spec import WeatherSpec

LIGHTS = ("sky", "hdri", "overcast", "studio", "night")
GROUNDS = ("asphalt", "concrete", "slabs", "grass", "gravel", "snow", "plain")


class ImageSpec(Config):
    """Size and file format of every image."""

    width: Annotated[int, Field(ge=16, le=8192)] = 512
    height: Annotated[int, Field(ge=16, le=8192)] = 512
    format: Literal["jpg", "png"] = "jpg"
    quality: Annotated[int, Field(ge=1, le=100)] = 92


class ParametricSource(Config):
    """Vehicles from the parametric generator; `parameters` are fixed or drawn per vehicle, all others are its own."""

    parametric: Name
    parameters: dict[str, Number] = Field(
        default_factory=dict, json_schema_extra={"propertyNames": {"enum": list(LIMITS)}}
    )
    weight: Annotated[float, Field(ge=0)] = 1.0

    @model_validator(mode="after")
    def _sensible_parameters(self) -> Self:
        for name, value in self.parameters.items():
            try:
                for end in support(value):
                    require_sensible({name: end})
            except SpecError as error:
                raise ValueError(str(error)) from error
        return self


class ModelSource(Config):
    """One 3D model that the user brings, with its labels (default: MODEL.keypoints.yaml beside it).

    Relative paths count from the spec's own folder. `materials`: "own" keeps the model's; "repaint" gives it paint,
    glass, rubber and lamps by its labels and names, in the colours that are drawn for each image.
    """

    model: Path
    keypoints: Path | None = None
    materials: Literal["own", "repaint"] = "own"
    weight: Annotated[float, Field(ge=0)] = 1.0

    @property
    def sidecar(self) -> Path:
        """The label file."""
        return self.keypoints or self.model.with_suffix(".keypoints.yaml")


def _source_kind(value: object) -> str | None:
    if not isinstance(value, dict):
        return type(value).__name__
    match "parametric" in value, "model" in value:
        case True, False:
            return "ParametricSource"
        case False, True:
            return "ModelSource"
    return None


Source = Annotated[
    Annotated[ParametricSource, Tag("ParametricSource")] | Annotated[ModelSource, Tag("ModelSource")],
    Discriminator(
        _source_kind,
        custom_error_type="source",
        custom_error_message="must be {parametric: STYLES, parameters: {...}, weight: W} "
        "or {model: FILE, keypoints: FILE, weight: W}",
    ),
]


class VehiclesSpec(Config):
    """Which vehicles, and how many images of each."""

    views_per_vehicle: Annotated[int, Field(ge=1)] = 6
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if sum(source.weight for source in self.sources) <= 0:
            raise ValueError("the weights of the sources must not all be 0")
        return self


class AppearanceSpec(Config):
    """Colours, finishes and wear, drawn for each image.

    `paint: popular` draws by the shares of new cars worldwide, `paint_finish: usual` by what the paint usually has
    (silver is metallic, white solid or pearl), `plate: any` any country's.
    """

    paint: Annotated[Name, one_of(*PAINTS, POPULAR)] = "silver"
    paint_jitter: Annotated[Number, within(0, 0.5)] = 0.02
    paint_finish: Annotated[Name, one_of(*get_args(Finish), USUAL)] = "metallic"
    two_tone: Annotated[Name, one_of(*get_args(TwoTone))] = "none"
    second_paint: Annotated[Name, one_of(*PAINTS, POPULAR)] = "black"
    livery: Annotated[Name, one_of(*get_args(Livery))] = "none"
    dirt: Annotated[Number, within(0, 1)] = 0.0
    dust: Annotated[Number, within(0, 1)] = 0.0
    rain: Annotated[Number, within(0, 1)] = 0.0
    scratches: Annotated[Number, within(0, 1)] = 0.0
    glass_tint: Annotated[Number, within(0, 1)] = 0.4
    lamp_housing: Annotated[Number, within(0, 1)] = 0.0
    rim: Annotated[Name, one_of(*RIMS)] = "silver"
    plate: Annotated[Name, one_of(*PLATES, ANY)] = "white"
    lamps_on: Switch = False
    brakes_on: Switch = False
    indicators: Annotated[Name, one_of(*get_args(Indicators))] = "off"


class LightSpec(Config):
    """The light: a physical sky with sun, an environment map, an overcast sky, a studio, or a night under street lamps.

    `hdri` is a folder of .hdr and .exr files, or "bundled" for those that come with Blender. Azimuths turn about z.
    """

    kind: Annotated[Name, one_of(*LIGHTS)] = "sky"
    sun_elevation_deg: Annotated[Number, within(1, 90)] = 40.0
    azimuth_deg: Annotated[Number, within(-360, 360)] = 0.0
    haze: Annotated[Number, within(0, 10)] = 1.0
    strength: Annotated[Number, within(0.01, 100)] = 1.0
    hdri: str = "bundled"


class GroundSpec(Config):
    """What the vehicle stands on."""

    kind: Annotated[Name, one_of(*GROUNDS)] = "asphalt"
    brightness: Annotated[Number, within(0.1, 4)] = 1.0
    wet: Annotated[Number, within(0, 1)] = 0.0


class SplitSpec(Config):
    """Shares of the vehicles in train, val and test; every image of a vehicle goes where its vehicle goes."""

    train: Annotated[float, Field(ge=0, le=1)] = 0.8
    val: Annotated[float, Field(ge=0, le=1)] = 0.1
    test: Annotated[float, Field(ge=0, le=1)] = 0.1

    @model_validator(mode="after")
    def _sums_to_one(self) -> Self:
        if abs(self.train + self.val + self.test - 1) > 1e-6:
            raise ValueError(f"train + val + test must be 1; got {self.train + self.val + self.test:g}")
        return self


class DatasetSpec(Config):
    """A whole dataset."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    seed: Annotated[int, Field(ge=0)] = 0
    images: Annotated[int, Field(ge=1, le=100_000_000)]
    keypoints: str = "vehicle20"
    image: ImageSpec = ImageSpec()
    render: RenderSpec = RenderSpec()
    split: SplitSpec = SplitSpec()
    vehicles: VehiclesSpec
    appearance: AppearanceSpec = AppearanceSpec()
    camera: CameraSpec = CameraSpec()
    light: LightSpec = LightSpec()
    ground: GroundSpec = GroundSpec()
    # these are left out where they say nothing, so that datasets from before there were any keep their hash and bytes
    traffic: TrafficSpec = Field(default=TrafficSpec(), exclude_if=lambda traffic: traffic == TrafficSpec())
    surroundings: SurroundingsSpec = Field(
        default=SurroundingsSpec(), exclude_if=lambda around: around == SurroundingsSpec()
    )
    background: BackgroundSpec = Field(default=BackgroundSpec(), exclude_if=lambda group: group == BackgroundSpec())
    limits: LimitsSpec = Field(default=LimitsSpec(), exclude_if=lambda limits: limits == LimitsSpec())
    occluders: OccludersSpec = Field(default=OccludersSpec(), exclude_if=lambda group: group == OccludersSpec())
    weather: WeatherSpec = Field(default=WeatherSpec(), exclude_if=lambda weather: weather == WeatherSpec())
    sensor: SensorSpec = Field(default=SensorSpec(), exclude_if=lambda sensor: sensor == SensorSpec())
    annotations: AnnotationsSpec = Field(
        default=AnnotationsSpec(), exclude_if=lambda annotations: annotations == AnnotationsSpec()
    )

    @field_validator("sensor")
    @classmethod
    def _lens_reaches_the_corners(cls, sensor: SensorSpec, info: ValidationInfo) -> SensorSpec:
        if "image" in info.data:
            sensor.require_reach(info.data["image"].width, info.data["image"].height)
        return sensor


def load_spec(name: str) -> DatasetSpec:
    """A spec from a YAML file, or by the name of one that ships; its paths made absolute and known to exist.

    Raises:
        SpecError: there is no such spec, it is wrong, or it names a file that is not there.
    """
    path = find_config(name, "datasets")
    spec = load_config(path, DatasetSpec)
    try:
        return _with_assets(spec, path)
    except (OSError, ValueError) as error:  # a name that no file can have
        reason = error.strerror if isinstance(error, OSError) else error
        raise SpecError(f"{path}: names a file that cannot be looked for: {reason}") from error


def _with_assets(spec: DatasetSpec, path: Path) -> DatasetSpec:
    folder = path.parent.resolve()
    sources: list[ParametricSource | ModelSource] = []
    for number, source in enumerate(spec.vehicles.sources):
        if isinstance(source, ModelSource):
            where = f"{path}: vehicles.sources.{number}"
            model = _existing(folder / source.model, f"{where}.model")
            sidecar = (folder / source.sidecar).resolve()
            if source.keypoints or needs_sidecar(model, sidecar):
                _existing(sidecar, f"{where}.keypoints")
            source = source.model_copy(update={"model": model, "keypoints": sidecar})
        sources.append(source)
    vehicles = spec.vehicles.model_copy(update={"sources": tuple(sources)})
    light = spec.light
    if light.hdri != "bundled":
        light = light.model_copy(update={"hdri": str(_hdri_folder(folder / light.hdri, f"{path}: light.hdri"))})
    occluders = with_cutouts(spec.occluders, folder, f"{path}: occluders")
    background = with_pictures(spec.background, folder, f"{path}: background")
    found: dict[str, object] = {"vehicles": vehicles, "light": light, "occluders": occluders, "background": background}
    if is_file(folder / spec.keypoints):
        found["keypoints"] = str((folder / spec.keypoints).resolve())
    return spec.model_copy(update=found)


def _existing(file: Path, where: str) -> Path:
    if not file.is_file():
        raise SpecError(f"{where}: {file} does not exist")
    return file.resolve()


def _hdri_folder(folder: Path, where: str) -> Path:
    if not folder.is_dir() or not list_hdris(folder):
        raise SpecError(f"{where}: {folder} must be a folder with .hdr or .exr files, or 'bundled'")
    return folder.resolve()


def list_hdris(folder: Path) -> list[Path]:
    """The environment maps in a folder, in order of name."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in (".hdr", ".exr") and p.is_file())
