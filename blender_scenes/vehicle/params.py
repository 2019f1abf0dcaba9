"""The physical parameters of a car, and the car of a style and seed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from blender_scenes.vehicle.accessories import draw_accessories
from blender_scenes.vehicle.ranges import (
    BOX_STYLES,
    CHOICES,
    COMMON,
    DRIVER_SHARE,
    OPEN_SHARE,
    OWN,
    PICKUP,
    RANGES,
    SINGLE_CAB_SHORTER_M,
    SIZE_SHARE,
    STEERED_SHARE,
    STYLES,
)
from blender_scenes.vehicle.sturdy import draw_sturdy
from pipeline.config import nearest
from pipeline.errors import SpecError
from pipeline.seeds import stream_rng
from pipeline.vehicle_parameters import require_sensible


@dataclass(frozen=True)
class CarParameters:
    """One car. Lengths in metres; x counts from the middle of the wheelbase, forward."""

    wheelbase: float
    front_overhang: float
    rear_overhang: float
    width: float
    height: float
    clearance: float
    tyre_radius: float
    tyre_width: float
    rim_share: float  # rim radius / tyre radius
    belt_height: float
    belt_rise: float  # rear higher than front
    nose_height: float
    cowl_height: float
    cowl_from_axle: float  # windscreen's foot behind the front axle
    screen_run: float  # length of the windscreen in plan
    roof_length: float
    backlight_run: float
    boot_height: float
    tumblehome: float  # dy per dz of the side windows
    nose_taper: float
    tail_taper: float
    plan_bow: float  # how far the front bows forward in plan
    flare: float
    scoop: float  # how hollow the doors are
    crease_drop: float  # crease below the belt line
    crease_rise: float  # crease higher at the rear than at the front
    catwalk: float  # the shelf between crease and glass, in plan
    haunch: float  # how far the rear quarter swells
    bonnet_crown: float
    bonnet_ridge: float
    boot_lip: float  # kick of the boot lid's edge
    bumper_step: float  # how far the front bumper stands out below the grille
    doors: int
    lamp_family: int
    grille_family: int
    bumper_family: int
    rear_lamp_family: int
    rim_design: int
    lamp_height: float
    lamp_width: float
    grille_width: float
    grille_height: float
    plate_width: float
    blunt: float  # how upright the nose stands, 0..1
    lamp_wrap: float  # how far the front lamps reach round the corner
    pillar_slope: float  # dx per dz of the rearmost side window's rear edge
    cladding: float  # width of the dark plastic round the arches
    bed: int  # 1 for a pickup
    box: int  # 1 for a van or minibus: the cabin reaches over the front axle, the tail is upright
    glazing: int  # side windows behind the front doors: 0 none, 1 in the rear doors, 2 all along
    barn_doors: int
    rub_strip: int
    sunroof: int
    door_fl_deg: float  # how far it stands open
    door_fr_deg: float
    door_rl_deg: float
    door_rr_deg: float
    tailgate_deg: float
    steer_deg: float  # of the front wheels, to the left
    mirror_shape: int  # this and the next ones: see accessories.py
    antenna: int
    roof_rails: int
    roof_load: int
    spoiler: int  # on a boot lid
    spoiler_length: float  # of the one over an upright rear window
    exhaust: int
    tow_bar: int
    mud_flaps: int
    handle_kind: int
    stop_lamp: int
    grille_bars: int
    frame_chrome: int
    window_chrome: int
    handle_chrome: int
    steering_side: int
    driver: int
    nose_lift: float  # of the way from the nose to the cowl, how much higher the bonnet's edge stands; see sturdy.py
    nose_square: float  # how flat and upright the face is, 0..1
    bonnet_bulge: float  # how far the middle of the bonnet stands up
    bumper_out: float  # how much further than `bumper_step` the bumper stands out
    intake_taller: float
    grille_taller: float
    grille_reach: float  # of the way to the lamps
    grille_frame: float  # how much wider the grille's frame is; it stands out, then
    arch_flare: float  # beyond `flare`, and the wheels follow
    clad_out: float  # how thick the cladding is
    door_cladding: float  # its height
    arch_cladding: int
    bumper_cover: int
    fog_corner: int
    skid_plate: int
    side_step: int

    @property
    def nose_top(self) -> float:
        """Height of the bonnet's front edge."""
        return self.nose_height + self.nose_lift * max(self.cowl_height - 0.05 - self.nose_height, 0.0)

    @property
    def track_out(self) -> float:
        """How much further out than the body's width has them the wheels stand."""
        return 0.7 * self.arch_flare

    @property
    def front_x(self) -> float:
        """The foremost point."""
        return self.wheelbase / 2 + self.front_overhang

    @property
    def rear_x(self) -> float:
        """The rearmost point."""
        return -self.wheelbase / 2 - self.rear_overhang

    @property
    def axles(self) -> tuple[float, float]:
        """x of the front and the rear axle."""
        return self.wheelbase / 2, -self.wheelbase / 2

    @property
    def cowl_x(self) -> float:
        """x of the windscreen's foot."""
        return self.wheelbase / 2 - self.cowl_from_axle

    @property
    def header_x(self) -> float:
        """x of the windscreen's upper edge."""
        return self.cowl_x - self.screen_run

    @property
    def screen_top(self) -> float:
        """Height of the windscreen's upper edge: below the roof where that is a high one."""
        return min(self.height - 0.035, self.cowl_height + 0.80)

    @property
    def roof_end_x(self) -> float:
        """x of the rear window's upper edge."""
        return self.header_x - self.roof_length

    @property
    def backlight_x(self) -> float:
        """x of the rear window's foot."""
        return max(self.roof_end_x - self.backlight_run, self.rear_x + 0.08)

    @property
    def arch_radius(self) -> float:
        """Radius of the wheel arches' opening."""
        return self.tyre_radius * 1.1 + 0.022

    def as_dict(self) -> dict[str, float | int | str]:
        """Plain values, rounded to a tenth of a millimetre."""
        return {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(self).items()}


def sample_parameters(style: str, seed: int, given: Mapping[str, float] = MappingProxyType({})) -> CarParameters:
    """The car of that style and seed, but for the parameters that are `given`.

    What follows from a given one (a roof that reaches back to the tail) follows; all others stay as they were.

    Raises:
        SpecError: there is no such style or parameter, or a value is out of all sense.
    """
    require_sensible(given)
    if style not in RANGES:
        raise SpecError(f"vehicle style {style!r} is not known; allowed: {nearest(style, STYLES)}")
    rng = stream_rng(seed, 0, "vehicle.shape")
    size = rng.uniform()
    values: dict[str, Any] = {
        name: low + (high - low) * float((1 - SIZE_SHARE) * rng.uniform() + SIZE_SHARE * size)
        for name, (low, high) in RANGES[style].items()
    }
    values |= {name: float(rng.uniform(*bounds)) for name, bounds in {**COMMON, **OWN.get(style, {})}.items()}
    rng = stream_rng(seed, STYLES.index(style), "vehicle.families")
    families: dict[str, Any] = {name: int(rng.integers(count)) for name, count in CHOICES.items()}
    extra = _equipment(style, rng)
    if style == PICKUP and extra["doors"] == 2:
        values["roof_length"] -= SINGLE_CAB_SHORTER_M
    values |= {name: value for name, value in given.items() if name in values}
    if "tail_run" in values:  # of the rear window: it ends over the bumper, and the roof reaches back to it
        run = values.pop("tail_run")
        front = values["wheelbase"] / 2 - values["cowl_from_axle"] - values["screen_run"]
        values["roof_length"] = front + values["wheelbase"] / 2 + values["rear_overhang"] - run
        values["backlight_run"] = run - 0.09
    values |= families | extra | _openings(extra, stream_rng(seed, 0, "vehicle.openings"))
    values |= draw_accessories(style, stream_rng(seed, STYLES.index(style), "vehicle.accessories"))
    values |= draw_sturdy(style, stream_rng(seed, STYLES.index(style), "vehicle.sturdy"))
    values["driver"] = int(stream_rng(seed, 0, "vehicle.driver").random() < DRIVER_SHARE)
    values["steer_deg"] = _steer(stream_rng(seed, 0, "vehicle.steer"))
    values |= {name: type(values[name])(value) for name, value in given.items()}
    return CarParameters(**values)


def _steer(rng: np.random.Generator) -> float:
    """Most cars stand with their wheels nearly straight."""
    return float(rng.uniform(-28, 28)) if rng.random() < STEERED_SHARE else 0.0


def _openings(extra: Mapping[str, int], rng: np.random.Generator) -> dict[str, Any]:
    """How far doors and tailgate stand open: all shut but for a few cars in a hundred."""
    degrees: dict[str, Any] = dict.fromkeys(
        ("door_fl_deg", "door_fr_deg", "door_rl_deg", "door_rr_deg", "tailgate_deg"), 0.0
    )
    may_open = ["door_fl_deg", "door_fr_deg"]
    if extra["doors"] == 4 and not extra["box"]:
        may_open += ["door_rl_deg", "door_rr_deg"]
    if not extra["bed"] and not extra["barn_doors"]:
        may_open += ["tailgate_deg"]
    if rng.random() < OPEN_SHARE:
        degrees[str(rng.choice(may_open))] = float(rng.uniform(6, 45))
    return degrees


def _equipment(style: str, rng: np.random.Generator) -> dict[str, int]:
    """What a car has or has not, as often as real ones of its style."""
    box = style in BOX_STYLES
    two_doors = rng.random() < {"hatchback": 0.2, "coupe": 1.0, PICKUP: 0.3}.get(style, 0.0)
    panels = (0.5, 0.7) if style == "van" else (0.0, 0.0)  # no rear glass at all, and in the rear doors only
    glazed = rng.random()
    return {
        "doors": 2 if two_doors else 4,
        "steering_side": 1 if rng.random() < 0.6 else -1,
        "bed": int(style == PICKUP),
        "box": int(box),
        "glazing": 0 if glazed < panels[0] else 1 if glazed < panels[1] else 2,
        "barn_doors": int(rng.random() < (0.6 if box else 0.0)),
        "rub_strip": int(rng.random() < (0.5 if box else 0.12)),
        "sunroof": int(rng.random() < (0.0 if box or style == PICKUP else 0.25)),
    }


def smooth_polyline(x: np.ndarray, knots: list[tuple[float, float]], radius: float) -> np.ndarray:
    """Straight lines through `knots` (x, z), their corners rounded over about `radius`, sampled at x."""
    xs, zs = np.array(sorted(knots)).T
    step = 0.005
    grid = np.arange(xs[0] - 6 * radius, xs[-1] + 6 * radius, step)
    low, high = (zs[1] - zs[0]) / (xs[1] - xs[0]), (zs[-1] - zs[-2]) / (xs[-1] - xs[-2])
    line = np.interp(grid, xs, zs)
    line = np.where(grid < xs[0], zs[0] + low * (grid - xs[0]), line)
    line = np.where(grid > xs[-1], zs[-1] + high * (grid - xs[-1]), line)
    kernel = np.exp(-0.5 * (np.arange(-3 * radius, 3 * radius + step, step) / (radius / 1.5)) ** 2)
    padded = np.pad(line, len(kernel) // 2, mode="edge")
    smooth = np.convolve(padded, kernel / kernel.sum(), mode="valid")[: len(grid)]
    return np.interp(x, grid, smooth)
