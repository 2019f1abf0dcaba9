"""Is a glTF file fit to be imported? Read from its JSON, before Blender sees it: an importer's failure says little."""

import json
import struct
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.errors import ModelError

MAGIC, VERSION, JSON_CHUNK = b"glTF", 2, b"JSON"
COMPRESSED = {
    "KHR_draco_mesh_compression": "Draco",
    "EXT_meshopt_compression": "meshopt",
    "KHR_meshopt_compression": "meshopt",
    "KHR_texture_basisu": "Basis Universal",
}
CONVERT = {"Draco": "cp", "meshopt": "cp", "Basis Universal": "ktxdecompress"}
"""The verb of gltf-transform that undoes the compression."""


def check_gltf(path: Path) -> None:
    """See that a .glb or .gltf file is whole, uncompressed, and that all files it refers to are in its folder.

    Raises:
        ModelError: it is not.
    """
    content = _read_json(path)
    for extension in _list(content, "extensionsUsed"):
        if isinstance(extension, str) and extension in COMPRESSED:
            raise ModelError(
                f"{path}: is compressed with {COMPRESSED[extension]} ({extension}), which is not read; "
                f"convert it: npx @gltf-transform/cli {CONVERT[COMPRESSED[extension]]} {path.name} plain{path.suffix}"
            )
    for kind in ("buffers", "images"):
        for number, entry in enumerate(_list(content, kind)):
            uri = entry.get("uri") if isinstance(entry, dict) else None
            if isinstance(uri, str) and not uri.startswith("data:"):
                _check_reference(path, uri, f"{kind}.{number}")
    if not content.get("meshes"):
        raise ModelError(f"{path}: holds no mesh")


def _list(content: dict[str, Any], key: str) -> list[Any]:
    value = content.get(key)
    return value if isinstance(value, list) else []


def _check_reference(path: Path, uri: str, where: str) -> None:
    folder = path.parent.resolve()
    if "\0" in unquote(uri) or urlsplit(uri).scheme or urlsplit(uri).netloc:
        raise ModelError(f"{path}: {where}: {uri!r} is not a file; allowed: a path inside {folder}")
    target = (folder / unquote(uri)).resolve()
    if not target.is_relative_to(folder):
        raise ModelError(f"{path}: {where}: {uri!r} leads out of the model's folder; allowed: a path inside {folder}")
    if not target.is_file():
        raise ModelError(f"{path}: {where}: {target} does not exist")


def _read_json(path: Path) -> dict[str, Any]:
    """The JSON of a .glb's first chunk, or of a .gltf."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from error
    text = _first_chunk(data, path) if path.suffix.lower() == ".glb" else data
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: is not glTF: its JSON is damaged") from error
    if not isinstance(content, dict) or not isinstance(content.get("asset"), dict):
        raise ModelError(f"{path}: is not glTF: its JSON has no 'asset'")
    if not str(content["asset"].get("version", "")).startswith(f"{VERSION}."):
        raise ModelError(f"{path}: is glTF version {content['asset'].get('version')!r}; allowed: {VERSION}.x")
    return content


def _first_chunk(data: bytes, path: Path) -> bytes:
    if len(data) < 20 or data[:4] != MAGIC:
        raise ModelError(f"{path}: is not a .glb file: it does not begin with {MAGIC.decode()!r}")
    version, total, length = struct.unpack_from("<III", data, 4)
    if version != VERSION:
        raise ModelError(f"{path}: is glTF version {version}; allowed: {VERSION}")
    if total > len(data) or 20 + length > len(data):
        raise ModelError(f"{path}: is cut off: {len(data)} of {total} bytes")
    if data[16:20] != JSON_CHUNK:
        raise ModelError(f"{path}: is not a .glb file: its first chunk is not JSON")
    return data[20 : 20 + length]
