"""Colour as shaders take it."""

from pipeline.appearance import Rgb


def linear(rgb: Rgb) -> tuple[float, float, float]:
    """sRGB as the linear colour that shaders take (IEC 61966-2-1)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return red, green, blue
