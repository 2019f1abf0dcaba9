"""The materials of a generated vehicle: built once, then given the colours of each shot."""

from collections.abc import Mapping, Sequence

import bpy
import cv2
import numpy as np

from pipeline.appearance import Appearance, Rgb

MaterialSet = dict[str, bpy.types.Material]
PLATE_SIZE = (256, 64)
PLATE_IMAGE = "akd_plate"
# base colour (linear), metallic, roughness, coat
PLAIN: Mapping[str, tuple[tuple[float, float, float], float, float, float]] = {
    "bed": ((0.012, 0.012, 0.012), 0.0, 0.6, 0.0),
    "chrome": ((0.75, 0.75, 0.76), 1.0, 0.12, 0.0),
    "disc": ((0.30, 0.30, 0.31), 1.0, 0.35, 0.0),
    "grille": ((0.004, 0.004, 0.004), 0.0, 0.55, 0.0),
    "grille_bar": ((0.02, 0.02, 0.022), 0.2, 0.25, 0.3),
    "intake": ((0.005, 0.005, 0.005), 0.0, 0.7, 0.0),
    "interior": ((0.035, 0.033, 0.032), 0.0, 0.75, 0.0),
    "lamp_bulb": ((0.85, 0.87, 0.90), 0.85, 0.08, 1.0),
    "lamp_front": ((0.10, 0.105, 0.115), 0.5, 0.15, 1.0),
    "lamp_rear": ((0.33, 0.008, 0.010), 0.0, 0.12, 1.0),
    "lamp_reverse": ((0.75, 0.72, 0.70), 0.1, 0.10, 1.0),
    "paint": ((0.5, 0.5, 0.5), 0.0, 0.3, 1.0),
    "pillar": ((0.006, 0.006, 0.007), 0.0, 0.15, 0.6),
    "lamp_amber": ((0.75, 0.16, 0.01), 0.0, 0.12, 1.0),
    "lamp_chrome": ((0.35, 0.35, 0.36), 0.8, 0.2, 0.5),
    "lamp_glow": ((0.60, 0.02, 0.02), 0.0, 0.12, 1.0),
    "lamp_led": ((0.85, 0.87, 0.90), 0.0, 0.15, 1.0),
    "gloss_black": ((0.006, 0.006, 0.007), 0.0, 0.12, 1.0),
    "grille_chrome": ((0.70, 0.70, 0.71), 1.0, 0.15, 0.0),
    "intake_fog": ((0.008, 0.008, 0.008), 0.0, 0.6, 0.0),
    "silver": ((0.45, 0.45, 0.46), 0.8, 0.4, 0.0),
    "plate": ((0.8, 0.8, 0.8), 0.0, 0.35, 0.0),
    "rim": ((0.5, 0.5, 0.5), 0.9, 0.25, 0.3),
    "seam": ((0.003, 0.003, 0.003), 0.0, 0.8, 0.0),
    "trim": ((0.012, 0.012, 0.013), 0.0, 0.5, 0.0),
    "tyre": ((0.014, 0.014, 0.014), 0.0, 0.8, 0.0),
    "well": ((0.004, 0.004, 0.004), 0.0, 0.9, 0.0),
}
FINISH: Mapping[str, tuple[float, float, float]] = {
    "solid": (0.0, 0.35, 1.0),
    "metallic": (0.65, 0.38, 1.0),
    "pearl": (0.30, 0.30, 1.0),
    "matte": (0.15, 0.62, 0.0),
}
"""Metallic, roughness, coat."""


def build_materials(slots: Sequence[str]) -> MaterialSet:
    """New materials for the slots.

    Raises:
        KeyError: a slot is not known.
    """
    return {slot: _glass(slot) if slot.startswith(("glass", "lens")) else _surface(slot) for slot in slots}


def _surface(slot: str) -> bpy.types.Material:
    material = bpy.data.materials.new(f"akd_{slot}")
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    colour, metallic, roughness, coat = PLAIN[slot]
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Metallic"].default_value = metallic
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Coat Weight"].default_value = coat
    shader.inputs["Coat Roughness"].default_value = 0.03
    if slot in ("paint", "rim", "trim"):
        _add_dirt(tree, shader)
    if slot == "plate":
        texture = tree.nodes.new("ShaderNodeTexImage")
        texture.image = bpy.data.images.new(PLATE_IMAGE, *PLATE_SIZE)
        tree.links.new(texture.outputs["Color"], shader.inputs["Base Color"])
    if slot.startswith("lamp"):
        shader.inputs["Emission Color"].default_value = (*colour, 1.0)
    return material


def _add_dirt(tree: bpy.types.NodeTree, shader: bpy.types.Node) -> None:
    """Dust that gathers low on the car, in patches; its amount is the node "dirt"."""
    amount = tree.nodes.new("ShaderNodeValue")
    amount.name = "dirt"
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = 3.5
    noise.inputs["Detail"].default_value = 6.0
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    tree.links.new(coordinates.outputs["Object"], noise.inputs["Vector"])
    split = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(coordinates.outputs["Object"], split.inputs[0])
    low = tree.nodes.new("ShaderNodeMapRange")
    for name, value in (("From Min", 0.2), ("From Max", 1.1), ("To Min", 1.0), ("To Max", 0.15)):
        low.inputs[name].default_value = value
    tree.links.new(split.outputs["Z"], low.inputs["Value"])
    share = _times(tree, noise.outputs[0], low.outputs["Result"])
    factor = _times(tree, share, amount.outputs[0])
    colour = tree.nodes.new("ShaderNodeMix")
    colour.data_type = "RGBA"
    colour.name = "colour"
    colour.inputs[7].default_value = (0.20, 0.16, 0.12, 1.0)
    tree.links.new(factor, colour.inputs[0])
    tree.links.new(colour.outputs[2], shader.inputs["Base Color"])


def _times(tree: bpy.types.NodeTree, a: bpy.types.NodeSocket, b: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
    node = tree.nodes.new("ShaderNodeMath")
    node.operation = "MULTIPLY"
    tree.links.new(a, node.inputs[0])
    tree.links.new(b, node.inputs[1])
    return node.outputs[0]


def _glass(slot: str) -> bpy.types.Material:
    """Thin glass: what is behind it, tinted, under a reflection that grows towards grazing angles."""
    material = bpy.data.materials.new(f"akd_{slot}")
    tree = material.node_tree
    tree.nodes.clear()
    through = tree.nodes.new("ShaderNodeBsdfTransparent")
    through.name = "tint"
    mirror = tree.nodes.new("ShaderNodeBsdfGlossy")
    mirror.inputs["Roughness"].default_value = 0.02
    fresnel = tree.nodes.new("ShaderNodeFresnel")
    fresnel.inputs["IOR"].default_value = 1.4 if slot == "lens" else 1.75  # a pane reflects from both its faces
    mix = tree.nodes.new("ShaderNodeMixShader")
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(fresnel.outputs[0], mix.inputs[0])
    tree.links.new(through.outputs[0], mix.inputs[1])
    tree.links.new(mirror.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], output.inputs["Surface"])
    return material


def colour_materials(materials: MaterialSet, look: Appearance) -> None:
    """Give the materials the colours of one appearance."""
    metallic, roughness, coat = FINISH[look.paint_finish]
    paint = _shader(materials["paint"])
    paint.inputs["Metallic"].default_value = metallic
    paint.inputs["Roughness"].default_value = roughness
    paint.inputs["Coat Weight"].default_value = coat
    for slot, rgb, dirt in (("paint", look.paint_rgb, 1.6), ("rim", look.rim_rgb, 1.3), ("trim", look.trim_rgb, 0.8)):
        nodes = materials[slot].node_tree.nodes
        nodes["colour"].inputs[6].default_value = linear(rgb)
        nodes["dirt"].outputs[0].default_value = dirt * look.dirt
    for slot, material in materials.items():
        if slot.startswith("glass"):
            tint = look.glass_tint if slot != "glass_front" else 0.55 * look.glass_tint
            clear = 0.62 * (1.0 - 0.93 * tint)
            material.node_tree.nodes["tint"].inputs["Color"].default_value = (0.97 * clear, clear, 0.98 * clear, 1.0)
    for slot, strength in (("lamp_bulb", 9.0), ("lamp_led", 6.0), ("lamp_rear", 1.0), ("lamp_glow", 3.0)):
        if slot in materials:
            _shader(materials[slot]).inputs["Emission Strength"].default_value = strength if look.lamps_on else 0.0
    _write_plate(materials["plate"], look)


def _shader(material: bpy.types.Material) -> bpy.types.Node:
    return material.node_tree.nodes["Principled BSDF"]


def linear(rgb: Rgb) -> tuple[float, float, float, float]:
    """sRGB as the linear colour that shaders take (IEC 61966-2-1)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return red, green, blue, 1.0


def _write_plate(material: bpy.types.Material, look: Appearance) -> None:
    width, height = PLATE_SIZE
    canvas = np.full((height, width, 3), np.array(look.plate_rgb) * 255, dtype=np.uint8)
    ink = (8, 8, 10) if sum(look.plate_rgb) > 1.2 else (230, 230, 230)
    cv2.rectangle(canvas, (3, 3), (width - 4, height - 4), ink, 2, cv2.LINE_AA)
    if look.plate_text:
        (text_width, text_height), _ = cv2.getTextSize(look.plate_text, cv2.FONT_HERSHEY_DUPLEX, 1.0, 2)
        scale = min(0.86 * width / text_width, 0.6 * height / text_height)
        origin = (round((width - scale * text_width) / 2), round((height + scale * text_height) / 2))
        cv2.putText(canvas, look.plate_text, origin, cv2.FONT_HERSHEY_DUPLEX, scale, ink, 2, cv2.LINE_AA)
    rgba = np.dstack([canvas[::-1] / np.float32(255), np.ones((height, width), np.float32)])
    image = next(n for n in material.node_tree.nodes if n.type == "TEX_IMAGE").image
    image.pixels.foreach_set(rgba.ravel())
    image.update()
