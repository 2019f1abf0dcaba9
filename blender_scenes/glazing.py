"""Panes and lamp covers: thin, so that light goes straight through and costs no refraction."""

import bpy

from blender_scenes.car_frame import CarFrame
from blender_scenes.nodes import Graph, Input
from blender_scenes.wear import DUST, MUD, dirt_mask, dust_mask, rain_normal, tint
from pipeline.appearance import Appearance

TINT_GREEN = (0.965, 1.0, 0.975)


def fill_glass(material: bpy.types.Material, slot: str, look: Appearance, frame: CarFrame) -> None:
    """What is behind it, darkened, under a reflection that grows towards grazing angles and under what dirties it."""
    graph = Graph(material)
    clear = graph.vector("MULTIPLY", TINT_GREEN, _clearness(graph, slot, look, frame))
    through = graph.node("BsdfTransparent", Color=clear)
    mirror = graph.node("BsdfGlossy", Roughness=0.02)
    fresnel = graph.node("Fresnel", IOR=1.4 if slot == "lens" else 1.75)  # a pane reflects from both its faces
    if look.rain > 0:
        drops = rain_normal(graph, look)
        graph.put(mirror.inputs["Normal"], drops)
        graph.put(fresnel.inputs["Normal"], drops)
    shader = graph.node("MixShader", i0=fresnel.outputs[0], i1=through.outputs[0], i2=mirror.outputs[0])
    share = 0.35 if slot == "lens" else 0.55  # glass is wiped, and lamps must be seen
    if look.dust > 0:
        shader = _film(graph, shader, graph.times(dust_mask(graph, look), share), tint(DUST, look))
    if look.dirt > 0:
        shader = _film(graph, shader, graph.times(dirt_mask(graph, look, frame), share), tint(MUD, look))
    graph.surface(shader)


def _clearness(graph: Graph, slot: str, look: Appearance, frame: CarFrame) -> Input:
    """The share of light that passes: law keeps the windscreen clear, the front doors nearly so."""
    match slot:
        case "lens":
            return 0.92
        case "glass_front":
            return 0.74 * (1.0 - 0.35 * look.glass_tint)
        case "glass_side":
            behind = graph.step(graph.axis("X"), frame.pillar_x + 0.01, frame.pillar_x - 0.01)
            return graph.blend(behind, 0.70 * (1.0 - 0.65 * look.glass_tint), _privacy(look))
        case _:
            return _privacy(look)


def _privacy(look: Appearance) -> float:
    return 0.68 * (1.0 - 0.94 * look.glass_tint)


def _film(graph: Graph, shader: bpy.types.Node, share: Input, colour: tuple[float, float, float]) -> bpy.types.Node:
    matt = graph.node("BsdfDiffuse", Color=colour)
    return graph.node("MixShader", i0=share, i1=shader.outputs[0], i2=matt.outputs[0])
