"""3D models that carry scripts, or refer to files that are none of their business."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.gltf import check_gltf
from pipeline.worker_process import ROOT

MAKE = """
import sys, bpy
from pathlib import Path
mark, out = sys.argv[1:]
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.mesh.primitive_cube_add()
cube = bpy.context.object
text = bpy.data.texts.new("hit.py")
text.write(f"open({mark!r} + '-text', 'w')")
text.use_module = True  # "Register": Blender runs it when the file is opened
for path in ("location", "rotation_euler"):
    cube.driver_add(path, 0).driver.expression = f"[open({mark!r} + '-driver', 'w'), 1.0][1]"
material = bpy.data.materials.new("m")
cube.data.materials.append(material)
material.driver_add("roughness").driver.expression = f"[open({mark!r} + '-material', 'w'), 1.0][1]"
bpy.ops.wm.save_as_mainfile(filepath=out)
"""
READ = """
import sys
import bpy
from pathlib import Path
from blender_scenes.importers import import_model
bpy.ops.wm.read_factory_settings(use_empty=True)
model = import_model(Path(sys.argv[1]))
bpy.context.view_layer.update()
bpy.context.scene.frame_set(2)
assert len(model.mesh.triangles) == 12
assert not bpy.data.texts
assert not bpy.context.preferences.filepaths.use_scripts_auto_execute
"""


def blender(code: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.blender
def test_a_blend_file_with_scripts_runs_none_of_them(tmp_path: Path):
    file, mark = tmp_path / "hostile.blend", tmp_path / "it-ran"
    blender(MAKE, str(mark), str(file))
    for leftover in tmp_path.glob("it-ran*"):  # what evaluating the drivers has made while the file was made
        leftover.unlink()
    blender(READ, str(file))
    assert not list(tmp_path.glob("it-ran*"))


@pytest.mark.parametrize(
    "uri", ["../secret.bin", "/etc/passwd", "http://evil.example/a.bin", "%2e%2e/secret.bin", "file:///etc/passwd"]
)
@pytest.mark.parametrize("kind", ["buffers", "images"])
def test_a_gltf_refers_to_nothing_outside_of_its_folder(tmp_path: Path, uri: str, kind: str):
    (tmp_path / "secret.bin").write_bytes(b"x")
    folder = tmp_path / "model"
    folder.mkdir()
    file = folder / "car.gltf"
    file.write_text(json.dumps({"asset": {"version": "2.0"}, "meshes": [{}], kind: [{"uri": uri}]}))
    with pytest.raises(ModelError, match=r"leads out of the model's folder|is not a file"):
        check_gltf(file)


def test_a_link_in_a_gltfs_folder_leads_nowhere_else(tmp_path: Path):
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret.bin").write_bytes(b"x")
    (folder / "a.bin").symlink_to(tmp_path / "secret.bin")
    file = folder / "car.gltf"
    file.write_text(json.dumps({"asset": {"version": "2.0"}, "meshes": [{}], "buffers": [{"uri": "a.bin"}]}))
    with pytest.raises(ModelError, match="leads out"):
        check_gltf(file)


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", '{"asset": 5}', '{"asset": {"version": "2.0"}, "buffers": 5}'])
def test_a_gltf_that_is_damaged_is_named(tmp_path: Path, text: str):
    file = tmp_path / "car.gltf"
    file.write_text(text)
    with pytest.raises(ModelError, match=r"car\.gltf"):
        check_gltf(file)
