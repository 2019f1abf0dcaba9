"""Pictures of ours as images of Blender's."""

import bpy
import numpy as np
from numpy.typing import NDArray


def as_image(name: str, picture: NDArray[np.uint8]) -> bpy.types.Image:
    """A picture (H, W, 3 or 4), uint8, top row first, in place of the last one of that name.

    Each material needs a name of its own for its picture: several vehicles may be in a scene.

    Between renders Cycles keeps the pixels it has read, and knows them by the image's address. So each picture is a
    new image, and the last one stays until the next but one: no address that Cycles may still know is used again.
    """
    height, width, channels = picture.shape
    last, outdated = bpy.data.images.get(name), bpy.data.images.get(f"{name}_last")
    if outdated is not None:
        bpy.data.images.remove(outdated)
    if last is not None:
        last.name = f"{name}_last"
    rgba = np.ones((height, width, 4), dtype=np.float32)
    rgba[..., :channels] = picture[::-1] / np.float32(255)
    image = bpy.data.images.new(name, width, height, alpha=channels == 4)
    image.alpha_mode = "STRAIGHT"
    image.pixels.foreach_set(rgba.ravel())
    image.update()
    return image
