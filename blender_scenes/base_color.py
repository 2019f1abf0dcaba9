"""What a model's triangles look like without light: base colours, from values and from pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

GREY = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class TriangleLooks:
    """Materials of triangles, in the order in which `importers` joins objects.

    Attributes:
        names: of the materials; the last is "" for triangles without one.
        material: (T,) index into `names`.
        rgb: (T, 3) uint8 sRGB.
    """

    names: tuple[str, ...]
    material: NDArray[np.int64]
    rgb: NDArray[np.uint8]


def triangle_materials(objects: Sequence[bpy.types.Object]) -> TriangleLooks:
    """The materials of all triangles that a render shows."""
    names = tuple(material.name for material in bpy.data.materials)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    index: list[NDArray] = [np.zeros(0, dtype=np.int64)]
    rgb: list[NDArray] = [np.zeros((0, 3), dtype=np.uint8)]
    for item in objects:
        if item.type != "MESH" or item.hide_render:
            continue
        evaluated = item.evaluated_get(depsgraph)
        data = evaluated.to_mesh()
        slots = [names.index(m.name) if m else len(names) for m in data.materials] or [len(names)]
        slot = np.empty(len(data.loop_triangles), dtype=np.int32)
        data.loop_triangles.foreach_get("material_index", slot)
        slot = slot.clip(max=len(slots) - 1)
        index.append(np.array(slots)[slot])
        rgb.append(_colors(data, slot))
        evaluated.to_mesh_clear()
    return TriangleLooks((*names, ""), np.concatenate(index), np.concatenate(rgb))


def _colors(data: bpy.types.Mesh, slot: NDArray) -> NDArray[np.uint8]:
    """(T, 3) the colour at the middle of each triangle."""
    middles = _uv_middles(data)
    linear = np.tile(np.array(GREY), (len(slot), 1))
    for number, material in enumerate(data.materials):
        mine = slot == number
        if material and mine.any():
            color, image = _base_color(material)
            linear[mine] = color
            if image is not None and middles is not None:
                linear[mine] = _look_up(image, middles[mine])
    return (_srgb(linear) * 255 + 0.5).astype(np.uint8)


def _base_color(material: bpy.types.Material) -> tuple[tuple[float, ...], bpy.types.Image | None]:
    """The colour of a material as a value, linear, and the picture that overrides it."""
    shader = _find(material, "BSDF_PRINCIPLED")
    if shader is None:
        return tuple(material.diffuse_color[:3]), None
    socket = shader.inputs["Base Color"]
    source = socket.links[0].from_node if socket.links else None
    while source is not None and source.type != "TEX_IMAGE":
        linked = [s for s in source.inputs if s.links and s.type == "RGBA"]
        source = linked[0].links[0].from_node if linked else None
    image = source.image if source is not None else None
    return tuple(socket.default_value[:3]), image if image is not None and image.size[0] else None


def _find(material: bpy.types.Material, kind: str) -> bpy.types.Node | None:
    tree = material.node_tree
    return next((node for node in tree.nodes if node.type == kind), None) if tree else None


def _uv_middles(data: bpy.types.Mesh) -> NDArray[np.float64] | None:
    """(T, 2) texture coordinates of the triangles' middles, or None where the mesh has none."""
    if not data.uv_layers.active:
        return None
    corners = np.empty(3 * len(data.loop_triangles), dtype=np.int32)
    data.loop_triangles.foreach_get("loops", corners)
    uv = np.empty(2 * len(data.loops))
    data.uv_layers.active.data.foreach_get("uv", uv)
    return np.asarray(uv.reshape(-1, 2)[corners.reshape(-1, 3)].mean(axis=1))


def _look_up(image: bpy.types.Image, uv: NDArray) -> NDArray[np.float64]:
    """Linear colours (N, 3) of a picture at texture coordinates (N, 2); the picture repeats."""
    width, height = image.size
    pixels = np.empty(width * height * image.channels, dtype=np.float32)
    image.pixels.foreach_get(pixels)
    table = pixels.reshape(height, width, image.channels)
    column = (np.floor(uv[:, 0] % 1 * width).astype(int)).clip(max=width - 1)
    row = (np.floor(uv[:, 1] % 1 * height).astype(int)).clip(max=height - 1)
    color = table[row, column, :3] if image.channels >= 3 else np.repeat(table[row, column, :1], 3, axis=1)
    stored = color.astype(float)
    return _linear(stored) if image.colorspace_settings.name == "sRGB" and not image.is_float else stored


def _linear(srgb: NDArray) -> NDArray[np.float64]:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _srgb(linear: NDArray) -> NDArray[np.float64]:
    value = linear.clip(0, 1)
    return np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)
