"""What a spec may say of a generated vehicle's shape: the parameters by name, and the limits of sense for each.

How a style's own values are drawn is the generator's business (blender_scenes/vehicle/ranges.py); these limits only
keep what a user sets from being no car at all. Metres, degrees, or shares; families are counted from 0.
"""

from collections.abc import Mapping

from pipeline.config import nearest
from pipeline.errors import SpecError

LIMITS: Mapping[str, tuple[float, float]] = {
    "wheelbase": (2.0, 4.5),
    "front_overhang": (0.55, 1.25),
    "rear_overhang": (0.45, 1.8),
    "width": (1.5, 2.15),
    "height": (1.2, 2.9),
    "clearance": (0.12, 0.40),
    "tyre_radius": (0.26, 0.45),
    "tyre_width": (0.155, 0.305),
    "rim_share": (0.55, 0.82),
    "belt_height": (0.80, 1.55),
    "belt_rise": (0.0, 0.15),
    "nose_height": (0.65, 1.25),
    "cowl_height": (0.85, 1.65),
    "cowl_from_axle": (-0.35, 0.70),
    "screen_run": (0.40, 1.05),
    "roof_length": (0.5, 5.5),
    "backlight_run": (0.05, 1.2),
    "boot_height": (0.90, 1.50),
    "tumblehome": (0.05, 0.50),
    "nose_taper": (0.03, 0.22),
    "tail_taper": (0.01, 0.15),
    "plan_bow": (0.05, 0.28),
    "flare": (0.0, 0.03),
    "scoop": (0.0, 0.05),
    "crease_drop": (0.05, 0.20),
    "crease_rise": (-0.05, 0.12),
    "catwalk": (0.015, 0.07),
    "haunch": (0.0, 0.04),
    "bonnet_crown": (0.015, 0.07),
    "bonnet_ridge": (0.0, 0.03),
    "boot_lip": (0.0, 0.04),
    "bumper_step": (0.0, 0.04),
    "doors": (2, 4),
    "lamp_family": (0, 3),
    "grille_family": (0, 5),
    "bumper_family": (0, 3),
    "rear_lamp_family": (0, 4),
    "rim_design": (0, 16),
    "lamp_height": (0.10, 0.30),
    "lamp_width": (0.30, 0.62),
    "grille_width": (0.25, 0.60),
    "grille_height": (0.08, 0.32),
    "plate_width": (0.30, 0.52),
    "blunt": (0.0, 1.0),
    "lamp_wrap": (0.03, 0.36),
    "pillar_slope": (-0.35, 0.55),
    "cladding": (0.03, 0.12),
    "glazing": (0, 2),
    "barn_doors": (0, 1),
    "rub_strip": (0, 1),
    "sunroof": (0, 1),
    "door_fl_deg": (0, 70),
    "door_fr_deg": (0, 70),
    "door_rl_deg": (0, 70),
    "door_rr_deg": (0, 70),
    "tailgate_deg": (0, 80),
    "steer_deg": (-30, 30),
    "mirror_shape": (0, 3),
    "antenna": (0, 3),
    "roof_rails": (0, 2),
    "roof_load": (0, 2),
    "spoiler": (0, 3),
    "spoiler_length": (0.06, 0.24),
    "exhaust": (0, 3),
    "tow_bar": (0, 1),
    "mud_flaps": (0, 1),
    "handle_kind": (0, 2),
    "stop_lamp": (0, 1),
    "grille_bars": (0, 3),
    "frame_chrome": (0, 2),
    "window_chrome": (0, 1),
    "handle_chrome": (0, 1),
    "steering_side": (-1, 1),
    "driver": (0, 1),
    "nose_lift": (0.0, 0.9),
    "nose_square": (0.0, 1.0),
    "bonnet_bulge": (0.0, 0.04),
    "bumper_out": (0.0, 0.06),
    "intake_taller": (0.0, 0.10),
    "grille_taller": (0.0, 0.20),
    "grille_reach": (0.0, 1.0),
    "grille_frame": (0.0, 0.04),
    "arch_flare": (0.0, 0.06),
    "clad_out": (0.0, 0.03),
    "door_cladding": (0.0, 0.25),
    "arch_cladding": (0, 1),
    "bumper_cover": (0, 2),
    "fog_corner": (0, 1),
    "skid_plate": (0, 1),
    "side_step": (0, 2),
}


def limits_of(name: str) -> tuple[float, float]:
    """The least and the greatest value that a parameter may have.

    Raises:
        SpecError: there is no such parameter.
    """
    if name not in LIMITS:
        raise SpecError(f"vehicle parameter {name!r} is not known; allowed: {nearest(name, tuple(LIMITS))}")
    return LIMITS[name]


def require_sensible(given: Mapping[str, float]) -> None:
    """Raise SpecError unless all are parameters, within their limits."""
    for name, value in given.items():
        low, high = limits_of(name)
        if not low <= value <= high:
            raise SpecError(f"vehicle parameter {name} must lie within {low:g}..{high:g}; got {value:g}")
