"""What people wear, and in which colours; linear RGB."""

from dataclasses import dataclass

import numpy as np

from blender_scenes.occluders.thing import Rgb, one_of, shaded

SKINS: tuple[Rgb, ...] = (
    (0.58, 0.34, 0.25),
    (0.52, 0.30, 0.21),
    (0.40, 0.22, 0.14),
    (0.30, 0.155, 0.09),
    (0.16, 0.078, 0.042),
    (0.070, 0.034, 0.020),
)
HAIR: tuple[Rgb, ...] = (
    (0.010, 0.008, 0.007),
    (0.022, 0.013, 0.008),
    (0.050, 0.026, 0.013),
    (0.100, 0.055, 0.026),
    (0.260, 0.165, 0.075),
    (0.260, 0.250, 0.240),
    (0.140, 0.042, 0.015),
)
TOPS: tuple[Rgb, ...] = (
    (0.60, 0.59, 0.57),
    (0.35, 0.36, 0.37),
    (0.10, 0.105, 0.11),
    (0.018, 0.018, 0.020),
    (0.016, 0.028, 0.070),
    (0.05, 0.13, 0.32),
    (0.22, 0.33, 0.48),
    (0.33, 0.030, 0.028),
    (0.14, 0.020, 0.032),
    (0.03, 0.10, 0.055),
    (0.11, 0.115, 0.055),
    (0.50, 0.33, 0.06),
    (0.48, 0.20, 0.17),
    (0.46, 0.38, 0.27),
    (0.20, 0.11, 0.055),
    (0.16, 0.07, 0.19),
)
DENIM: tuple[Rgb, ...] = ((0.018, 0.030, 0.070), (0.045, 0.080, 0.160), (0.11, 0.17, 0.27), (0.016, 0.017, 0.020))
CHINOS: tuple[Rgb, ...] = (
    (0.30, 0.22, 0.13),
    (0.020, 0.021, 0.024),
    (0.085, 0.088, 0.092),
    (0.022, 0.028, 0.050),
    (0.09, 0.095, 0.055),
)
SHOES: tuple[Rgb, ...] = (
    (0.55, 0.54, 0.52),
    (0.015, 0.015, 0.016),
    (0.11, 0.055, 0.028),
    (0.05, 0.06, 0.10),
    (0.30, 0.30, 0.31),
)
SAFETY: tuple[Rgb, ...] = ((0.50, 0.75, 0.02), (0.85, 0.18, 0.01))
BAGS: tuple[Rgb, ...] = (
    (0.02, 0.02, 0.022),
    (0.04, 0.05, 0.09),
    (0.20, 0.10, 0.05),
    (0.25, 0.04, 0.04),
    (0.36, 0.30, 0.22),
)
COTTON = ("cloth", "cloth", "cloth", "knit", "stripes", "plaid")


@dataclass(frozen=True)
class Outfit:
    """The kinds of clothes; the finish of the top."""

    top: str
    bottom: str
    finish: str
    collar: str


def draw_outfit(woman: bool, rng: np.random.Generator) -> Outfit:
    """What one goes out in."""
    above = one_of(rng, ("tshirt", "tshirt", "shirt", "sweater", "hoodie", "jacket", "jacket", "open", "coat", "vest"))
    below = one_of(rng, ("jeans", "jeans", "jeans", "trousers", "trousers", "slim", "shorts"))
    if woman and rng.random() < 0.35 and above != "coat":
        below = "skirt"
    if above == "coat" and below == "shorts":
        below = "trousers"
    finish = one_of(rng, COTTON) if above in ("tshirt", "shirt") else "knit" if above == "sweater" else "cloth"
    around = {"tshirt": "band", "sweater": "band", "vest": "band", "hoodie": "hood"}.get(above, "collar")
    return Outfit(above, below, finish, around)


def draw_colours(outfit: Outfit, rng: np.random.Generator) -> dict[str, Rgb]:
    """A colour for each part, by the part's name."""
    skin, hair = one_of(rng, SKINS), one_of(rng, HAIR)
    if skin[0] < 0.3:
        hair = HAIR[int(rng.integers(2))]
    top = one_of(rng, SAFETY) if outfit.top == "vest" else shaded(one_of(rng, TOPS), rng)
    return {
        "skin": shaded(skin, rng, 0.08),
        "lips": (0.75 * skin[0], 0.55 * skin[1], 0.58 * skin[2]),
        "hair": shaded(hair, rng),
        "white": (0.24, 0.22, 0.21),
        "iris": (0.012, 0.009, 0.008),
        "top": top,
        "inner": shaded(one_of(rng, TOPS), rng),
        "bottom": shaded(one_of(rng, DENIM if outfit.bottom in ("jeans", "slim", "shorts") else CHINOS), rng),
        "shoe": shaded(one_of(rng, SHOES), rng),
        "sole": one_of(rng, ((0.55, 0.54, 0.51), (0.02, 0.02, 0.02))),
        "bag": shaded(one_of(rng, BAGS), rng),
        "hat": shaded(one_of(rng, TOPS), rng),
        "band": (0.62, 0.63, 0.64),
    }
