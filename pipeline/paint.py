"""Car paints by name: representative sRGB colours, to be jittered per shot, how common they are and how they shine."""

from collections.abc import Mapping

from pipeline.appearance import Finish

POPULAR = "popular"
"""A paint's name in a spec: drawn by `POPULARITY`."""
USUAL = "usual"
"""A finish's name in a spec: drawn by `FINISHES` of the paint."""

PAINTS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "white": ((0.93, 0.93, 0.92), (0.88, 0.88, 0.86), (0.95, 0.95, 0.96)),
    "black": ((0.02, 0.02, 0.02), (0.04, 0.04, 0.05), (0.06, 0.05, 0.05)),
    "grey": ((0.33, 0.34, 0.36), (0.22, 0.23, 0.25), (0.45, 0.46, 0.47)),
    "silver": ((0.70, 0.71, 0.72), (0.62, 0.63, 0.65), (0.76, 0.76, 0.75)),
    "blue": ((0.05, 0.15, 0.42), (0.10, 0.32, 0.62), (0.04, 0.08, 0.20), (0.35, 0.52, 0.70)),
    "red": ((0.60, 0.03, 0.04), (0.42, 0.02, 0.04), (0.75, 0.08, 0.05)),
    "green": ((0.06, 0.22, 0.13), (0.25, 0.33, 0.22), (0.30, 0.55, 0.20)),
    "brown": ((0.30, 0.20, 0.13), (0.42, 0.31, 0.20)),
    "beige": ((0.72, 0.66, 0.55), (0.62, 0.56, 0.45)),
    "yellow": ((0.88, 0.68, 0.06), (0.93, 0.80, 0.20)),
    "orange": ((0.85, 0.34, 0.05), (0.72, 0.26, 0.06)),
    "purple": ((0.26, 0.10, 0.30),),
}
POPULARITY: Mapping[str, float] = {
    "white": 35,
    "black": 20,
    "grey": 18,
    "silver": 8,
    "blue": 8,
    "red": 5,
    "green": 2,
    "brown": 1.5,
    "beige": 1,
    "orange": 0.7,
    "yellow": 0.6,
    "purple": 0.2,
}
"""Shares of new cars worldwide, %: Axalta Global Automotive Color Popularity Report 2023 and BASF Color Report 2023,
rounded; they give the rare ones together as 6 %, divided here."""
# what the paint makers' ranges offer: silver without flakes is grey, and white hides them, so that it is solid or pearl
FINISHES: Mapping[str, Mapping[Finish, float]] = {
    "white": {"solid": 55, "pearl": 40, "matte": 2, "metallic": 3},
    "black": {"metallic": 50, "solid": 35, "pearl": 10, "matte": 5},
    "grey": {"metallic": 70, "solid": 15, "pearl": 10, "matte": 5},
    "silver": {"metallic": 1},
    "blue": {"metallic": 65, "pearl": 20, "solid": 13, "matte": 2},
    "red": {"pearl": 35, "metallic": 35, "solid": 29, "matte": 1},
    "green": {"metallic": 55, "solid": 25, "pearl": 15, "matte": 5},
    "brown": {"metallic": 80, "pearl": 18, "matte": 2},
    "beige": {"metallic": 70, "solid": 25, "pearl": 5},
    "orange": {"metallic": 50, "pearl": 25, "solid": 25},
    "yellow": {"solid": 75, "pearl": 20, "metallic": 5},
    "purple": {"metallic": 60, "pearl": 40},
}
RIMS: dict[str, tuple[float, float, float]] = {
    "silver": (0.75, 0.75, 0.76),
    "dark": (0.25, 0.25, 0.27),
    "black": (0.03, 0.03, 0.03),
    "white": (0.90, 0.90, 0.90),
}
