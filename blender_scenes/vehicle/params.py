"""The physical parameters of a car, by body style: metres, and ranges that real cars of the class span.

Ranges are from manufacturers' data sheets: sedans such as Toyota Corolla and Camry, BMW 3, Honda Civic; hatchbacks
such as VW Polo and Golf, Toyota Yaris; wagons such as VW Golf Variant and Passat, Skoda Octavia, Volvo V60; coupes such
as Toyota GR86, BMW 2 and 4, Audi TT, Ford Mustang; SUVs such as Toyota RAV4, Honda CR-V, Mitsubishi Pajero Sport;
pickups such as Toyota Hilux, Isuzu D-Max, Ford Ranger, with single and double cab; vans such as VW Caddy and
Transporter, Ford Transit Custom and Transit, Mercedes Vito; minibuses such as Toyota HiAce, Ford Transit Minibus,
Mercedes Sprinter Tourer.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipeline.config import nearest
from pipeline.errors import SpecError
from pipeline.seeds import stream_rng


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
    roof_rails: int
    antenna: int
    grille_bars: int
    frame_chrome: int
    window_chrome: int
    handle_chrome: int
    steering_side: int

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


RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "sedan": {
        "wheelbase": (2.60, 2.86),
        "front_overhang": (0.84, 0.93),
        "rear_overhang": (0.98, 1.15),
        "width": (1.74, 1.87),
        "height": (1.44, 1.51),
        "clearance": (0.17, 0.21),
        "tyre_radius": (0.315, 0.342),
        "belt_height": (0.92, 0.97),
        "nose_height": (0.77, 0.85),
        "cowl_height": (0.98, 1.04),
        "cowl_from_axle": (0.2, 0.34),
        "screen_run": (0.76, 0.9),
        "roof_length": (1.05, 1.25),
        "backlight_run": (0.62, 0.85),
        "boot_height": (1.06, 1.13),
        "tumblehome": (0.30, 0.40),
    },
    "hatchback": {
        "wheelbase": (2.47, 2.65),
        "front_overhang": (0.78, 0.88),
        "rear_overhang": (0.60, 0.74),
        "width": (1.69, 1.80),
        "height": (1.45, 1.54),
        "clearance": (0.16, 0.20),
        "tyre_radius": (0.3, 0.328),
        "belt_height": (0.92, 0.98),
        "nose_height": (0.79, 0.87),
        "cowl_height": (1.0, 1.06),
        "cowl_from_axle": (0.12, 0.26),
        "screen_run": (0.72, 0.86),
        "tail_run": (0.34, 0.58),
        "boot_height": (1.02, 1.1),
        "tumblehome": (0.28, 0.36),
    },
    "wagon": {
        "wheelbase": (2.62, 2.87),
        "front_overhang": (0.86, 0.95),
        "rear_overhang": (0.98, 1.12),
        "width": (1.76, 1.88),
        "height": (1.44, 1.53),
        "clearance": (0.17, 0.21),
        "tyre_radius": (0.315, 0.345),
        "belt_height": (0.92, 0.97),
        "nose_height": (0.77, 0.85),
        "cowl_height": (0.98, 1.04),
        "cowl_from_axle": (0.2, 0.36),
        "screen_run": (0.76, 0.92),
        "tail_run": (0.4, 0.66),
        "boot_height": (1, 1.08),
        "tumblehome": (0.3, 0.38),
    },
    "coupe": {
        "wheelbase": (2.5, 2.8),
        "front_overhang": (0.84, 0.95),
        "rear_overhang": (0.84, 1.02),
        "width": (1.77, 1.91),
        "height": (1.28, 1.4),
        "clearance": (0.14, 0.17),
        "tyre_radius": (0.32, 0.35),
        "belt_height": (0.85, 0.91),
        "nose_height": (0.7, 0.77),
        "cowl_height": (0.9, 0.96),
        "cowl_from_axle": (0.34, 0.58),
        "screen_run": (0.8, 0.94),
        "roof_length": (0.66, 0.92),
        "backlight_run": (0.78, 1.05),
        "boot_height": (0.95, 1.02),
        "tumblehome": (0.36, 0.46),
    },
    "suv": {
        "wheelbase": (2.66, 2.85),
        "front_overhang": (0.86, 0.96),
        "rear_overhang": (0.86, 1.00),
        "width": (1.83, 1.93),
        "height": (1.68, 1.86),
        "clearance": (0.24, 0.31),
        "tyre_radius": (0.365, 0.4),
        "belt_height": (1.12, 1.2),
        "nose_height": (0.96, 1.08),
        "cowl_height": (1.17, 1.25),
        "cowl_from_axle": (0.24, 0.4),
        "screen_run": (0.58, 0.72),
        "tail_run": (0.26, 0.48),
        "boot_height": (1.12, 1.22),
        "tumblehome": (0.24, 0.32),
    },
    "pickup": {
        "wheelbase": (3.00, 3.22),
        "front_overhang": (0.86, 0.94),
        "rear_overhang": (1.16, 1.28),
        "width": (1.82, 1.90),
        "height": (1.74, 1.84),
        "clearance": (0.28, 0.36),
        "tyre_radius": (0.37, 0.40),
        "belt_height": (1.14, 1.20),
        "nose_height": (1.0, 1.12),
        "cowl_height": (1.2, 1.28),
        "cowl_from_axle": (0.30, 0.42),
        "screen_run": (0.58, 0.70),
        "roof_length": (1.22, 1.36),
        "backlight_run": (0.16, 0.26),
        "boot_height": (1.14, 1.20),
        "tumblehome": (0.24, 0.32),
    },
    "van": {
        "wheelbase": (2.72, 3.45),
        "front_overhang": (0.86, 1.02),
        "rear_overhang": (0.78, 1.08),
        "width": (1.82, 2.06),
        "height": (1.82, 2.52),
        "clearance": (0.19, 0.25),
        "tyre_radius": (0.315, 0.35),
        "belt_height": (1.1, 1.38),
        "nose_height": (0.96, 1.14),
        "cowl_height": (1.22, 1.5),
        "cowl_from_axle": (-0.12, 0.12),
        "screen_run": (0.58, 0.8),
        "tail_run": (0.16, 0.24),
        "boot_height": (1.12, 1.34),
        "tumblehome": (0.1, 0.18),
    },
    "minibus": {
        "wheelbase": (2.95, 3.95),
        "front_overhang": (0.92, 1.12),
        "rear_overhang": (1.02, 1.55),
        "width": (1.88, 2.08),
        "height": (2.05, 2.78),
        "clearance": (0.21, 0.28),
        "tyre_radius": (0.33, 0.365),
        "belt_height": (1.2, 1.46),
        "nose_height": (1, 1.18),
        "cowl_height": (1.3, 1.58),
        "cowl_from_axle": (-0.3, 0.05),
        "screen_run": (0.55, 0.78),
        "tail_run": (0.16, 0.24),
        "boot_height": (1.22, 1.44),
        "tumblehome": (0.08, 0.15),
    },
}
PICKUP = "pickup"
BOX_STYLES = ("van", "minibus")
COMMON: dict[str, tuple[float, float]] = {
    "tyre_width": (0.195, 0.245),
    "rim_share": (0.66, 0.77),
    "belt_rise": (0.02, 0.09),
    "nose_taper": (0.09, 0.17),
    "tail_taper": (0.07, 0.12),
    "plan_bow": (0.13, 0.23),
    "flare": (0.008, 0.020),
    "scoop": (0.012, 0.040),
    "crease_drop": (0.07, 0.15),
    "crease_rise": (-0.02, 0.10),
    "catwalk": (0.030, 0.055),
    "haunch": (0.0, 0.022),
    "bonnet_crown": (0.03, 0.055),
    "bonnet_ridge": (0.0, 0.020),
    "boot_lip": (0.0, 0.03),
    "bumper_step": (0.0, 0.030),
    "lamp_height": (0.13, 0.2),
    "lamp_width": (0.4, 0.56),
    "grille_width": (0.34, 0.5),
    "grille_height": (0.14, 0.24),
    "plate_width": (0.34, 0.52),
    "blunt": (0.0, 1.0),
    "lamp_wrap": (0.06, 0.24),
    "pillar_slope": (-0.25, 0.45),
    "cladding": (0.04, 0.10),
}
CHOICES: dict[str, int] = {
    "lamp_family": 4,
    "grille_family": 6,
    "bumper_family": 4,
    "rear_lamp_family": 5,
    "rim_design": 8,
    "antenna": 2,
    "grille_bars": 4,
    "frame_chrome": 3,
    "window_chrome": 2,
    "handle_chrome": 2,
}
STYLES = tuple(RANGES)
OWN: dict[str, dict[str, tuple[float, float]]] = {
    "coupe": {"nose_taper": (0.12, 0.20), "haunch": (0.010, 0.030), "catwalk": (0.035, 0.06)},
    "van": {"nose_taper": (0.06, 0.11), "tail_taper": (0.02, 0.04), "haunch": (0.0, 0.004), "belt_rise": (0.0, 0.02)},
    "minibus": {
        "nose_taper": (0.05, 0.10),
        "tail_taper": (0.02, 0.04),
        "haunch": (0.0, 0.004),
        "belt_rise": (0.0, 0.01),
    },
}
"""Where a style differs from `COMMON`."""
SIZE_SHARE = 0.6
"""How much of a dimension follows from the car's overall size: long cars are wide, and tall vans have high windows."""
SINGLE_CAB_SHORTER_M = 0.60
OPEN_SHARE = 0.04
"""Share of cars of which something stands open."""


def sample_parameters(style: str, seed: int) -> CarParameters:
    """The car of that style and seed.

    Raises:
        SpecError: there is no such style.
    """
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
    if "tail_run" in values:  # of the rear window: it ends over the bumper, and the roof reaches back to it
        run = values.pop("tail_run")
        front = values["wheelbase"] / 2 - values["cowl_from_axle"] - values["screen_run"]
        values["roof_length"] = front + values["wheelbase"] / 2 + values["rear_overhang"] - run
        values["backlight_run"] = run - 0.09
    return CarParameters(**values, **families, **extra, **_openings(extra, stream_rng(seed, 0, "vehicle.openings")))


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
        "roof_rails": int(rng.random() < {"suv": 0.6, "wagon": 0.6}.get(style, 0.0)),
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
