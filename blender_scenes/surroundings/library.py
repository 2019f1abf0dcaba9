"""The shapes by name: a few variants of each, made once and then copied about."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from blender_scenes.surroundings.buildings import BUILDINGS
from blender_scenes.surroundings.plants import PLANTS
from blender_scenes.surroundings.shape import Shape
from blender_scenes.surroundings.street import FURNITURE
from blender_scenes.surroundings.terrain import TERRAIN
from blender_scenes.surroundings.walls import PANELS
from pipeline.seeds import stream_rng

MAKERS = {**BUILDINGS, **PANELS, **PLANTS, **FURNITURE, **TERRAIN}
VARIANTS = 4
"""Of each name; the same ones in every picture, told apart by size, turn and tint."""


@cache
def shape_of(name: str, variant: int) -> Shape:
    """One variant of one thing; the same each time.

    Raises:
        KeyError: there is no such thing.
    """
    return MAKERS[name](stream_rng(variant, 0, f"surroundings.shape.{name}"))


@cache
def bounds_of(name: str, variant: int) -> NDArray[np.float64]:
    """Its lowest and highest coordinates, (2, 3) metres."""
    return shape_of(name, variant).bounds
