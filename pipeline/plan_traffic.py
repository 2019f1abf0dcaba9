"""How other vehicles are drawn from a spec: which ones per target vehicle, where they stand per shot."""

from typing import get_args

from pipeline.plan_appearance import plan_appearance
from pipeline.sampling import sample
from pipeline.seeds import stream_rng
from pipeline.spec import DatasetSpec
from pipeline.traffic_spec import Slot, TrafficDraw

SLOTS: dict[str, tuple[Slot, ...]] = {
    "parking": ("left", "right"),
    "street": ("ahead", "behind", "left", "left", "right"),
    "scattered": get_args(Slot),
}
OFFSET_M = {"parking": 0.45, "street": 4.0, "scattered": 3.0}
IN_LANE_M = 0.35
"""Offset of those that stand before or behind the target in its lane."""
TURN_DEG = {"parking": 2.5, "street": 1.5, "scattered": 180.0}
TURNED_ROUND = {"parking": 0.35, "street": 0.0, "scattered": 0.0}
"""Share of vehicles that stand the other way round; in a street it is those of the next lane, all of them."""
LANE_GAP_M = 1.3


def plan_traffic(spec: DatasetSpec, number: int, index: int) -> tuple[TrafficDraw, ...]:
    """The other vehicles of a shot. Shots of one target vehicle (`number`) share them, so that they are built once."""
    group = spec.traffic

    def drawn(name: str) -> float:
        return float(sample(getattr(group, name), stream_rng(spec.seed, index, f"traffic.{name}")))

    arrangement = str(sample(group.arrangement, stream_rng(spec.seed, index, "traffic.arrangement")))
    if arrangement == "none":
        return ()
    return tuple(_one(spec, number, index, arrangement, k) for k in range(round(drawn("vehicles"))))


def _one(spec: DatasetSpec, number: int, index: int, arrangement: str, k: int) -> TrafficDraw:
    rng = stream_rng(spec.seed, number, f"traffic.vehicle.{k}")
    style, seed = str(sample(spec.traffic.styles, rng)), int(rng.integers(2**31))
    place = stream_rng(spec.seed, index, f"traffic.place.{k}")
    slots = SLOTS[arrangement]
    slot = slots[int(place.integers(len(slots)))]
    turn = float(place.normal(0.0, 1.0)) * TURN_DEG[arrangement]
    gap = float(sample(spec.traffic.gap_m, place))
    if place.random() < TURNED_ROUND[arrangement]:
        turn += 180.0
    if arrangement == "street" and slot == "left":  # they come towards it
        turn, gap = turn + 180.0, gap + LANE_GAP_M
    in_lane = arrangement == "street" and slot in ("ahead", "behind")
    offset = IN_LANE_M if in_lane else OFFSET_M[arrangement]
    appearance = plan_appearance(spec.appearance, int(stream_rng(spec.seed, k, "traffic.looks").integers(2**31)), index)
    return TrafficDraw(
        style=style,
        seed=seed,
        appearance=appearance,
        slot=slot,
        gap_m=round(gap, 4),
        offset_m=round(float(place.uniform(-1, 1)) * offset, 4),
        turn_deg=round(turn % 360.0, 3),
    )
