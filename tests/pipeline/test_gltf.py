"""glTF files that must be refused before Blender sees them, each with one clear line."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ModelError
from pipeline.gltf import check_gltf

SOUND: dict[str, Any] = {"asset": {"version": "2.0"}, "meshes": [{"primitives": []}]}


def glb(content: Any, kind: bytes = b"JSON") -> bytes:
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 4)
    return b"glTF" + struct.pack("<III", 2, 20 + len(text), len(text)) + kind + text


def write(path: Path, content: dict[str, Any]) -> Path:
    path.write_bytes(glb(content) if path.suffix == ".glb" else json.dumps(content).encode())
    return path


@pytest.mark.parametrize("name", ["car.glb", "car.gltf", "CAR.GLB"])
def test_sound_files_pass(name: str, tmp_path: Path):
    (tmp_path / "paint work.png").write_bytes(b"x")
    uris = [{"uri": "paint%20work.png"}, {"uri": "data:image/png;base64,AA=="}, {"bufferView": 0}]
    path = tmp_path / name
    content = {**SOUND, "images": uris}
    path.write_bytes(json.dumps(content).encode() if path.suffix == ".gltf" else glb(content))
    check_gltf(path)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"extensionsUsed": ["KHR_draco_mesh_compression"]},
            r"compressed with Draco .*; convert it: npx @gltf-transform/cli cp car\.gltf plain\.gltf",
        ),
        ({"extensionsUsed": ["EXT_meshopt_compression"]}, "compressed with meshopt .*; convert it: npx"),
        ({"extensionsUsed": ["KHR_texture_basisu"]}, "Basis Universal .*/cli ktxdecompress"),
        ({"images": [{}, {"uri": "paint.png"}]}, r"images\.1: .*paint\.png does not exist"),
        ({"buffers": [{"uri": "car.bin"}]}, r"buffers\.0: .*car\.bin does not exist"),
        ({"images": [{"uri": "../secret.png"}]}, r"images\.0: '\.\./secret\.png' leads out of the model's folder"),
        ({"images": [{"uri": "%2e%2e/secret.png"}]}, "leads out of the model's folder"),
        ({"images": [{"uri": "/etc/passwd"}]}, "leads out of the model's folder"),
        ({"images": [{"uri": "https://example.org/a.png"}]}, "is not a file; allowed: a path inside"),
        ({"images": [{"uri": "file:///etc/passwd"}]}, "is not a file; allowed: a path inside"),
        ({"meshes": []}, "holds no mesh"),
        ({"asset": {"version": "1.0"}}, r"is glTF version '1\.0'; allowed: 2\.x"),
        ({"asset": None}, "its JSON has no 'asset'"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], says: str, tmp_path: Path):
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(b"x")
    with pytest.raises(ModelError, match=says) as caught:
        check_gltf(write(folder / "car.gltf", {**SOUND, **changes}))
    assert "\n" not in str(caught.value)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path):
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(b"x")
    (folder / "paint.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(ModelError, match="leads out of the model's folder"):
        check_gltf(write(folder / "car.glb", {**SOUND, "images": [{"uri": "paint.png"}]}))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "does not begin with 'glTF'"),
        (b"solid cube\n" * 9, "does not begin with 'glTF'"),
        (glb(SOUND)[:30], r"is cut off: 30 of \d+ bytes"),
        (glb(SOUND, b"BIN\0"), "first chunk is not JSON"),
        (b"glTF" + struct.pack("<III", 1, 40, 20) + bytes(24), "is glTF version 1; allowed: 2"),
        (glb([1, 2]), "its JSON has no 'asset'"),
        (glb(SOUND).replace(b"{", b"["), "its JSON is damaged"),
    ],
)
def test_damaged_binaries(data: bytes, says: str, tmp_path: Path):
    path = tmp_path / "car.glb"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=says):
        check_gltf(path)
