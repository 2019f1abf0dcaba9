"""What a render says of each pixel besides its colour, against a scene whose geometry is known."""

import bpy
import numpy as np
import pytest

from blender_scenes.camera import set_camera
from blender_scenes.passes import render_layers
from blender_scenes.render import configure_cycles
from pipeline.camera import Camera, look_at
from pipeline.render_spec import RenderSpec

WIDTH, HEIGHT = 60, 40


def camera_at(x: float, y: float, z: float) -> Camera:
    intrinsics = np.array([[60.0, 0, WIDTH / 2], [0, 60.0, HEIGHT / 2], [0, 0, 1]])
    return Camera(WIDTH, HEIGHT, intrinsics, look_at((x, y, z), (0, 0, 0)))


@pytest.fixture
def scene() -> bpy.types.Scene:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.mesh.primitive_cube_add(size=2)
    found = bpy.context.scene
    configure_cycles(found, RenderSpec(samples=1), threads=1)
    return found


def test_depth_is_along_the_axis_and_normals_are_the_worlds(scene: bpy.types.Scene):
    set_camera(scene, camera_at(6, 0, 0))
    layers = render_layers(scene, 1, ("depth", "normal"))
    assert layers.depth is not None
    assert layers.normal is not None
    assert layers.image.shape == (HEIGHT, WIDTH, 3)
    # the face at x = 1 is 5 m before the camera and 2 m wide: 24 pixels
    face = np.zeros((HEIGHT, WIDTH), bool)
    face[20 - 11 : 20 + 11, 30 - 11 : 30 + 11] = True
    np.testing.assert_allclose(layers.depth[face], 5, atol=1e-4)
    np.testing.assert_allclose(layers.normal[face], [[1, 0, 0]] * face.sum(), atol=1e-3)
    assert np.isinf(layers.depth[0]).all()
    assert not layers.normal[0].any()


def test_the_picture_is_the_same_with_and_without_passes(scene: bpy.types.Scene):
    set_camera(scene, camera_at(6, 3, 2))
    layers = [render_layers(scene, 1, wanted) for wanted in ((), ("depth",), ())]
    assert layers[0].depth is None
    np.testing.assert_array_equal(layers[0].image, layers[1].image)
    np.testing.assert_array_equal(layers[0].image, layers[2].image)
    assert not bpy.data.node_groups
