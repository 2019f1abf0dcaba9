"""What weather and use leave on a surface: scratches, dust, mud and rain, as noise in the vehicle's frame."""

from dataclasses import dataclass, replace

import bpy
import numpy as np

from blender_scenes.car_frame import CarFrame
from blender_scenes.nodes import Colour, Graph, Input, Socket
from pipeline.appearance import Appearance

MUD = ((0.125, 0.090, 0.060), (0.20, 0.175, 0.145))
DUST = ((0.40, 0.34, 0.26), (0.36, 0.35, 0.33))
PRIMER = (0.42, 0.42, 0.42)
DROPS_PER_M = 55.0


@dataclass(frozen=True)
class Surface:
    """The inputs of a Principled shader: numbers, or the nodes that make them."""

    colour: Colour
    metallic: Input = 0.0
    roughness: Input = 0.5
    coat: Input = 0.0
    normal: Socket | None = None


def worn(graph: Graph, look: Appearance, frame: CarFrame, surface: Surface, share: float = 1.0) -> Surface:
    """The surface with dust, mud and rain on it; `share` of the first two where they hold less."""
    if look.dust > 0:
        surface = _covered(graph, surface, graph.times(dust_mask(graph, look), share), tint(DUST, look), roughness=0.85)
    if look.dirt > 0:
        cover = graph.times(dirt_mask(graph, look, frame), share)
        surface = _covered(graph, surface, cover, tint(MUD, look), roughness=0.9)
    if look.rain > 0:
        dark = graph.vector("MULTIPLY", surface.colour, (1.0 - 0.25 * look.rain,) * 3)
        rough = graph.blend(0.5 * look.rain, surface.roughness, 0.15)
        return replace(surface, colour=dark, roughness=rough, normal=rain_normal(graph, look))
    return surface


def principled(graph: Graph, surface: Surface) -> bpy.types.Node:
    """The surface's shader node, wired to the material's output."""
    shader = graph.node(
        "BsdfPrincipled",
        Base_Color=surface.colour,
        Metallic=surface.metallic,
        Roughness=surface.roughness,
        Coat_Weight=surface.coat,
        Coat_Roughness=0.03,
    )
    if surface.normal is not None:
        graph.put(shader.inputs["Normal"], surface.normal)
        graph.put(shader.inputs["Coat Normal"], surface.normal)
    graph.surface(shader)
    return shader


def scratched(graph: Graph, look: Appearance, surface: Surface) -> Surface:
    """Hairlines in patches, along the car and aslant, down to the primer."""
    if look.scratches == 0:
        return surface
    at = _offset(graph, look)
    along = graph.noise(graph.vector("MULTIPLY", at, (2.5, 2.5, 330.0)), 1.0)
    turned = graph.node("VectorRotate", Vector=at, Axis=(0.2, 1.0, 0.0), Angle=0.5).outputs[0]
    aslant = graph.noise(graph.vector("MULTIPLY", turned, (4.0, 4.0, 290.0)), 1.0)
    hair = graph.math("MAXIMUM", graph.step(along, 0.66, 0.69), graph.step(aslant, 0.72, 0.75))
    edge = 0.72 - 0.27 * look.scratches
    patch = graph.step(graph.noise(at, 2.3), edge, edge + 0.10)
    return _covered(graph, surface, graph.times(graph.times(hair, patch), 0.6), PRIMER, roughness=0.5)


def dust_mask(graph: Graph, look: Appearance) -> Socket:
    """Thick on what faces up, a film on the rest."""
    up = graph.step(graph.facing("Z"), 0.05, 0.95)
    patches = graph.plus(0.55, graph.times(graph.noise(_offset(graph, look), 5.0, 5.0), 0.7))
    return graph.times(graph.plus(graph.times(up, 0.62), 0.18), graph.times(patches, look.dust))


def dirt_mask(graph: Graph, look: Appearance, frame: CarFrame) -> Socket:
    """Thrown up behind the wheels and along the sills, in splashes; a film everywhere."""
    at = _offset(graph, look)
    height = graph.axis("Z")
    field = graph.step(height, frame.sill + 0.75, frame.sill - 0.05)
    for axle in (frame.front_axle, frame.rear_axle):
        along = graph.times(graph.plus(graph.axis("X"), 0.38 - axle), 1 / 0.80)
        up = graph.times(graph.plus(height, -0.8 * frame.wheel_radius), 1 / 0.62)
        away = graph.math("SQRT", graph.plus(graph.times(along, along), graph.times(up, up)))
        field = graph.math("MAXIMUM", field, graph.step(away, 1.0, 0.1))
    broad = graph.plus(graph.noise(at, 3.2, 6.0), -0.5)
    specks = graph.plus(graph.noise(at, 48.0, 3.0), -0.5)
    grime = graph.plus(graph.plus(field, graph.times(broad, 1.3)), graph.times(specks, 0.9))
    edge = 0.95 - 0.95 * look.dirt
    splash = graph.times(graph.step(grime, edge, edge + 0.55), 0.93)
    return graph.math("MAXIMUM", splash, 0.28 * look.dirt)


def rain_normal(graph: Graph, look: Appearance) -> Socket:
    """The normals of standing drops: one in some cells of a 3D mosaic, of any size."""
    mosaic = graph.node("TexVoronoi", Vector=_offset(graph, look), Scale=DROPS_PER_M)
    chance = graph.node("SeparateXYZ", i0=mosaic.outputs["Color"])
    radius = graph.plus(0.16, graph.times(chance.outputs["X"], 0.34))
    inside = graph.math("SUBTRACT", radius, mosaic.outputs["Distance"])
    dome = graph.math("SQRT", graph.math("MAXIMUM", inside, 0.0))
    present = graph.math("LESS_THAN", chance.outputs["Y"], 0.15 + 0.75 * look.rain)
    bump = graph.node("Bump", Height=graph.times(dome, present), Strength=1.0, Distance=0.006)
    return bump.outputs["Normal"]


def tint(ends: tuple[tuple[float, float, float], ...], look: Appearance) -> tuple[float, float, float]:
    """A colour between two, by the appearance's seed."""
    share = np.random.default_rng(look.seed).random()
    red, green, blue = (float(a + share * (b - a)) for a, b in zip(*ends, strict=True))
    return red, green, blue


def _offset(graph: Graph, look: Appearance) -> Socket:
    """The place in the noise: another for each seed."""
    x, y, z = (float(v) for v in np.random.default_rng(look.seed).uniform(-40, 40, 3))
    return graph.shared("noise", lambda: graph.vector("ADD", graph.place(), (x, y, z)))


def _covered(
    graph: Graph, surface: Surface, share: Socket, colour: tuple[float, float, float], roughness: float
) -> Surface:
    """The surface under a layer that hides `share` of it."""
    return replace(
        surface,
        colour=graph.mix(share, surface.colour, colour),
        metallic=graph.blend(share, surface.metallic, 0.0),
        roughness=graph.blend(share, surface.roughness, roughness),
        coat=graph.blend(share, surface.coat, 0.0),
    )
