"""Car paint: its finish, a second tone, and the livery over it."""

import colorsys

import bpy

from blender_scenes.car_frame import CarFrame
from blender_scenes.color import linear
from blender_scenes.livery import draw_livery, side_top
from blender_scenes.nodes import Colour, Graph, Socket
from blender_scenes.pictures import as_image
from blender_scenes.wear import Surface, principled, scratched, worn
from pipeline.appearance import Appearance, Rgb

FINISH: dict[str, tuple[float, float, float]] = {
    "solid": (0.0, 0.35, 1.0),
    "metallic": (0.88, 0.33, 1.0),
    "pearl": (0.25, 0.34, 1.0),
    "matte": (0.10, 0.58, 0.0),
}
"""Metallic, roughness, coat."""
FLAKES_PER_M = 350.0
LIVERY_IMAGES = ("akd_livery_side", "akd_livery_top")


def fill_paint(material: bpy.types.Material, look: Appearance, frame: CarFrame) -> None:
    """Make the material the paint of an appearance."""
    graph = Graph(material)
    metallic, roughness, coat = FINISH[look.paint_finish]
    colour: Colour = linear(look.paint_rgb)
    if look.two_tone != "none":
        colour = graph.mix(_second_tone(graph, look, frame), colour, linear(look.second_rgb))
    surface = Surface(_flop(graph, look, colour), metallic, roughness, coat)
    if look.livery != "none":
        surface = _with_livery(graph, look, frame, surface)
    principled(graph, worn(graph, look, frame, scratched(graph, look, surface)))


def _flop(graph: Graph, look: Appearance, colour: Colour) -> Colour:
    """The paint as it changes with the angle it is seen from, which is what tells flakes from a far enough view."""
    if look.paint_finish not in ("metallic", "pearl"):
        return colour
    grazing = graph.node("LayerWeight", Blend=0.5).outputs["Facing"]
    if look.paint_finish == "pearl":
        return graph.mix(grazing, colour, linear(_interference(look)))
    cell = graph.vector("FLOOR", graph.vector("MULTIPLY", graph.place(), FLAKES_PER_M))
    flake = graph.node("TexWhiteNoise", Vector=cell).outputs["Value"]
    gain = graph.math("SUBTRACT", graph.plus(1.18, graph.times(flake, 0.24)), graph.times(grazing, 0.95))
    return graph.vector("MULTIPLY", colour, gain)


def _interference(look: Appearance) -> Rgb:
    """What a pearl paint turns to at grazing angles: a neighbouring hue, lighter."""
    hue, saturation, value = colorsys.rgb_to_hsv(*look.paint_rgb)
    turn = 0.045 if look.seed % 2 else -0.045
    if saturation < 0.15:  # white and black pearls have no hue of their own
        hue, saturation = (0.10, 0.24) if look.seed % 2 else (0.58, 0.22)
        turn = 0.0
    return colorsys.hsv_to_rgb((hue + turn) % 1.0, saturation, min(1.0, 1.15 * value + 0.06))


def _second_tone(graph: Graph, look: Appearance, frame: CarFrame) -> Socket:
    height = graph.axis("Z")
    if look.two_tone == "roof":
        return graph.step(height, frame.cant - 0.055, frame.cant - 0.047)
    edge = frame.sill + 0.45 * (frame.belt - frame.sill)
    return graph.step(height, edge + 0.004, edge - 0.004)


def _with_livery(graph: Graph, look: Appearance, frame: CarFrame, surface: Surface) -> Surface:
    """Vinyl over the paint: one picture of both sides, the left one's half above, and one for what faces up."""
    sides, top = (
        as_image(f"{name}.{graph.owner}", picture)
        for name, picture in zip(LIVERY_IMAGES, draw_livery(look, frame), strict=True)
    )
    x, y, z = (graph.axis(name) for name in "XYZ")
    left = graph.math("SIGN", y)
    along = graph.plus(0.5, graph.times(left, graph.times(graph.math("SUBTRACT", frame.middle, x), 1 / frame.length)))
    half = graph.math("GREATER_THAN", y, 0.0)
    upright = graph.step(graph.math("ABSOLUTE", graph.facing("Y")), 0.50, 0.60)
    upright = graph.times(upright, graph.math("GREATER_THAN", graph.math("ABSOLUTE", y), 0.6 * frame.half_width))
    across = graph.plus(0.5, graph.times(y, 0.5 / frame.half_width))
    forward = graph.times(graph.plus(x, -frame.rear), 1 / frame.length)
    for image, u, v, where in (
        (sides, along, graph.times(graph.plus(half, graph.times(z, 1 / side_top(frame))), 0.5), upright),
        (top, forward, across, graph.math("SUBTRACT", 1.0, upright)),
    ):
        texture = graph.node("TexImage", Vector=graph.node("CombineXYZ", X=u, Y=v).outputs[0])
        texture.image, texture.extension = image, "EXTEND"
        share = graph.times(texture.outputs["Alpha"], where)
        surface = Surface(
            colour=graph.mix(share, surface.colour, texture.outputs["Color"]),
            metallic=graph.blend(share, surface.metallic, 0.0),
            roughness=surface.roughness,
            coat=surface.coat,
        )
    return surface
