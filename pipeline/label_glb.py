"""A surface with one colour per triangle as a GLB in memory, for a browser to show."""

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FLOAT, _BYTE = 5126, 5121


def surface_glb(corners: NDArray[np.float64], rgb: NDArray[np.uint8]) -> bytes:
    """Triangles (T, 3, 3) of sRGB colours (T, 3), matt, seen from both faces; no two share a vertex.

    The corners' axes are kept: glTF says y is up, and whoever shows this says otherwise.
    """
    positions = np.ascontiguousarray(corners.reshape(-1, 3), np.float32)
    colors = np.repeat(_linear_rgba(rgb), 3, axis=0)
    chunks = positions.tobytes(), colors.tobytes()
    scene: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "COLOR_0": 1}, "material": 0}]}],
        "materials": [{"doubleSided": True, "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.75}}],
        "buffers": [{"byteLength": sum(map(len, chunks))}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": len(chunks[0])},
            {"buffer": 0, "byteOffset": len(chunks[0]), "byteLength": len(chunks[1])},
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": _FLOAT,
                "count": len(positions),
                "type": "VEC3",
                "min": positions.min(axis=0).tolist(),
                "max": positions.max(axis=0).tolist(),
            },
            {"bufferView": 1, "componentType": _BYTE, "normalized": True, "count": len(positions), "type": "VEC4"},
        ],
    }
    text = json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    binary = b"".join(chunks)
    body = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def _linear_rgba(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """sRGB (T, 3) as what glTF wants of vertex colours: linear light, opaque, (T, 4)."""
    srgb = rgb / 255.0
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    opaque = np.full((len(rgb), 1), 255)
    return np.concatenate([np.rint(linear * 255), opaque], axis=1).astype(np.uint8)
