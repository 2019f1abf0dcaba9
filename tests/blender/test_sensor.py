"""The lens against the renderer: what Cycles draws, seen through our lens, lies where the labels say."""

from pathlib import Path
from typing import Any

import bpy
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from blender_scenes.camera import set_camera, set_focus
from blender_scenes.render import render_image
from blender_scenes.vehicle import build_vehicle
from blender_scenes.worker import start
from pipeline.annotate import annotate
from pipeline.camera import Camera
from pipeline.config import parse_config
from pipeline.dataset_folder import open_dataset
from pipeline.images import Image, read_image
from pipeline.keypoints import KeypointSchema
from pipeline.record import read_record
from pipeline.sensor import develop, sensor_margin, through_lens
from pipeline.sensor_spec import SensorDraw, SensorSpec
from pipeline.spec import DatasetSpec
from pipeline.visibility import PosedVehicle, view_scene
from pipeline.worker_loop import WorkerOptions
from tests.blender.test_truth import blob_centroid, camera_of, dark_scene, emitter

pytestmark = pytest.mark.blender
LENSES = {"barrel": {"k1": -0.25, "k2": 0.02}, "pincushion": {"k1": 0.2, "k2": 0.1}}
VIEWS = ("wide, from the front left", "portrait, rolled")


def draw(**effects: Any) -> SensorDraw:
    return SensorDraw(**(SensorSpec().model_dump() | {"jpeg_quality": 0, "seed": 5} | effects))


def taken(scene: bpy.types.Scene, camera: Camera, lens: SensorDraw) -> Image:
    """The scene as `camera` sees it through its lens."""
    set_camera(scene, sensor_margin(camera, lens).rendered(camera))
    return develop(render_image(scene, seed=1), lens, camera)


@pytest.mark.parametrize("name", LENSES)
@pytest.mark.parametrize("view", VIEWS)
def test_an_emitter_shines_through_the_lens_where_the_projection_says(view: str, name: str, schema: KeypointSchema):
    mesh = build_vehicle("sedan", 5).mesh
    lens = draw(**LENSES[name])
    plain = camera_of(view, mesh.vertices)
    camera = through_lens(plain, lens)
    positions = [mesh.keypoint_position(k, camera.position) for k in schema.names]
    points = np.array([p for p in positions if p is not None])
    (pixels, depth), (without, _) = camera.project(points), plain.project(points)
    inside = (pixels > 6).all(axis=1) & (pixels < [camera.width - 6, camera.height - 6]).all(axis=1)
    farthest = np.argsort(-np.linalg.norm(pixels - without, axis=1) * inside)[:3]
    assert np.linalg.norm(pixels - without, axis=1)[farthest].min() > 0.5, "the lens moves what is looked at"
    for number in farthest:
        scene = dark_scene(samples=64)
        emitter(points[number], 1.6 * depth[number] / camera.intrinsics[0, 0], (1.0, 1.0, 1.0))
        found = blob_centroid(taken(scene, camera, lens)[..., 1])
        assert np.linalg.norm(found - pixels[number]) < 0.15


def white_vehicle(scene: bpy.types.Scene, vertices: NDArray, triangles: NDArray) -> None:
    data = bpy.data.meshes.new("vehicle")
    data.from_pydata(vertices.tolist(), [], triangles.tolist())
    scene.collection.objects.link(bpy.data.objects.new("vehicle", data))
    material = bpy.data.materials.new("white")
    data.materials.append(material)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    links.new(nodes.new("ShaderNodeEmission").outputs[0], nodes.new("ShaderNodeOutputMaterial").inputs["Surface"])


@pytest.mark.parametrize("name", LENSES)
@pytest.mark.parametrize("view", VIEWS)
def test_the_silhouette_through_the_lens_is_the_mask(view: str, name: str, schema: KeypointSchema):
    mesh = build_vehicle("pickup", 3).mesh
    lens = draw(**LENSES[name])
    plain = camera_of(view, mesh.vertices)
    camera = through_lens(plain, lens)
    scene = dark_scene(samples=32)
    white_vehicle(scene, mesh.vertices, mesh.triangles)
    seen = taken(scene, camera, lens)[..., 1] > 127
    masks = [mask_of(c, mesh, schema) for c in (camera, plain)]
    edge = cv2.morphologyEx(masks[0].astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(bool)
    wrong = [(seen != mask).sum() for mask in masks]
    assert wrong[0] < 0.1 * edge.sum(), "thin things apart, only pixels that an edge halves"
    assert wrong[0] < 0.25 * wrong[1], "and far fewer than without the lens"


def mask_of(camera: Camera, mesh: Any, schema: KeypointSchema) -> NDArray[np.bool_]:
    (found,) = annotate(view_scene(camera, (PosedVehicle(mesh, np.eye(4)),)), schema)
    return coco_mask.decode(found["segmentation"]).astype(bool)


@pytest.mark.parametrize("name", ["none", *LENSES])
def test_out_of_focus_is_as_large_as_the_aperture_says(name: str):
    """The thin lens: a circle f A |1/focus - 1/depth| across, f in pixels and A = lens / f-number in metres."""
    lens = draw(f_number=1.4, **LENSES.get(name, {}))
    camera = through_lens(Camera(160, 120, np.array([[900.0, 0, 80], [0, 900.0, 60], [0, 0, 1]]), np.eye(4)), lens)
    lens_mm, focus, depth = 900.0 / 160 * 36, 4.0, 8.0
    scene = dark_scene(samples=256)
    emitter(np.array([0.0, 0.0, depth]), 0.03, (3.0, 3.0, 3.0))
    set_camera(scene, sensor_margin(camera, lens).rendered(camera))
    set_focus(scene, lens.f_number, lens_mm, focus)
    image = develop(render_image(scene, seed=1), lens, camera)[..., 1]
    bright = np.median(image[56:64, 76:84])
    assert 40 < bright < 250
    across = 2 * np.sqrt((image > bright / 2).sum() / np.pi)
    expected = 900.0 * lens_mm / 1000 / lens.f_number * abs(1 / focus - 1 / depth)
    assert expected > 15
    assert across == pytest.approx(expected, rel=0.06)


@pytest.mark.slow
def test_a_shot_with_a_sensor_is_made_whole(tmp_path: Path):
    spec = parse_config(
        {
            "name": "lens",
            "seed": 3,
            "images": 1,
            "image": {"width": 96, "height": 64, "format": "png"},
            "render": {"samples": 1, "denoise": False, "device": "cpu"},
            "vehicles": {"sources": [{"parametric": "sedan"}]},
            "sensor": {"k1": -0.2, "noise_iso": 1600, "chromatic_aberration_px": 1, "f_number": 2},
        },
        DatasetSpec,
        "lens",
    )
    open_dataset(tmp_path / "d", spec)
    _, render = start(WorkerOptions(tmp_path / "d", tmp_path / "log", 0, 2, 1, 1e9, 60.0))
    assert render(0)["render"] > 0
    record = read_record(tmp_path / "d", 0)
    assert read_image(tmp_path / "d" / "images" / "000000.png").shape == (64, 96, 3)
    assert record["camera"]["distortion"] == pytest.approx([-0.2 * (50 / 36) ** 2, 0, 0, 0, 0])
    assert record["shot"]["sensor"]["noise_iso"] == 1600
    assert record["annotations"]
