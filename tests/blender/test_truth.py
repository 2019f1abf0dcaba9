"""The labels against the renderer itself: what Cycles draws must lie where the projection says."""

import bpy
import numpy as np
import pytest
from numpy.typing import NDArray

from blender_scenes.camera import set_camera
from blender_scenes.render import configure_cycles, render_image
from blender_scenes.vehicle import build_vehicle
from pipeline.camera import Camera, intrinsics_from_lens, look_at
from pipeline.keypoints import KeypointSchema
from pipeline.plan import CameraDraw
from pipeline.render_spec import RenderSpec
from pipeline.viewpoint import place_camera
from pipeline.visibility import KeypointLabels, PosedVehicle, label_keypoints, view_scene

pytestmark = pytest.mark.blender
LIT_LEVEL = 8
CAMERAS = {
    "wide, from the front left": (160, 120, 24, 35, 12, 0),
    "portrait, rolled": (120, 160, 50, 250, 25, 17),
    "tele, rolled the other way": (176, 112, 200, 130, 4, -33),
    "ultra wide, low, from the rear right": (160, 100, 16, 300, 1, 5),
    "from above": (128, 160, 35, 75, 70, 0),
}


def camera_of(name: str, points: NDArray) -> Camera:
    width, height, lens, azimuth, elevation, roll = CAMERAS[name]
    draw = CameraDraw(
        azimuth_deg=azimuth,
        elevation_deg=elevation,
        roll_deg=roll,
        lens_mm=lens,
        fill=0.85,
        shift_x=0.04,
        shift_y=-0.03,
    )
    return place_camera(draw, points, width, height)


def emitter(point: NDArray, radius: float, colour: tuple[float, float, float]) -> None:
    bpy.ops.mesh.primitive_uv_sphere_add(segments=16, ring_count=10, radius=radius, location=point.tolist())
    material = bpy.data.materials.new("emitter")
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    emission = nodes.new("ShaderNodeEmission")
    emission.inputs["Color"].default_value = (*colour, 1.0)
    links.new(emission.outputs[0], nodes.new("ShaderNodeOutputMaterial").inputs["Surface"])
    bpy.context.object.data.materials.append(material)


def dark_scene(samples: int) -> bpy.types.Scene:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    configure_cycles(scene, RenderSpec(samples=samples, denoise=False, device="cpu"), threads=2)
    scene.view_settings.view_transform = "Raw"
    return scene


def blob_centroid(channel: NDArray) -> NDArray:
    """Mean position, in pixels from the image's outer corner, of the light in a channel, by its strength."""
    light = np.where(channel > LIT_LEVEL, channel, 0).astype(float)
    rows, columns = np.indices(light.shape)
    return np.array([((columns + 0.5) * light).sum(), ((rows + 0.5) * light).sum()]) / light.sum()


@pytest.mark.parametrize("name", CAMERAS)
def test_an_emitter_at_each_keypoint_shines_where_the_projection_says(name: str, schema: KeypointSchema):
    mesh = build_vehicle("sedan", 5).mesh
    camera = camera_of(name, mesh.vertices)
    positions = [mesh.keypoint_position(k, camera.position) for k in schema.names]
    points = np.array([p for p in positions if p is not None])
    pixels, depth = camera.project(points)
    radius = 1.6 * depth / camera.intrinsics[0, 0]  # a blob of three pixels
    inside = (pixels > 4).all(axis=1) & (pixels < [camera.width - 4, camera.height - 4]).all(axis=1)
    assert inside.sum() >= 15
    errors = []
    for group in np.array_split(np.flatnonzero(inside), -(-int(inside.sum()) // 3)):
        scene = dark_scene(samples=16)
        set_camera(scene, camera)
        for number, colour in zip(group, np.eye(3), strict=False):
            emitter(points[number], radius[number], tuple(colour))
        image = render_image(scene, seed=1)
        for channel, number in enumerate(group):
            if any(np.linalg.norm(pixels[number] - pixels[o]) < 5 for o in group if o != number):
                continue  # one may stand before the other
            errors.append(np.linalg.norm(blob_centroid(image[..., channel]) - pixels[number]))
    assert len(errors) >= 12
    assert max(errors) < 0.5


def test_an_off_centre_principal_point_is_kept():
    intrinsics = intrinsics_from_lens(150, 110, 40)
    intrinsics[:2, 2] = [61.3, 70.9]
    camera = Camera(150, 110, intrinsics, look_at([4, 3, 2], [0, 0, 0.5], roll_rad=0.4))
    point = np.array([0.2, -0.1, 0.4])
    scene = dark_scene(samples=32)
    set_camera(scene, camera)
    emitter(point, 0.03, (1.0, 1.0, 1.0))
    pixels, _ = camera.project(point[None])
    assert np.linalg.norm(blob_centroid(render_image(scene, 1)[..., 1]) - pixels[0]) < 0.15


def depth_scene(scene: bpy.types.Scene, mesh_vertices: NDArray, triangles: NDArray, far: float) -> None:
    """The vehicle's triangles, each point as bright as it is far from the camera's plane."""
    data = bpy.data.meshes.new("vehicle")
    data.from_pydata(mesh_vertices.tolist(), [], triangles.tolist())
    scene.collection.objects.link(bpy.data.objects.new("vehicle", data))
    material = bpy.data.materials.new("depth")
    data.materials.append(material)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    emission = nodes.new("ShaderNodeEmission")
    scale = nodes.new("ShaderNodeMath")
    scale.operation = "DIVIDE"
    scale.inputs[1].default_value = far
    links.new(nodes.new("ShaderNodeCameraData").outputs["View Z Depth"], scale.inputs[0])
    links.new(scale.outputs[0], emission.inputs["Color"])
    links.new(emission.outputs[0], nodes.new("ShaderNodeOutputMaterial").inputs["Surface"])


def rendered_depth(mesh_vertices: NDArray, triangles: NDArray, camera: Camera, far: float) -> NDArray:
    scene = dark_scene(samples=1)
    scene.cycles.pixel_filter_type = "BOX"
    scene.cycles.filter_width = 0.01  # one ray through the middle of the pixel
    scene.render.image_settings.color_depth = "16"
    set_camera(scene, camera)
    depth_scene(scene, mesh_vertices, triangles, far)
    depth = render_deep(scene) / 65535.0 * far
    return np.where(depth == 0, far, depth)  # where nothing is, nothing hides


def render_deep(scene: bpy.types.Scene) -> NDArray:
    import tempfile
    from pathlib import Path

    import cv2

    with tempfile.TemporaryDirectory() as folder:
        scene.render.filepath = str(Path(folder) / "depth.png")
        bpy.ops.render.render(write_still=True)
        return cv2.imread(scene.render.filepath, cv2.IMREAD_UNCHANGED)[..., 0].astype(float)


def judge(depth: NDArray, labels: KeypointLabels, i: int, tolerance_m: float) -> bool | None:
    """Whether Cycles' depth at a keypoint agrees with its label; None on an edge, where a pixel's width decides."""
    x, y, v = labels.keypoints[i]
    around = depth[max(0, int(y) - 1) : int(y) + 2, max(0, int(x) - 1) : int(x) + 2]
    if np.ptp(around) > 0.08:
        return None
    return bool((around.mean() < labels.camera_m[i, 2] - tolerance_m - 0.02) == (v == 1))


def verdicts(style: str, schema: KeypointSchema, kind: str, cameras: list[str]) -> list[bool]:
    mesh = build_vehicle(style, 11).mesh
    found = []
    for name in cameras:
        camera = camera_of(name, mesh.vertices)
        labels = label_keypoints(view_scene(camera, (PosedVehicle(mesh, np.eye(4)),)), 0, schema)
        far = 2.0 * float(np.linalg.norm(camera.position)) + 5.0
        whole = rendered_depth(mesh.vertices, mesh.triangles, camera, far) if kind == "surface" else None
        for i, keypoint in enumerate(schema.keypoints):
            if keypoint.kind != kind or labels.keypoints[i, 2] == 0:
                continue
            depth = whole
            if depth is None:  # what a part hides is judged without that part
                own = [mesh.parts.index(part) for part in mesh.own_parts[keypoint.name]]
                others = mesh.triangles[~np.isin(mesh.triangle_part, own)]
                depth = rendered_depth(mesh.vertices, others, camera, far)
            verdict = judge(depth, labels, i, keypoint.tolerance_m + far / 65535)
            found += [] if verdict is None else [verdict]
    return found


@pytest.mark.slow
def test_visibility_of_surface_keypoints_agrees_with_a_depth_render(schema: KeypointSchema):
    """Wherever depth does not jump next to a keypoint, Cycles' own depth says whether something stands before it."""
    found = [v for style in ("sedan", "hatchback", "suv") for v in verdicts(style, schema, "surface", list(CAMERAS))]
    assert len(found) >= 90
    assert np.mean(found) >= 0.99


@pytest.mark.slow
def test_visibility_of_volume_keypoints_agrees_with_a_depth_render(schema: KeypointSchema):
    found = verdicts("sedan", schema, "volume", list(CAMERAS)[:3])
    assert len(found) >= 8
    assert np.mean(found) >= 0.99
