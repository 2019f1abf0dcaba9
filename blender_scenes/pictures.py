"""Pictures of ours as images of Blender's."""

import bpy
import numpy as np
from numpy.typing import NDArray


def as_image(name: str, picture: NDArray[np.uint8]) -> bpy.types.Image:
    """A picture (H, W, 3 or 4), uint8, top row first, in place of the last one of that name.

    A new image each time, made before the old one goes: Cycles keeps what it has read between renders, knows it by
    the image's address, and does not see new pixels.
    """
    height, width, channels = picture.shape
    old = bpy.data.images.get(name)
    if old is not None:
        old.name = f"{name}_old"
    rgba = np.ones((height, width, 4), dtype=np.float32)
    rgba[..., :channels] = picture[::-1] / np.float32(255)
    image = bpy.data.images.new(name, width, height, alpha=channels == 4)
    image.alpha_mode = "STRAIGHT"
    image.pixels.foreach_set(rgba.ravel())
    image.update()
    if old is not None:
        bpy.data.images.remove(old)
    return image
