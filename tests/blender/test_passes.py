"""What a render says of each pixel besides its colour, against a scene whose geometry is known."""

import bpy
import numpy as np
import pytest

from blender_scenes.camera import set_camera
from blender_scenes.passes import render_layers, render_sharp_layers
from blender_scenes.render import configure_cycles
from pipeline.background import Window
from pipeline.camera import Camera, look_at
from pipeline.errors import RenderError
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


def test_a_window_is_rendered_as_it_is_in_the_whole_picture_and_the_rest_is_black(scene: bpy.types.Scene):
    set_camera(scene, camera_at(6, 3, 2))
    bpy.ops.object.light_add(type="SUN", rotation=(0.9, 0.2, 0.3))
    scene.cycles.samples = 64  # the noise is not the same
    whole = render_layers(scene, 1, ()).image
    window = Window(left=20, top=5, right=47, bottom=31)
    part = render_sharp_layers(scene, 1, (), window).image
    inside = np.zeros((HEIGHT, WIDTH), bool)
    inside[5:31, 20:47] = True
    assert whole[inside].std() > 5
    assert np.abs(part[inside].astype(int) - whole[inside]).mean() < 0.5
    assert part[~inside].max() <= 1, "black, but for dithering"
    np.testing.assert_array_equal(render_layers(scene, 1, ()).image, whole)
    mapped = render_sharp_layers(scene, 1, ("depth",), window)
    np.testing.assert_array_equal(mapped.image, part)
    assert mapped.depth is not None
    np.testing.assert_array_equal(mapped.depth, render_layers(scene, 1, ("depth",)).depth)


def test_a_missing_library_is_named_before_blender_aborts(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("blender_scenes.passes.EGL", "libNoSuchEGL.so.1")
    with pytest.raises(
        RenderError, match=r"libNoSuchEGL\.so\.1 is missing; on Debian and Ubuntu: apt-get install libegl1"
    ):
        render_layers(scene, 1, ("depth",))
