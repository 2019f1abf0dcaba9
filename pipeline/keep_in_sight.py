"""Which of the vehicles around a target may stay: the target must be seen well enough."""

from collections.abc import Sequence

import numpy as np

from pipeline.camera import Camera
from pipeline.coarse_view import coarse_camera
from pipeline.raster import rasterize
from pipeline.visibility import PosedVehicle, view_scene


def others_to_keep(camera: Camera, target: PosedVehicle, others: Sequence[PosedVehicle], least: float) -> list[int]:
    """Numbers of the others that stay. The one that hides most of the target goes first, until at least `least` of
    what is in the frame of it is seen.
    """
    kept = list(range(len(others)))
    coarse = coarse_camera(camera)
    _, alone = rasterize(view_scene(coarse, (target,)).screen, coarse.width, coarse.height)
    silhouette = alone >= 0
    while kept:
        view = view_scene(coarse, (target, *(others[number] for number in kept)))
        _, seen = rasterize(view.screen, coarse.width, coarse.height)
        owner = np.where(seen >= 0, view.owner[seen], -1)[silhouette]
        if (owner == 0).sum() >= least * silhouette.sum():
            break
        hidden_by = np.bincount(owner[owner > 0] - 1, minlength=len(kept))
        kept.pop(int(hidden_by.argmax()))
    return kept
