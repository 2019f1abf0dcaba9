"""A user's model: what Blender renders and what the labels are computed from must be the same thing."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest
import trimesh
import yaml
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Matrix, Vector

from blender_scenes.camera import set_camera
from blender_scenes.importers import add_model, add_model_reported, import_model
from blender_scenes.turntable import turntable
from pipeline.camera import Camera, look_at
from pipeline.check_model import check_labelled_mesh, measure_model
from pipeline.errors import ModelError
from pipeline.keypoints import KeypointSchema
from pipeline.raster import project_triangles, rasterize
from pipeline.vehicle import LabelledMesh
from tests.conftest import ROOT

pytestmark = pytest.mark.blender
LABELLED = sorted((ROOT / "tests" / "data").glob("*.keypoints.yaml"))
RED = (200, 20, 20, 255)


@pytest.fixture(autouse=True)
def empty_scene() -> Iterator[None]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    yield
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.fixture
def tiny_car(tmp_path: Path) -> Path:
    """A GLB in the glTF frame (+Y up, +Z forward, +X left), 4 m long, in nodes that turn, scale and nest."""
    scene = trimesh.Scene()
    paint = trimesh.visual.material.PBRMaterial(baseColorFactor=RED, metallicFactor=0.0, roughnessFactor=0.9)
    body = trimesh.creation.box(extents=(18.0, 12.0, 40.0))
    body.visual = trimesh.visual.TextureVisuals(material=paint)
    place = trimesh.transformations.translation_matrix((0.05, 0.9, 0.1)) @ np.diag([0.1, 0.1, 0.1, 1.0])
    scene.add_geometry(body, node_name="body", geom_name="body", transform=place)
    tyre = trimesh.creation.cylinder(radius=0.3, height=0.2, sections=12)
    for name, (x, z) in {"FL": (0.9, 1.4), "FR": (-0.8, 1.4), "RL": (0.9, -1.3), "RR": (-0.8, -1.3)}.items():
        turn = trimesh.transformations.rotation_matrix(np.pi / 2, (0, 1, 0))
        if name == "RR":  # mirrored, as exporters do with the other side
            turn = turn @ np.diag([1.0, 1.0, -1.0, 1.0])
        turn[:3, 3] = (x, 0.3, z)
        scene.add_geometry(tyre, node_name=f"tyre_{name}", geom_name="tyre", transform=turn)
    nested = trimesh.transformations.rotation_matrix(0.3, (1, 0, 0))
    nested[:3, 3] = (0.0, 0.1, 0.05)
    scene.add_geometry(
        trimesh.creation.icosphere(subdivisions=1, radius=0.04),
        node_name="badge",
        parent_node_name="tyre_FL",
        transform=nested,
    )
    path = tmp_path / "tiny.glb"
    path.write_bytes(scene.export(file_type="glb"))
    labels = {
        "wheel_FL": {"at": [1.0, 0.3, 1.4], "object": "tyre_FL"},
        "wheel_FR": {"at": [-0.9, 0.3, 1.4]},
        "wheel_RL": {"at": [1.0, 0.3, -1.3]},
        "wheel_RR": {"at": [-0.9, 0.3, -1.3]},
        "roof": {"at": [0.05, 1.5, 0.3]},
        "door_FL": {"at": [0.95, 1.1, 0.6]},
    }
    sidecar = {"up": "+Y", "forward": "+Z", "labels": labels}
    path.with_suffix(".keypoints.yaml").write_text(yaml.safe_dump(sidecar))
    return path


def oblique_camera() -> Camera:
    intrinsics = np.array([[310.0, 0, 151.0], [0, 310.0, 88.0], [0, 0, 1]])
    return Camera(320, 200, intrinsics, look_at((6.0, 4.0, 2.5), (0.1, 0.0, 0.6), roll_rad=0.2))


def blender_vertices(objects: list[bpy.types.Object]) -> np.ndarray:
    """World vertices of the evaluated meshes, in the order of the labelled mesh: objects by name."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    found = []
    for item in objects:
        if item.type == "MESH":
            world = np.array(item.evaluated_get(depsgraph).matrix_world)
            local = np.array([v.co for v in item.evaluated_get(depsgraph).data.vertices])
            found.append(local @ world[:3, :3].T + world[:3, 3])
    return np.concatenate(found)


def assert_same_in_blender(objects: list[bpy.types.Object], mesh: LabelledMesh) -> None:
    rendered = blender_vertices(objects)
    np.testing.assert_allclose(rendered, mesh.vertices[: len(rendered)], atol=1e-5)
    camera, scene = oblique_camera(), bpy.context.scene
    set_camera(scene, camera)
    bpy.context.view_layer.update()
    some = rendered[:: max(1, len(rendered) // 50)]
    views = np.array([world_to_camera_view(scene, scene.camera, Vector(v)) for v in some])
    in_blender = np.column_stack([views[:, 0] * camera.width, (1 - views[:, 1]) * camera.height])
    ours, _ = camera.project(mesh.vertices[: len(rendered)][:: max(1, len(rendered) // 50)])
    np.testing.assert_allclose(in_blender, ours, atol=0.01)


def test_arrays_are_in_the_files_own_frame(tiny_car: Path):
    model = import_model(tiny_car)
    expected = trimesh.load_scene(tiny_car)
    assert set(model.mesh.parts) == {"body", "tyre_FL", "tyre_FR", "tyre_RL", "tyre_RR", "badge"}
    for number, name in enumerate(model.mesh.parts):
        transform, geometry = expected.graph[name]
        corners = expected.geometry[geometry].copy().apply_transform(transform)
        mine = model.mesh.vertices[model.mesh.part_start[number] : model.mesh.part_start[number + 1]]
        np.testing.assert_allclose(np.sort(mine, axis=0), np.sort(corners.vertices, axis=0), atol=1e-5)
        area = trimesh.Trimesh(model.mesh.vertices, model.mesh.triangles[model.mesh.triangle_part == number]).area
        assert area == pytest.approx(corners.area, rel=1e-4)


def test_the_tiny_car_is_the_same_in_blender_and_in_the_arrays(tiny_car: Path):
    objects, mesh = add_model(tiny_car)
    assert_same_in_blender(objects, mesh)
    assert_names_are_where_they_should_be(mesh)
    np.testing.assert_allclose(mesh.extent_m, (4.0, 1.9, 1.5), atol=1e-5)


def assert_names_are_where_they_should_be(mesh: LabelledMesh) -> None:
    positions = {name: mesh.place_positions(name)[0] for name in mesh.labels}
    np.testing.assert_allclose(positions["wheel_FL"], (1.35, 0.95, 0.3), atol=1e-5)
    np.testing.assert_allclose(positions["wheel_RR"], (-1.35, -0.95, 0.3), atol=1e-5)
    np.testing.assert_allclose(positions["roof"], (0.25, 0.0, 1.5), atol=1e-5)
    np.testing.assert_allclose(positions["door_FL"], (0.55, 0.9, 1.1), atol=1e-5)


def test_the_parent_moves_everything(tiny_car: Path):
    objects, mesh = add_model(tiny_car)
    world = np.eye(4)
    world[:3] = look_at((3.0, -2.0, 1.0), (1.0, 4.0, 0.5), roll_rad=0.4)[:3]
    objects[0].matrix_world = Matrix(world.tolist())
    bpy.context.view_layer.update()
    moved = blender_vertices(objects)
    np.testing.assert_allclose(moved, mesh.vertices[: len(moved)] @ world[:3, :3].T + world[:3, 3], atol=1e-5)


def test_a_second_copy_has_the_same_names(tiny_car: Path):
    first_objects, first = add_model(tiny_car)
    names = [item.name for item in first_objects]
    _, second = add_model(tiny_car)
    assert second.parts == first.parts
    assert second.own_parts == first.own_parts
    assert [item.name for item in first_objects] == names


def test_the_turntable_shows_the_model_where_its_triangles_are(tiny_car: Path):
    objects, mesh = add_model(tiny_car)
    pictures = turntable(objects, mesh, views=[(40, 15), (200, 30)], size=(96, 64), samples=1)
    assert len(pictures) == 2
    for image, camera in pictures:
        assert image.shape == (64, 96, 3)
        screen = project_triangles(camera, mesh.vertices, mesh.triangles)
        _, seen = rasterize(screen, camera.width, camera.height)
        body = np.isin(mesh.triangle_part[seen], [mesh.parts.index("body")]) & (seen >= 0)
        redness = image[..., 0].astype(int) - image[..., 2]
        assert np.median(redness[body]) > 40
        assert np.median(redness[seen < 0]) < 15


def test_lights_and_cameras_of_the_file_do_not_come_along(tiny_car: Path):
    bpy.ops.import_scene.gltf(filepath=str(tiny_car))
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("lamp", bpy.data.lights.new("lamp", "POINT")))
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("eye", bpy.data.cameras.new("eye")))
    lit = tiny_car.with_name("lit.glb")
    bpy.ops.export_scene.gltf(filepath=str(lit), export_lights=True, export_cameras=True)
    assert b"KHR_lights_punctual" in lit.read_bytes()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    import_model(lit)
    assert {item.type for item in bpy.data.objects} <= {"MESH", "EMPTY"}


def test_what_cannot_be_imported(tiny_car: Path, tmp_path: Path):
    (tmp_path / "car.obj").write_text("v 0 0 0\n")
    with pytest.raises(ModelError, match=r"car\.obj: holds no surface"):
        import_model(tmp_path / "car.obj")
    with pytest.raises(ModelError, match="no such model file"):
        import_model(tmp_path / "none.glb")
    with pytest.raises(ModelError, match="no such label file"):
        add_model(tiny_car, tmp_path / "none.yaml")


def test_a_file_that_blender_stumbles_over(tmp_path: Path):
    primitive = {"attributes": {"POSITION": 7}}
    content = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
    }
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 4)
    path = tmp_path / "broken.glb"
    path.write_bytes(b"glTF" + struct.pack("<III", 2, 20 + len(text), len(text)) + b"JSON" + text)
    with pytest.raises(ModelError, match=r"broken\.glb: Blender cannot import it: \w+") as caught:
        import_model(path)
    assert "\n" not in str(caught.value)
    assert not bpy.data.objects


def test_a_label_that_does_not_fit_leaves_the_scene_empty(tiny_car: Path):
    sidecar = tiny_car.with_suffix(".keypoints.yaml")
    sidecar.write_text(yaml.safe_dump({"up": "+Y", "forward": "+Z", "labels": {"roof": {"at": [0, 2.5, 0]}}}))
    with pytest.raises(ModelError, match=r"labels\.roof: .* is 1\.000 m from the nearest surface"):
        add_model(tiny_car)
    assert not bpy.data.objects


@pytest.mark.parametrize("sidecar", LABELLED, ids=lambda path: path.name.split(".")[0])
def test_the_labelled_models_are_sound(sidecar: Path, shared_data: Path, schema: KeypointSchema):
    model = shared_data / "vehicles" / sidecar.name.replace(".keypoints.yaml", ".glb")
    objects, mesh, report = add_model_reported(model, sidecar)
    assert_same_in_blender(objects, mesh)
    assert report.worst[1] < 0.002
    assert report.origin.startswith("x: wheels, y: wheels")
    measures = measure_model(mesh, schema)
    assert check_labelled_mesh(mesh, schema, measures) == []
    assert min(measures.seen_from.values()) > 0.1, "a roof under luggage is seen least"
    inside = {k.name for k in schema.keypoints if k.kind == "volume"} & set(mesh.labels)
    wheels = {name for name in inside if name.startswith("wheel")}
    assert wheels <= set(mesh.own_parts) <= inside, "a mirror may be of one piece with the body"
