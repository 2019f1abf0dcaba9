"""A shot's occluders, made, given their places and put into the scene."""

from collections.abc import Sequence
from functools import partial

import bpy
import numpy as np
from numpy.typing import NDArray

from blender_scenes.occluders.add import set_occluders
from blender_scenes.occluders.library import thing_of
from blender_scenes.surroundings.clearance import MAX_STEP_M
from blender_scenes.surroundings.layout import Layout
from pipeline.camera import Camera
from pipeline.place_occluders import Placed, place_occluders
from pipeline.plan import Shot
from pipeline.visibility import PosedVehicle


def stand_occluders(
    shot: Shot, camera: Camera, vehicles: Sequence[PosedVehicle], layout: Layout, least: float
) -> list[Placed]:
    """Replace the occluders of the shot before by this one's, between the camera and the first vehicle.

    They stand on kerbs where the place has such, and in nothing of it; at least `least` of the target stays seen.
    """
    things = [thing_of(draw) for draw in shot.occluders]
    meshes = [(thing.shape.vertices, thing.shape.triangles) for thing in things]
    placed = place_occluders(
        camera,
        vehicles[0],
        vehicles[1:],
        list(zip(shot.occluders, meshes, strict=True)),
        least,
        [item.footprint() for item in layout.items if item.top() > MAX_STEP_M + 0.01],
        partial(ground_height, layout),
    )
    spots = [((float(p.position[0]), float(p.position[1]), float(p.position[2])), p.yaw) for p in placed]
    set_occluders(bpy.context.scene, [things[p.number] for p in placed], spots)
    return placed


def ground_height(layout: Layout, at: NDArray[np.float64]) -> float:
    """How high the ground of a place is at (2,): that of the highest of the flat areas that lie there, or 0."""
    highest = 0.0
    for flat in layout.flats:
        corners = flat.corners[..., :2]
        edge, to = np.roll(corners, -1, axis=1) - corners, at - corners
        turn = edge[..., 0] * to[..., 1] - edge[..., 1] * to[..., 0]
        inside = (turn >= 0).all(axis=1) | (turn <= 0).all(axis=1)
        highest = max([highest, *flat.corners[inside, :, 2].max(axis=1, initial=0.0).tolist()])
    return highest
