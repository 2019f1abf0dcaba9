"""A generated car written in each format by Blender and read again: its labels stay where they were."""

from collections.abc import Callable, Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest
import yaml

from blender_scenes.importers import add_model_reported, import_model
from blender_scenes.vehicle import Vehicle, build_vehicle
from blender_scenes.vehicle_objects import add_vehicle
from pipeline.errors import ModelError
from pipeline.vehicle import LabelledMesh

pytestmark = pytest.mark.blender

Y_UP = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
"""The rows of a file's axes in Blender's: x, z, -y."""
Writer = Callable[[Path], object]
WRITERS: dict[str, tuple[str, np.ndarray, float, Writer]] = {
    "blend": (".blend", np.eye(3), 1.0, lambda p: bpy.ops.wm.save_as_mainfile(filepath=str(p), copy=True)),
    "obj": (".obj", Y_UP, 1.0, lambda p: bpy.ops.wm.obj_export(filepath=str(p))),
    "obj_z_up": (
        ".obj",
        np.eye(3),
        1.0,
        lambda p: bpy.ops.wm.obj_export(filepath=str(p), forward_axis="Y", up_axis="Z"),
    ),
    "fbx": (".fbx", Y_UP, 0.01, lambda p: bpy.ops.export_scene.fbx(filepath=str(p))),
    "fbx_z_up": (
        ".fbx",
        np.eye(3),
        0.01,
        lambda p: bpy.ops.export_scene.fbx(filepath=str(p), axis_forward="Y", axis_up="Z"),
    ),
    "ply": (".ply", np.eye(3), 1.0, lambda p: bpy.ops.wm.ply_export(filepath=str(p), forward_axis="Y", up_axis="Z")),
    "stl": (
        ".stl",
        np.eye(3),
        0.001,
        lambda p: bpy.ops.wm.stl_export(filepath=str(p), forward_axis="Y", up_axis="Z", global_scale=1000),
    ),
    "usda": (".usda", np.eye(3), 1.0, lambda p: bpy.ops.wm.usd_export(filepath=str(p))),
    "usdc_cm": (
        ".usdc",
        Y_UP,
        0.01,
        lambda p: bpy.ops.wm.usd_export(
            filepath=str(p),
            convert_orientation=True,
            export_global_forward_selection="NEGATIVE_Z",
            export_global_up_selection="Y",
            convert_scene_units="CENTIMETERS",
        ),
    ),
    "usdz": (".usdz", np.eye(3), 1.0, lambda p: bpy.ops.wm.usd_export(filepath=str(p))),
    "glb": (".glb", Y_UP, 1.0, lambda p: bpy.ops.export_scene.gltf(filepath=str(p))),
}


@pytest.fixture(autouse=True)
def empty_scene() -> Iterator[None]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    yield
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.fixture(scope="module")
def car() -> Vehicle:
    # steered hubs are not quite mirror images, and the origin is where the hubs say
    return build_vehicle("sedan", 5, {"steer_deg": 0.0})


def labelled_points(car: Vehicle) -> dict[str, np.ndarray]:
    """The hubs, which say where the origin is, and of each other label one vertex: that is on the surface exactly."""
    return {
        name: car.mesh.place_positions(name)
        if name.startswith("wheel")
        else np.array([car.mesh.vertices[place[0]] for place in places])
        for name, places in car.mesh.labels.items()
    }


def write_model(car: Vehicle, kind: str, folder: Path) -> Path:
    """The car's model in that format, off the origin, with a label file that leaves out the frame."""
    suffix, turn, unit, writer = WRITERS[kind]
    path = folder / f"car{suffix}"
    add_vehicle(car)[0].location = (0.3, -0.2, 0.1)
    for image in list(bpy.data.images):  # made in memory: most formats would only refer to it
        bpy.data.images.remove(image)
    writer(path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    labels = {
        name: [{"at": (turn @ (point + (0.3, -0.2, 0.1)) / unit).tolist()} for point in points]
        for name, points in labelled_points(car).items()
    }
    sidecar = {"labels": labels, "max_snap_m": 0.001}
    path.with_suffix(".keypoints.yaml").write_text(yaml.safe_dump(sidecar), encoding="utf-8")
    return path


def assert_labels_survive(car: Vehicle, mesh: LabelledMesh) -> None:
    assert set(mesh.labels) == set(car.mesh.labels)
    for name, points in labelled_points(car).items():
        np.testing.assert_allclose(mesh.place_positions(name), points, atol=1e-3, err_msg=name)


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")  # Blender's own FBX exporter
@pytest.mark.parametrize("kind", WRITERS)
def test_labels_survive_every_format(kind: str, car: Vehicle, tmp_path: Path):
    path = write_model(car, kind, tmp_path)
    _, mesh, report = add_model_reported(path)
    assert report.found.frame.unit == pytest.approx(WRITERS[kind][2], rel=1e-5)
    assert_labels_survive(car, mesh)
    np.testing.assert_allclose(mesh.extent_m, car.mesh.extent_m, atol=1e-3)


def test_an_obj_whose_texture_is_missing(tmp_path: Path):
    (tmp_path / "car.obj").write_text("mtllib car.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl a\nf 1 2 3\n")
    (tmp_path / "car.mtl").write_text("newmtl a\nmap_Kd -s 1 1 1 paint work.png\nmap_Bump -bm 0.5 bump.png\n")
    with pytest.raises(ModelError, match=r"car\.obj: refers to files that are not there: paint work\.png, bump\.png$"):
        import_model(tmp_path / "car.obj")


def test_a_blend_whose_texture_is_missing(tmp_path: Path):
    mesh = bpy.data.meshes.new("m")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("body", mesh))
    material = bpy.data.materials.new("paint")
    mesh.materials.append(material)
    image = bpy.data.images.new("flakes", 4, 4)
    image.source, image.filepath = "FILE", str(tmp_path / "flakes.png")
    material.node_tree.nodes.new("ShaderNodeTexImage").image = image
    path = tmp_path / "car.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with pytest.raises(ModelError, match=r"car\.blend: refers to files that are not there: .*flakes\.png$"):
        import_model(path)
    assert not bpy.data.objects


def test_nothing_in_a_blend_file_is_run(tmp_path: Path):
    mark = tmp_path / "ran"
    text = bpy.data.texts.new("startup.py")
    text.write(f"open({str(mark)!r}, 'w')")
    text.use_module = True
    mesh = bpy.data.meshes.new("m")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    item = bpy.data.objects.new("body", mesh)
    bpy.context.scene.collection.objects.link(item)
    item.driver_add("location", 0).driver.expression = f"[open({str(mark)!r}, 'w'), 1.0][1]"
    path = tmp_path / "car.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    mark.unlink(missing_ok=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    import_model(path)
    assert not mark.exists()
    assert not bpy.data.texts


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("car.dae", r"import trimesh; trimesh\.load\('car\.dae'\)\.export\('car\.glb'\)"),
        ("car.skp", "SketchUp and export glTF"),
        ("car.STEP", "FreeCAD"),
        ("car.xyz", r"a \.xyz file is not read as a model; allowed: \.glb"),
    ],
)
def test_formats_that_are_not_read_say_how_to_convert(name: str, says: str, tmp_path: Path):
    (tmp_path / name).write_text("x")
    with pytest.raises(ModelError, match=says):
        import_model(tmp_path / name)


def test_a_blend_file_labels_itself_by_vertex_groups_and_empties(car: Vehicle, tmp_path: Path):
    add_vehicle(car)[0].location = (0.3, -0.2, 0.1)
    bpy.context.view_layer.update()
    shift = np.array((0.3, -0.2, 0.1))
    for name in car.mesh.labels:
        for point in car.mesh.place_positions(name):
            empty = bpy.data.objects.new(name, None)  # the second plate becomes license_plate.001
            empty.location = tuple(point + shift)
            bpy.context.scene.collection.objects.link(empty)
    paint = bpy.data.objects["akd_vehicle.paint"]
    paint.vertex_groups.new(name="roof").add([7], 1.0, "ADD")
    marked = np.array(paint.matrix_world @ paint.data.vertices[7].co) - shift
    path = tmp_path / "car.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _, mesh, report = add_model_reported(path)
    assert report.axes.startswith(
        "axes: forward +X (found from labels), up +Z (format); unit 1 m (format); ground z = "
    )
    assert set(mesh.labels) == set(car.mesh.labels)
    np.testing.assert_allclose(mesh.place_positions("roof")[0], marked, atol=1e-3)
    assert len(mesh.place_positions("license_plate")) == len(car.mesh.place_positions("license_plate"))
    np.testing.assert_allclose(mesh.place_positions("wheel_RL")[0], car.mesh.place_positions("wheel_RL")[0], atol=0.02)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    path.with_suffix(".keypoints.yaml").write_text(
        yaml.safe_dump(
            {"labels": {"roof": {"at": (car.mesh.place_positions("roof")[0] + shift).tolist()}}, "forward": "+X"}
        )
    )
    _, mesh, _ = add_model_reported(path)
    assert set(mesh.labels) == {"roof"}


def test_a_model_without_any_labels_says_where_they_can_be(tmp_path: Path):
    (tmp_path / "car.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    with pytest.raises(ModelError, match=r"car\.keypoints\.yaml: no such label file"):
        add_model_reported(tmp_path / "car.obj")
    assert not bpy.data.objects
