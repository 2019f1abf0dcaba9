"""The occluders by kind."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from blender_scenes.occluders.bicycle import make_bicycle
from blender_scenes.occluders.bins import make_bin
from blender_scenes.occluders.cones import make_cone
from blender_scenes.occluders.cutout import make_cutout
from blender_scenes.occluders.person import make_person
from blender_scenes.occluders.poles import make_pole
from blender_scenes.occluders.potted import make_plant
from blender_scenes.occluders.signs import make_sign
from blender_scenes.occluders.thing import Thing
from pipeline.occluders_spec import OccluderDraw
from pipeline.seeds import stream_rng

MAKERS: Mapping[str, Callable[[np.random.Generator], Thing]] = {
    "person": make_person,
    "pole": make_pole,
    "bin": make_bin,
    "plant": make_plant,
    "cone": make_cone,
    "bicycle": make_bicycle,
    "sign": make_sign,
}


@lru_cache(maxsize=16)
def thing_of(draw: OccluderDraw) -> Thing:
    """What was drawn; the same each time."""
    if draw.picture is not None and draw.height_m is not None:
        return make_cutout(Path(draw.picture), draw.height_m)
    return MAKERS[draw.kind](stream_rng(draw.seed, 0, f"occluders.{draw.kind}"))
