"""What makes SUVs, pickups and vans stand taller than cars: nose, bonnet, grille, bumper, arches, cladding and steps.

Every other style draws nothing and keeps the plain form. Ranges are from photographs and data sheets of Toyota Hilux,
Fortuner and RAV4, Ford Ranger and Everest, Isuzu D-Max and MU-X, Mitsubishi Pajero Sport, Honda CR-V; Ford Transit,
VW Transporter, Mercedes Vito and Sprinter, Toyota HiAce.
"""

from collections.abc import Mapping

import numpy as np

PAINTED, LOWER_HALF, WHOLE = range(3)
"""How much of the bumpers is dark plastic."""
NO_STEP, TUBE, BOARD = range(3)

SPANS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "suv": {
        "nose_lift": (0.25, 0.75),
        "nose_square": (0.2, 0.9),
        "bonnet_bulge": (0.0, 0.022),
        "bumper_out": (0.0, 0.035),
        "intake_taller": (0.0, 0.06),
        "grille_taller": (0.02, 0.12),
        "grille_reach": (0.3, 1.0),
        "grille_frame": (0.0, 0.020),
        "arch_flare": (0.0, 0.028),
        "clad_out": (0.006, 0.014),
    },
    "pickup": {
        "nose_lift": (0.50, 0.90),
        "nose_square": (0.5, 1.0),
        "bonnet_bulge": (0.008, 0.030),
        "bumper_out": (0.015, 0.050),
        "intake_taller": (0.02, 0.08),
        "grille_taller": (0.06, 0.16),
        "grille_reach": (0.4, 1.0),
        "grille_frame": (0.005, 0.028),
        "arch_flare": (0.0, 0.045),
        "clad_out": (0.008, 0.022),
    },
    "van": {
        "nose_lift": (0.0, 0.35),
        "nose_square": (0.3, 1.0),
        "bonnet_bulge": (0.0, 0.010),
        "bumper_out": (0.010, 0.040),
        "intake_taller": (0.0, 0.06),
        "grille_taller": (0.0, 0.08),
        "grille_reach": (0.0, 0.9),
        "grille_frame": (0.0, 0.010),
        "arch_flare": (0.0, 0.010),
        "clad_out": (0.005, 0.010),
    },
    "minibus": {
        "nose_lift": (0.0, 0.30),
        "nose_square": (0.3, 1.0),
        "bonnet_bulge": (0.0, 0.006),
        "bumper_out": (0.010, 0.035),
        "intake_taller": (0.0, 0.05),
        "grille_taller": (0.0, 0.08),
        "grille_reach": (0.0, 0.9),
        "grille_frame": (0.0, 0.012),
        "arch_flare": (0.0, 0.008),
        "clad_out": (0.005, 0.010),
    },
}
DOOR_CLADDING: Mapping[str, tuple[float, float, float]] = {
    "suv": (0.6, 0.06, 0.17),
    "pickup": (0.25, 0.06, 0.14),
    "van": (0.15, 0.10, 0.20),
}
"""How many of a style have it, and from the door's lower edge upwards, metres: the least and the most."""
SHARES: Mapping[str, Mapping[str, tuple[float, ...]]] = {
    "suv": {
        "arch_cladding": (0.4, 0.6),
        "bumper_cover": (0.5, 0.5, 0.0),
        "fog_corner": (0.3, 0.7),
        "skid_plate": (0.45, 0.55),
        "side_step": (0.72, 0.08, 0.20),
    },
    "pickup": {
        "arch_cladding": (0.5, 0.5),
        "bumper_cover": (0.45, 0.35, 0.20),
        "fog_corner": (0.25, 0.75),
        "skid_plate": (0.55, 0.45),
        "side_step": (0.45, 0.25, 0.30),
    },
    "van": {
        "arch_cladding": (0.85, 0.15),
        "bumper_cover": (0.35, 0.15, 0.50),
        "fog_corner": (0.6, 0.4),
        "skid_plate": (1.0, 0.0),
        "side_step": (0.88, 0.04, 0.08),
    },
    "minibus": {
        "arch_cladding": (1.0, 0.0),
        "bumper_cover": (0.50, 0.20, 0.30),
        "fog_corner": (0.5, 0.5),
        "skid_plate": (1.0, 0.0),
        "side_step": (0.85, 0.0, 0.15),
    },
}
NAMES = (*SPANS["suv"], "door_cladding", *SHARES["suv"])


def draw_sturdy(style: str, rng: np.random.Generator) -> dict[str, float | int]:
    """Parameters of stance and cladding, drawn in this order; all nothing for a style that has none of it."""
    if style not in SPANS:
        return {name: 0 if name in SHARES["suv"] else 0.0 for name in NAMES}
    drawn: dict[str, float | int] = {name: float(rng.uniform(*span)) for name, span in SPANS[style].items()}
    share, low, high = DOOR_CLADDING.get(style, (0.0, 0.0, 0.0))
    has, tall = rng.random() < share, float(rng.uniform(low, high))
    drawn["door_cladding"] = tall if has else 0.0
    for name, shares in SHARES[style].items():
        drawn[name] = int(np.searchsorted(np.cumsum(shares)[:-1] / sum(shares), rng.random(), side="right"))
    return drawn
