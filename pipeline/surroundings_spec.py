"""What stands around the vehicle, as a spec says it and as it was drawn."""

from typing import Annotated

from pipeline.config import Config
from pipeline.distributions import Name, Number, one_of, within
from pipeline.sampling import sample_fields
from pipeline.seeds import stream_rng

PLACES = ("none", "street", "parking", "suburb", "country", "yard")


class SurroundingsSpec(Config):
    """The kind of place, and how full of things it is.

    `density` is the share of the room for buildings, trees and furniture that is taken; `distance_m` is from the
    vehicle's box to the nearest row of buildings, walls or trees. `none`: only the ground and the light.
    """

    place: Annotated[Name, one_of(*PLACES)] = "none"
    density: Annotated[Number, within(0, 1)] = 0.7
    distance_m: Annotated[Number, within(1.5, 60)] = 7.0


class SurroundingsDraw(Config):
    """What was drawn from `SurroundingsSpec`; `seed` is for the layout."""

    place: str = "none"
    density: float = 0.0
    distance_m: float = 7.0
    seed: int = 0


def plan_surroundings(group: SurroundingsSpec, seed: int, index: int) -> SurroundingsDraw:
    """The surroundings of one shot, from streams of their own; where there is nothing, nothing else is told."""
    values = sample_fields(group, seed, index, "surroundings")
    if values["place"] == "none":
        return SurroundingsDraw()
    return SurroundingsDraw(**values, seed=int(stream_rng(seed, index, "surroundings.seed").integers(2**31)))
