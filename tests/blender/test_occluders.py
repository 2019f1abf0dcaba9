"""Occluders in rendered images: what they hide in the picture is what they hide in the labels."""

from pathlib import Path

import bpy
import numpy as np
import pytest
import yaml
from PIL import Image
from pycocotools import mask as coco_mask
from scipy.ndimage import binary_dilation, binary_erosion

from blender_scenes.camera import set_camera
from blender_scenes.occluders.add import set_occluders
from blender_scenes.occluders.cutout import make_cutout
from blender_scenes.occluders.library import MAKERS, thing_of
from blender_scenes.occluders.outline import opaque_triangles
from blender_scenes.occluders.stand import ground_height
from blender_scenes.occluders.thing import Thing
from blender_scenes.render import configure_cycles, render_image
from blender_scenes.surroundings.layout import Flat, Layout
from pipeline.annotate import annotate
from pipeline.camera import Camera, intrinsics_from_lens, look_at
from pipeline.check import check_dataset
from pipeline.errors import RenderError
from pipeline.generate import generate_dataset
from pipeline.keypoints import KeypointSchema
from pipeline.occluders_spec import OccluderDraw
from pipeline.record import read_record
from pipeline.render_spec import RenderSpec
from pipeline.spec import load_spec
from pipeline.vehicle import LabelledMesh
from pipeline.visibility import PosedVehicle, label_keypoints, view_scene

pytestmark = pytest.mark.blender
CAMERA = Camera(96, 72, intrinsics_from_lens(96, 72, 32), look_at([0.3, 6.0, 1.4], [0.1, 0.0, 0.85], 0.06))


def ring(folder: Path) -> Path:
    """A picture of a square frame with a hole, its left side half as thick as its right."""
    pixels = np.zeros((80, 60, 4), np.uint8)
    pixels[..., 0] = 220
    pixels[10:70, 5:55, 3] = 255
    pixels[25:55, 12:40, 3] = 0
    Image.fromarray(pixels).save(folder / "ring.png")
    return folder / "ring.png"


def emissive(colour: tuple[float, float, float]) -> bpy.types.Material:
    material = bpy.data.materials.new("emissive")
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    emission = nodes.new("ShaderNodeEmission")
    emission.inputs["Color"].default_value = (*colour, 1.0)
    links.new(emission.outputs[0], nodes.new("ShaderNodeOutputMaterial").inputs["Surface"])
    return material


def rendered_classes(mesh: LabelledMesh, thing: Thing, spot: tuple[tuple[float, float, float], float]) -> np.ndarray:
    """(H, W): 1 where the target is seen, 2 where the occluder is, 0 elsewhere; by emission."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    configure_cycles(scene, RenderSpec(samples=9, denoise=False, device="cpu"), threads=2)
    scene.view_settings.view_transform = "Raw"
    car = bpy.data.meshes.new("car")
    car.from_pydata(mesh.vertices.tolist(), [], mesh.triangles.tolist())
    car.materials.append(emissive((1.0, 0.0, 0.0)))
    scene.collection.objects.link(bpy.data.objects.new("car", car))
    set_occluders(scene, [thing], [spot])
    shown = next(o for o in scene.objects if o.name != "car")
    for slot in shown.material_slots:
        slot.material = emissive((0.0, 1.0, 0.0))
    set_camera(scene, CAMERA)
    image = render_image(scene, seed=1)
    return np.where(image[..., 1] > 127, 2, np.where(image[..., 0] > 127, 1, 0))


def away_from_edges(classes: np.ndarray) -> np.ndarray:
    """Pixels whose neighbours are all of their own class."""
    inner = [binary_erosion(classes == value, np.ones((3, 3)), border_value=1) for value in range(3)]
    return np.any(inner, axis=0)


@pytest.mark.parametrize("kind", [*MAKERS, "cutout"])
def test_what_is_rendered_before_the_target_is_what_its_mask_loses(
    kind: str, box_car: LabelledMesh, schema: KeypointSchema, tmp_path: Path
):
    draw = OccluderDraw(kind=kind, cover=0.4, near_camera=False, seed=7)
    thing = make_cutout(ring(tmp_path), 1.5) if kind == "cutout" else thing_of(draw)
    position, yaw = (0.35, 2.3, 0.0), 1.4
    turn = np.array([[np.cos(yaw), np.sin(yaw), 0], [-np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    placed = thing.shape.vertices @ turn + position
    target = PosedVehicle(box_car, np.eye(4))
    view = view_scene(CAMERA, (target,), ((placed, thing.shape.triangles),))
    seen = view.seen_triangles
    labelled = np.where(seen < 0, 0, np.where(view.owner[seen] == 0, 1, 2))
    rendered = rendered_classes(box_car, thing, (position, yaw))
    inner = away_from_edges(labelled)
    assert (labelled == rendered)[inner].mean() >= 0.995
    assert (labelled == rendered).mean() >= 0.96
    assert (labelled == 2).sum() > 10, "it is seen at all"
    mask = coco_mask.decode(annotate(view, schema)[0]["segmentation"]).astype(bool)
    assert ((rendered == 2) & inner)[mask].mean() < 0.005, "spokes are thinner than a pixel"
    labels = label_keypoints(view, 0, schema)
    for (x, y, v), reason in zip(labels.keypoints, labels.reasons, strict=True):
        if v and not binary_dilation(~inner)[int(y), int(x)] and reason in ("seen", "object"):
            assert rendered[int(y), int(x)] == (2 if reason == "object" else 1)


def test_through_the_hole_of_a_cutout_a_keypoint_is_seen(box_car: LabelledMesh, schema: KeypointSchema, tmp_path: Path):
    thing = make_cutout(ring(tmp_path), 1.5)
    door = schema.names.index("door_FL")
    camera = Camera(96, 72, CAMERA.intrinsics, look_at([0.1, 6.0, 0.9], [0.1, 0.0, 0.9]))
    seen = {}
    for shift in (-0.7, 0.0, 0.5):
        placed = thing.shape.vertices @ np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1.0]]) + [0.1 + shift, 2.0, 0.1]
        view = view_scene(camera, (PosedVehicle(box_car, np.eye(4)),), ((placed, thing.shape.triangles),))
        seen[shift] = label_keypoints(view, 0, schema).reasons[door]
    assert seen == {-0.7: "seen", 0.0: "seen", 0.5: "object"}


def test_the_outline_is_that_of_the_picture():
    alpha = np.zeros((20, 30))
    alpha[4:16, 6:24] = 1.0
    alpha[8:12, 10:14] = 0.0
    triangles = opaque_triangles(alpha)
    first, second = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    area = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]).sum() / 2
    assert area == pytest.approx(12 * 18 - 4 * 4, abs=3.0), "but for the corners, which are cut off"
    assert triangles.min(axis=(0, 1)).tolist() == [6.0, 4.0]
    assert triangles.max(axis=(0, 1)).tolist() == [24.0, 16.0]
    assert opaque_triangles(np.ones((3, 5))).max(axis=(0, 1)).tolist() == [5.0, 3.0], "up to the edge of the picture"


def test_two_pictures_keep_their_own_colours_up_to_the_edge(tmp_path: Path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for name, channel in (("red", 0), ("blue", 2)):
        pixels = np.zeros((8, 6, 4), np.uint8)
        pixels[2:6, 1:5, channel], pixels[2:6, 1:5, 3] = 200, 255
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    things = [make_cutout(tmp_path / f"{name}.png", 1.0) for name in ("red", "blue")]
    for _ in range(2):
        set_occluders(bpy.context.scene, things, [((0.0, 0.0, 0.0), 0.0), ((1.0, 0.0, 0.0), 0.0)])
    shown = [o for o in bpy.context.scene.objects if o.type == "MESH"]
    assert len(shown) == len(things)
    for item, colour in zip(shown, ((200 / 255, 0, 0), (0, 0, 200 / 255)), strict=True):
        image = next(n.image for n in item.data.materials[0].node_tree.nodes if n.type == "TEX_IMAGE")
        pixels = np.array(image.pixels[:]).reshape(-1, 4)
        np.testing.assert_allclose(pixels[:, :3], np.tile(colour, (len(pixels), 1)), atol=0.01)
    assert len(bpy.data.images) == 2, "those of the shot before are gone"


def test_a_picture_without_anything_in_it_is_told(tmp_path: Path):
    Image.fromarray(np.zeros((5, 5, 4), np.uint8)).save(tmp_path / "nothing.png")
    with pytest.raises(RenderError, match=r"nothing\.png: nothing in the picture is opaque"):
        make_cutout(tmp_path / "nothing.png", 1.0)


@pytest.mark.parametrize("kind", MAKERS)
def test_shapes_are_real_in_size_and_the_same_each_time(kind: str):
    sizes = {"person": 2.0, "pole": 7.5, "bin": 1.4, "plant": 2.2, "cone": 1.2, "bicycle": 1.3, "sign": 3.0}
    for seed in range(12):
        one, again = (MAKERS[kind](np.random.default_rng(seed)) for _ in range(2))
        np.testing.assert_array_equal(one.shape.vertices, again.shape.vertices)
        assert one.colours == again.colours
        low, high = one.shape.bounds
        assert -0.25 < low[2] < 0.06
        assert 0.45 < high[2] < sizes[kind]
        assert np.abs(one.shape.vertices[:, :2]).max() < 1.9
        assert len(one.shape.triangles) < 30_000
        assert {slot for slot in one.shape.slots if ":" in slot} <= set(one.colours)
        assert one.shape.triangles.max() < len(one.shape.vertices)
    assert len({tuple(MAKERS[kind](np.random.default_rng(s)).shape.bounds.ravel().round(4)) for s in range(12)}) > 2


def test_the_ground_is_as_high_as_the_flat_areas():
    square = np.array([[(0, 0, 0.1), (2, 0, 0.1), (2, 2, 0.1), (0, 2, 0.1)]])
    layout = Layout(flats=(Flat("grass", square), Flat("slabs", square[:, ::-1] + [1, 1, 0.02])))
    heights = [ground_height(layout, np.array(at)) for at in ((-1.0, 0.5), (0.5, 0.5), (1.5, 1.5))]
    assert heights == pytest.approx([0.0, 0.1, 0.12])


def test_a_dataset_with_occluders_is_sound_and_tells_of_them(tmp_path: Path):
    ring(tmp_path)
    spec = {
        "name": "hidden",
        "seed": 4,
        "images": 3,
        "image": {"width": 96, "height": 72, "format": "png"},
        "render": {"samples": 1, "denoise": False},
        "vehicles": {"views_per_vehicle": 3, "sources": [{"parametric": "hatchback"}]},
        "camera": {"azimuth_deg": {"uniform": [0, 360]}, "elevation_deg": 6, "fill": 0.7, "lens_mm": 40},
        "light": {"kind": "overcast"},
        "occluders": {
            "count": 2,
            "cover": 0.25,
            "kind": {"choice": ["person", "cutout", "bin"]},
            "cutouts": ".",
        },
    }
    (tmp_path / "hidden.yaml").write_text(yaml.safe_dump(spec), encoding="utf-8")
    generate_dataset(load_spec(str(tmp_path / "hidden.yaml")), tmp_path / "out", 1)
    records = [read_record(tmp_path / "out", index) for index in range(3)]
    stood = [one for record in records for one in record["occluders"]]
    assert len(stood) >= 4
    assert all(0 < one["hides"] <= 0.25 for one in stood)
    assert any(record["annotations"][0]["visible_fraction"] < 0.95 for record in records)
    assert "object" in {reason for record in records for reason in record["annotations"][0]["keypoint_reasons"]}
    assert {problem.severity for problem in check_dataset(tmp_path / "out")} <= {"warning"}, "three images are few"
