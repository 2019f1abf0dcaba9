"""Which of the vehicles around a target may stay: the target must be seen well enough."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.camera import Camera
from pipeline.raster import rasterize
from pipeline.visibility import PosedVehicle, view_scene

COARSE_PX = 160
"""Longer side of the image in which it is decided."""


def others_to_keep(camera: Camera, target: PosedVehicle, others: Sequence[PosedVehicle], least: float) -> list[int]:
    """Numbers of the others that stay. The one that hides most of the target goes first, until at least `least` of
    what is in the frame of it is seen.
    """
    kept = list(range(len(others)))
    coarse = _coarse(camera)
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


def _coarse(camera: Camera) -> Camera:
    scale = min(1.0, COARSE_PX / max(camera.width, camera.height))
    width, height = (max(1, round(side * scale)) for side in (camera.width, camera.height))
    return replace(
        camera,
        distortion=None,
        width=width,
        height=height,
        intrinsics=np.diag([width / camera.width, height / camera.height, 1.0]) @ camera.intrinsics,
    )
