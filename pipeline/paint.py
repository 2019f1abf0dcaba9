"""Car paints by name: representative sRGB colours, to be jittered per shot.

Shares of new cars worldwide (Axalta Global Automotive Color Popularity Report 2023, BASF Color Report 2023, rounded):
white 35 %, black 20 %, grey 18 %, silver 8 %, blue 8 %, red 5 %, all others 6 %.
"""

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
RIMS: dict[str, tuple[float, float, float]] = {
    "silver": (0.75, 0.75, 0.76),
    "dark": (0.25, 0.25, 0.27),
    "black": (0.03, 0.03, 0.03),
    "white": (0.90, 0.90, 0.90),
}
PLATES: dict[str, tuple[float, float, float]] = {
    "white": (0.92, 0.92, 0.92),
    "yellow": (0.92, 0.72, 0.10),
    "black": (0.04, 0.04, 0.04),
    "blue": (0.10, 0.22, 0.55),
    "blank": (0.75, 0.72, 0.72),
}
