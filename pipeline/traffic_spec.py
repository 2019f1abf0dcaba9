"""Other vehicles in the scene: what the dataset spec says of them, and what is drawn."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.appearance import Appearance
from pipeline.config import Config
from pipeline.distributions import Name, NameChoice, Number, one_of, within

ARRANGEMENTS = ("none", "parking", "street", "scattered")
USUAL_STYLES = NameChoice(
    choice=("sedan", "suv", "hatchback", "wagon", "coupe", "pickup", "van", "minibus"),
    weights=(6, 6, 5, 2, 1, 3, 2, 1),
)
Slot = Literal["left", "right", "ahead", "behind"]


class TrafficSpec(Config):
    """Generated vehicles around the target, each labelled as an instance of its own.

    `parking` sets them side by side, `street` in lanes, `scattered` anywhere around. One that would hide the target
    so far that less than `target_visible` of it is seen is taken away. Of those that stay, what is seen to less than
    `crowd_below` is marked iscrowd: neither training nor evaluation counts it for or against.
    """

    arrangement: Annotated[Name, one_of(*ARRANGEMENTS)] = "none"
    vehicles: Annotated[Number, within(0, 8)] = 2.0
    styles: Name = USUAL_STYLES
    gap_m: Annotated[Number, within(0.3, 20)] = 1.0
    target_visible: Annotated[float, Field(gt=0, le=1)] = 0.5
    crowd_below: Annotated[float, Field(ge=0, le=1)] = 0.12


class TrafficDraw(Config):
    """One other vehicle: where it stands relative to the one before it on the same side of the target.

    Attributes:
        slot: on which side of the target.
        gap_m: free space to what it stands next to.
        offset_m: along the slot's other direction.
        turn_deg: from the target's heading, counterclockwise.
    """

    style: str
    seed: int
    appearance: Appearance
    slot: Slot
    gap_m: float
    offset_m: float
    turn_deg: float

    @property
    def id(self) -> str:
        """Which vehicle it is."""
        return f"{self.style}-{self.seed}"
