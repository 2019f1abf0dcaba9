"""An occluder as plain data: its mesh, and what its surfaces look like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blender_scenes.surroundings.shape import Shape

type Rgb = tuple[float, float, float]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Thing:
    """A shape that stands on z = 0 at the origin, its front along +x; metres.

    A slot named "FINISH:PART" has that finish (`blender_scenes.occluders.materials`) in the colour given for the slot;
    any other slot is a material of the surroundings.

    Attributes:
        shape: the mesh.
        colours: of slots; linear RGB.
        tint: what the surroundings' materials take for the object's own colour.
        picture: for the slot "picture", a PNG file with alpha.
        uv: (V, 2) where in the picture each vertex lies, from its lower left corner.
    """

    shape: Shape
    colours: Mapping[str, Rgb] = field(default_factory=dict)
    tint: Rgb = (0.1, 0.16, 0.04)
    picture: Path | None = None
    uv: Array | None = None


def one_of[T](rng: np.random.Generator, values: Sequence[T]) -> T:
    """Any of them."""
    return values[int(rng.integers(len(values)))]


def shaded(colour: Rgb, rng: np.random.Generator, spread: float = 0.15) -> Rgb:
    """The colour, a little lighter or darker, and each channel a little off."""
    factor = float(rng.uniform(1 - spread, 1 + spread))
    r, g, b = (float(np.clip(c * factor * rng.uniform(0.95, 1.05), 0.0, 1.0)) for c in colour)
    return r, g, b
