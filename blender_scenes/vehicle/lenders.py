"""Generated vehicles that lend their labels to models that have none."""

from collections.abc import Iterator, Mapping

from blender_scenes.vehicle.assemble import build_vehicle
from blender_scenes.vehicle.ranges import STYLES
from pipeline.propose_fit import Lender, lender_of
from pipeline.vehicle import LabelledMesh

SEEDS = (101, 102)
AT_REST: Mapping[str, float] = {
    "steer_deg": 0.0,
    "door_fl_deg": 0.0,
    "door_fr_deg": 0.0,
    "door_rl_deg": 0.0,
    "door_rr_deg": 0.0,
    "tailgate_deg": 0.0,
}


def usual_lenders() -> list[Lender]:
    """A few vehicles of each body style, all doors shut; half a second each."""
    return [lender_of(build_vehicle(style, seed, AT_REST).mesh) for style in STYLES for seed in SEEDS]


def one_of_each() -> Iterator[LabelledMesh]:
    """A vehicle of each body style, all doors shut; half a second each."""
    return (build_vehicle(style, SEEDS[0], AT_REST).mesh for style in STYLES)
