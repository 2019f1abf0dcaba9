"""The materials of a generated vehicle: made once, then filled anew for each shot that looks different."""

from collections.abc import Mapping, Sequence

import bpy
import cv2
import numpy as np
from numpy.typing import NDArray

from blender_scenes.car_frame import CarFrame
from blender_scenes.color import linear
from blender_scenes.glazing import fill_glass
from blender_scenes.nodes import Graph
from blender_scenes.paintwork import fill_paint
from blender_scenes.pictures import as_image
from blender_scenes.plate_picture import draw_plate_picture
from blender_scenes.wear import Surface, principled, worn
from pipeline.appearance import Appearance

MaterialSet = dict[str, bpy.types.Material]
PLATE_IMAGE = "akd_plate"
PLATE_PX = (512, 192)
Colour = tuple[float, float, float]
# base colour (linear), metallic, roughness, coat
PLAIN: Mapping[str, tuple[Colour, float, float, float]] = {
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
WEAR: Mapping[str, float] = {"paint": 1.0, "rim": 0.8, "trim": 0.8, "tyre": 0.7, "plate": 0.35, "pillar": 0.6}
"""The share of the wear that a slot takes on; all others stay clean."""
LIT: Mapping[str, float] = {"lamp_bulb": 9.0, "lamp_led": 6.0, "lamp_rear": 0.6, "lamp_glow": 1.4}
"""Emission with the lamps on."""
BRAKING: Mapping[str, float] = {"lamp_rear": 1.3, "lamp_glow": 2.6}
BLINKING = 2.5
"""Brighter, and the view transform takes their colour away."""


def build_materials(slots: Sequence[str]) -> MaterialSet:
    """New materials for the slots, to be filled by `colour_materials`."""
    return {slot: bpy.data.materials.new(f"akd_{slot}") for slot in slots}


def colour_materials(materials: MaterialSet, look: Appearance, frame: CarFrame) -> None:
    """Give the materials the looks of one appearance.

    Raises:
        KeyError: a slot is not known.
    """
    for slot, material in materials.items():
        if slot.startswith(("glass", "lens")):
            fill_glass(material, slot, look, frame)
        elif slot == "paint":
            fill_paint(material, look, frame)
        elif slot == "plate":
            _fill_plate(material, look, frame)
        elif slot.startswith("lamp"):
            _fill_lamp(material, slot, look)
        else:
            _fill_plain(material, slot, look, frame)


def _fill_plain(material: bpy.types.Material, slot: str, look: Appearance, frame: CarFrame) -> None:
    graph = Graph(material)
    colour, metallic, roughness, coat = PLAIN[slot]
    own = {"rim": look.rim_rgb, "trim": look.trim_rgb}
    surface = Surface(linear(own[slot]) if slot in own else colour, metallic, roughness, coat)
    principled(graph, worn(graph, look, frame, surface, WEAR[slot]) if slot in WEAR else surface)


def _fill_lamp(material: bpy.types.Material, slot: str, look: Appearance) -> None:
    graph = Graph(material)
    colour, metallic, roughness, coat = _housing(look) if slot == "lamp_front" else PLAIN[slot]
    shader = principled(graph, Surface(colour, metallic, roughness, coat))
    graph.put(shader.inputs["Emission Color"], colour)
    strength = LIT.get(slot, 0.0) if look.lamps_on else 0.0
    if look.brakes_on:
        strength = max(strength, BRAKING.get(slot, 0.0))
    if strength:
        graph.put(shader.inputs["Emission Strength"], strength)
    if slot == "lamp_amber" and look.indicators != "off":
        side = {"left": graph.math("GREATER_THAN", graph.axis("Y"), 0.0)}
        side["right"] = graph.math("LESS_THAN", graph.axis("Y"), 0.0)
        lit = graph.times(side[look.indicators], BLINKING) if look.indicators in side else BLINKING
        graph.put(shader.inputs["Emission Strength"], lit)


def _housing(look: Appearance) -> tuple[Colour, float, float, float]:
    """Between the dark lining of lamps with projectors and the chromed one of lamps with reflectors."""
    dark, chrome = (np.concatenate([np.ravel(value) for value in PLAIN[slot]]) for slot in ("lamp_front", "chrome"))
    red, green, blue, metallic, roughness, _ = (float(v) for v in dark + look.lamp_housing * (chrome - dark))
    return (red, green, blue), metallic, roughness, PLAIN["lamp_front"][3]


def _fill_plate(material: bpy.types.Material, look: Appearance, frame: CarFrame) -> None:
    """One picture for both plates, the front one's below: which half is seen is told by where it is on the car."""
    graph = Graph(material)
    at = graph.node("SeparateXYZ", i0=graph.node("TexCoord").outputs["UV"])
    behind = graph.math("LESS_THAN", graph.axis("X"), frame.middle)
    row = graph.times(graph.plus(at.outputs["Y"], behind), 0.5)
    texture = graph.node("TexImage", Vector=graph.node("CombineXYZ", X=at.outputs["X"], Y=row).outputs[0])
    texture.image = as_image(f"{PLATE_IMAGE}.{graph.owner}", _plate_picture(look, frame))
    surface = Surface(texture.outputs["Color"], roughness=0.35)
    principled(graph, worn(graph, look, frame, surface, WEAR["plate"]))


def _plate_picture(look: Appearance, frame: CarFrame) -> NDArray[np.uint8]:
    """Each plate is drawn in its own proportions, then stretched to its half of the picture, as the mesh does back."""
    halves = []
    for aspect, rear in ((frame.rear_plate, True), (frame.front_plate, False)):
        plate = draw_plate_picture(look.plate, look.plate_text, aspect, rear, round(PLATE_PX[0] / aspect))
        halves.append(cv2.resize(plate, PLATE_PX, interpolation=cv2.INTER_AREA))
    return np.concatenate(halves)
