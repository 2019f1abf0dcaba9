"""What is bolted on to a car, drawn from a stream of its own: another accessory changes nothing else of any car."""

from collections.abc import Mapping

import numpy as np

MIRROR_ROUNDED, MIRROR_WEDGE, MIRROR_TALL, MIRROR_STALK = range(4)
ANTENNA_NONE, ANTENNA_FIN, ANTENNA_REAR_WHIP, ANTENNA_FRONT_WHIP = range(4)
RAILS_NONE, RAILS_RAISED, RAILS_FLUSH = range(3)
LOAD_NONE, LOAD_BARS, LOAD_BOX = range(3)
SPOILER_NONE, SPOILER_SMALL, SPOILER_MIDDLE, SPOILER_LARGE = range(4)
"""On a boot lid a lip, a ducktail, a wing; on the roof's end ever longer ones."""
LAMP_IN_WINDOW, LAMP_ON_EDGE = range(2)
EXHAUST_HIDDEN, EXHAUST_SINGLE, EXHAUST_TWIN, EXHAUST_BOTH_SIDES = range(4)
FLAPS_NONE, FLAPS_REAR, FLAPS_ALL = range(3)
HANDLE_BAR, HANDLE_FLAP, HANDLE_FLUSH = range(3)

Shares = tuple[float, ...]

SHARES: Mapping[str, tuple[Shares, Mapping[str, Shares]]] = {
    "mirror_shape": (
        (0.45, 0.35, 0.0, 0.20),
        {
            "coupe": (0.25, 0.35, 0.0, 0.40),
            "suv": (0.45, 0.35, 0.15, 0.05),
            "pickup": (0.30, 0.25, 0.45, 0.0),
            "van": (0.15, 0.05, 0.80, 0.0),
            "minibus": (0.10, 0.0, 0.90, 0.0),
        },
    ),
    "antenna": (
        (0.0, 0.60, 0.28, 0.12),
        {
            "pickup": (0.0, 0.30, 0.20, 0.50),
            "van": (0.0, 0.15, 0.25, 0.60),
            "minibus": (0.0, 0.15, 0.25, 0.60),
        },
    ),
    "roof_rails": ((0.0, 0.60, 0.40), {"van": (0.0, 1.0, 0.0), "pickup": (0.0, 0.8, 0.2)}),
    "roof_load": (
        (0.95, 0.03, 0.02),
        {
            "wagon": (0.78, 0.12, 0.10),
            "suv": (0.78, 0.13, 0.09),
            "coupe": (1.0, 0.0, 0.0),
            "pickup": (0.94, 0.06, 0.0),
            "van": (0.85, 0.15, 0.0),
            "minibus": (0.93, 0.07, 0.0),
        },
    ),
    "spoiler": (
        (0.66, 0.20, 0.10, 0.04),
        {
            "coupe": (0.40, 0.28, 0.18, 0.14),
            "hatchback": (0.25, 0.40, 0.25, 0.10),
            "wagon": (0.35, 0.45, 0.20, 0.0),
            "suv": (0.25, 0.45, 0.25, 0.05),
            "pickup": (1.0, 0.0, 0.0, 0.0),
            "van": (1.0, 0.0, 0.0, 0.0),
            "minibus": (1.0, 0.0, 0.0, 0.0),
        },
    ),
    "stop_lamp": ((0.70, 0.30), {}),
    "exhaust": (
        (0.40, 0.36, 0.12, 0.12),
        {
            "coupe": (0.12, 0.23, 0.25, 0.40),
            "suv": (0.40, 0.33, 0.09, 0.18),
            "pickup": (0.35, 0.62, 0.03, 0.0),
            "van": (0.65, 0.35, 0.0, 0.0),
            "minibus": (0.65, 0.35, 0.0, 0.0),
        },
    ),
    "tow_bar": ((0.92, 0.08), {"suv": (0.80, 0.20), "pickup": (0.65, 0.35), "coupe": (0.99, 0.01)}),
    "mud_flaps": (
        (0.93, 0.04, 0.03),
        {
            "coupe": (1.0, 0.0, 0.0),
            "suv": (0.84, 0.06, 0.10),
            "pickup": (0.35, 0.20, 0.45),
            "van": (0.40, 0.30, 0.30),
            "minibus": (0.45, 0.30, 0.25),
        },
    ),
    "handle_kind": (
        (0.68, 0.22, 0.10),
        {
            "coupe": (0.50, 0.20, 0.30),
            "pickup": (0.60, 0.40, 0.0),
            "van": (0.65, 0.35, 0.0),
            "minibus": (0.65, 0.35, 0),
        },
    ),
}
"""How often each choice of an accessory is met, in general and on cars of some styles."""


def shares_of(name: str, style: str) -> Shares:
    """How often each choice is met on cars of that style; they sum to 1."""
    common, own = SHARES[name]
    return own.get(style, common)


def draw_equipment(style: str, rng: np.random.Generator) -> dict[str, int]:
    """One choice for each accessory: one number is drawn for each, whatever the style."""
    drawn = {name: rng.random() for name in SHARES}
    return {name: _choice(shares_of(name, style), at) for name, at in drawn.items()}


def _choice(shares: Shares, at: float) -> int:
    return int(min(np.searchsorted(np.cumsum(shares), at, side="right"), np.flatnonzero(shares)[-1]))
