"""How a vehicle's appearance is drawn from a spec."""

from collections.abc import Mapping

import numpy as np

from pipeline.appearance import Appearance, Rgb
from pipeline.paint import FINISHES, PAINTS, POPULAR, POPULARITY, RIMS, USUAL
from pipeline.plates import draw_plate
from pipeline.sampling import sample_fields
from pipeline.seeds import stream_rng
from pipeline.spec import AppearanceSpec

NEAR = 0.25
"""Paints nearer than this (sRGB) would not be told apart."""


def plan_appearance(group: AppearanceSpec, seed: int, index: int) -> Appearance:
    """The appearance of one shot: each field from a stream of its own."""

    def stream(name: str) -> np.random.Generator:
        return stream_rng(seed, index, f"appearance.{name}")

    drawn = sample_fields(group, seed, index, "appearance")
    name = _resolved(drawn["paint"], POPULAR, POPULARITY, stream("popular"))
    paint = _shade(name, drawn["paint_jitter"], stream("shade"))
    second_name = _resolved(drawn["second_paint"], POPULAR, POPULARITY, stream("second_popular"))
    plate, text = draw_plate(drawn["plate"], stream("plate_text"))
    return Appearance(
        paint_rgb=paint,
        paint_finish=_resolved(drawn["paint_finish"], USUAL, FINISHES[name], stream("usual_finish")),
        two_tone=drawn["two_tone"],
        second_rgb=_shade(second_name, drawn["paint_jitter"], stream("second_shade")),
        livery=drawn["livery"],
        livery_rgb=_contrast(paint, stream("livery_rgb")),
        dirt=drawn["dirt"],
        dust=drawn["dust"],
        rain=drawn["rain"],
        scratches=drawn["scratches"],
        glass_tint=drawn["glass_tint"],
        lamp_housing=drawn["lamp_housing"],
        rim_rgb=RIMS[drawn["rim"]],
        plate=plate,
        plate_text=text,
        lamps_on=drawn["lamps_on"],
        brakes_on=drawn["brakes_on"],
        indicators=drawn["indicators"],
        seed=int(stream("seed").integers(2**31)),
    )


def _resolved[T: str](name: T, group: str, shares: Mapping[T, float], rng: np.random.Generator) -> T:
    """The name itself, or one of `shares` where it stands for the group of them."""
    if name != group:
        return name
    weights = np.array(list(shares.values()))
    return list(shares)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def _shade(name: str, jitter: float, rng: np.random.Generator) -> Rgb:
    shades = PAINTS[name]
    shade = np.array(shades[int(rng.integers(len(shades)))])
    return _as_rgb(np.clip(shade + rng.normal(0.0, 1.0, 3) * jitter, 0.0, 1.0))


def _contrast(paint: Rgb, rng: np.random.Generator) -> Rgb:
    """A paint that can be told from the body's."""
    shades = np.array([shade for group in PAINTS.values() for shade in group])
    distinct = shades[np.linalg.norm(shades - np.array(paint), axis=1) > NEAR]
    return _as_rgb(distinct[int(rng.integers(len(distinct)))])


def _as_rgb(colour: np.ndarray) -> Rgb:
    red, green, blue = (round(float(channel), 6) for channel in colour)
    return red, green, blue
