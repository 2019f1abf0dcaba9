"""A small image in which it is decided who hides whom."""

from dataclasses import replace

import numpy as np

from pipeline.camera import Camera

COARSE_PX = 160
"""Its longer side."""


def coarse_camera(camera: Camera) -> Camera:
    """The same view with fewer pixels, and through a lens that bends nothing."""
    scale = min(1.0, COARSE_PX / max(camera.width, camera.height))
    width, height = (max(1, round(side * scale)) for side in (camera.width, camera.height))
    return replace(
        camera,
        distortion=None,
        width=width,
        height=height,
        intrinsics=np.diag([width / camera.width, height / camera.height, 1.0]) @ camera.intrinsics,
    )
