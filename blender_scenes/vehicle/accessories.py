"""What is fitted to a car besides its body: which mirrors, antenna, roof load, tow bar, and how often."""

from collections.abc import Mapping

import numpy as np

from blender_scenes.vehicle.ranges import BOX_STYLES, PICKUP

ROUNDED, WEDGE, TALL, SLIM = range(4)
"""Housings of the door mirrors."""
NO_ANTENNA, FIN, WHIP_FRONT, WHIP_REAR = range(4)
NO_RAILS, RAISED, FLUSH = range(3)
NO_LOAD, BARS, BOX = range(3)
NO_SPOILER, LIP, DUCKTAIL, WING = range(4)
HIDDEN, SINGLE, TWIN, BOTH_SIDES = range(4)
BAR_HANDLE, FLAP_HANDLE, FLUSH_HANDLE = range(3)
IN_WINDOW, ON_LID = range(2)
"""Where the high stop lamp of a car with a boot lid is."""
MIRRORS: Mapping[str, tuple[float, ...]] = {
    "van": (0.1, 0.1, 0.8, 0.0),
    "minibus": (0.1, 0.1, 0.8, 0.0),
    "pickup": (0.4, 0.3, 0.3, 0.0),
    "coupe": (0.2, 0.4, 0.0, 0.4),
}
RAILS: Mapping[str, tuple[float, ...]] = {"suv": (0.35, 0.4, 0.25), "wagon": (0.3, 0.4, 0.3), "van": (0.9, 0.1, 0.0)}
LOADS: Mapping[str, tuple[float, ...]] = {
    "suv": (0.82, 0.12, 0.06),
    "wagon": (0.8, 0.12, 0.08),
    "hatchback": (0.94, 0.04, 0.02),
    "sedan": (0.95, 0.03, 0.02),
}
SPOILERS: Mapping[str, tuple[float, ...]] = {"sedan": (0.72, 0.22, 0.04, 0.02), "coupe": (0.4, 0.32, 0.16, 0.12)}
EXHAUSTS: Mapping[str, tuple[float, ...]] = {"coupe": (0.15, 0.25, 0.2, 0.4)}
TOW_BARS: Mapping[str, float] = {"suv": 0.2, "pickup": 0.35, "wagon": 0.18, "van": 0.15}
MUD_FLAPS: Mapping[str, float] = {"pickup": 0.5, "van": 0.25, "minibus": 0.3, "suv": 0.15}


def draw_accessories(style: str, rng: np.random.Generator) -> dict[str, float | int]:
    """Parameters of what is fitted, drawn in this order; every style draws them all."""

    def choice(shares: tuple[float, ...]) -> int:
        bounds = np.cumsum(shares)[:-1] / sum(shares)
        return int(np.searchsorted(bounds, rng.random(), side="right"))

    box = style in BOX_STYLES
    drawn: dict[str, float | int] = {
        "mirror_shape": choice(MIRRORS.get(style, (0.45, 0.4, 0.0, 0.15))),
        "antenna": choice((0.3, 0.45, 0.1, 0.15)),
        "roof_rails": choice(RAILS.get(style, (1.0, 0.0, 0.0))),
        "roof_load": choice(LOADS.get(style, (1.0, 0.0, 0.0))),
        "spoiler": choice(SPOILERS.get(style, (1.0, 0.0, 0.0, 0.0))),
        "spoiler_length": float(rng.uniform(0.08, 0.19)),
        "exhaust": choice(EXHAUSTS.get(style, (0.55, 0.3, 0.07, 0.08) if not box else (0.8, 0.2, 0.0, 0.0))),
        "tow_bar": int(rng.random() < TOW_BARS.get(style, 0.07)),
        "mud_flaps": int(rng.random() < MUD_FLAPS.get(style, 0.05)),
        "handle_kind": choice((0.6, 0.3, 0.1) if style != PICKUP else (0.5, 0.5, 0.0)),
        "stop_lamp": choice((0.7, 0.3)),
    }
    return drawn
