"""A surface with one colour per triangle as a GLB in memory, for a browser to show."""

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FLOAT, _BYTE = 5126, 5121
_EDGE_COSINE = 0.8
"""A vertex normal further than 37 degrees from its triangle's is across an edge."""


def surface_glb(vertices: NDArray[np.float64], triangles: NDArray[np.int64], rgb: NDArray[np.uint8]) -> bytes:
    """Vertices (V, 3) and triangles (T, 3) of sRGB colours (T, 3), matt, smooth, seen from both faces.

    The axes are kept: glTF says y is up, and whoever shows this says otherwise.
    """
    positions = np.ascontiguousarray(vertices[triangles].reshape(-1, 3), np.float32)
    normals = _corner_normals(vertices, triangles).astype(np.float32)
    colors = np.repeat(_linear_rgba(rgb), 3, axis=0)
    chunks = positions.tobytes(), normals.tobytes(), colors.tobytes()
    starts = np.cumsum([0, *map(len, chunks)]).tolist()
    scene: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "NORMAL": 1, "COLOR_0": 2}, "material": 0}]}],
        "materials": [{"doubleSided": True, "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.75}}],
        "buffers": [{"byteLength": starts[-1]}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": start, "byteLength": len(chunk)}
            for start, chunk in zip(starts, chunks, strict=False)
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
            {"bufferView": 1, "componentType": _FLOAT, "count": len(positions), "type": "VEC3"},
            {"bufferView": 2, "componentType": _BYTE, "normalized": True, "count": len(positions), "type": "VEC4"},
        ],
    }
    text = json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    binary = b"".join(chunks)
    body = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def _corner_normals(vertices: NDArray[np.float64], triangles: NDArray[np.int64]) -> NDArray[np.float64]:
    """Unit normals (3 T, 3): the vertex's mean where the surface is round, the triangle's own where it has an edge."""
    corners = vertices[triangles]
    weighted = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    at = triangles.ravel()
    mean = np.stack(
        [np.bincount(at, np.repeat(weighted[:, axis], 3), minlength=len(vertices)) for axis in range(3)], axis=1
    )
    smooth, flat = _unit(mean)[at], np.repeat(_unit(weighted), 3, axis=0)
    edge = np.einsum("cd,cd->c", smooth, flat) < _EDGE_COSINE
    return np.where(edge[:, None], flat, smooth)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vectors (N, 3) of length 1; up where they have none."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(lengths > 0, vectors / np.where(lengths > 0, lengths, 1.0), [0.0, 0.0, 1.0])


def _linear_rgba(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """sRGB (T, 3) as what glTF wants of vertex colours: linear light, opaque, (T, 4)."""
    srgb = rgb / 255.0
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    opaque = np.full((len(rgb), 1), 255)
    return np.concatenate([np.rint(linear * 255), opaque], axis=1).astype(np.uint8)
