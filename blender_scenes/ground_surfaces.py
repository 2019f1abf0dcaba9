"""Surfaces of the ground, as shader nodes: each a colour, a roughness and a relief in metres.

A relief is evaluated three times for each point that is seen, so it is made of little: fine noise, joints.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import bpy
import numpy as np

from blender_scenes.nodes import Graph, Input, Socket
from blender_scenes.wear import Surface, principled
from pipeline.plan import GroundDraw
from pipeline.seeds import stream_rng

type Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Ground:
    """A surface while it is made.

    Attributes:
        colour: linear.
        relief: height in metres; 0.0 for a smooth one.
        hollow: 0 to 1, how likely water stands there beyond what the land does.
    """

    colour: Socket | Rgb
    roughness: Input
    relief: Input = 0.0
    hollow: Input = 0.0


def fill_ground(material: bpy.types.Material, ground: GroundDraw, seed: int) -> None:
    """Give a material the drawn surface; the same place of the world looks the same in all materials of one seed."""
    graph = Graph(material)
    rng = stream_rng(seed, 0, "ground.offset")
    x, y, z = (float(v) for v in rng.uniform(-500, 500, 3))
    at = graph.vector("ADD", graph.place(), (x, y, z))
    made = MAKERS[ground.kind](graph, at, rng)
    if ground.brightness != 1.0:
        made = replace(made, colour=graph.vector("MINIMUM", graph.scaled(made.colour, ground.brightness), 1.0))
    if ground.wet > 0:
        made = _wet(graph, at, made, ground.wet)
    bump = None if made.relief == 0.0 else graph.node("Bump", Height=made.relief, Distance=1.0).outputs["Normal"]
    principled(graph, Surface(made.colour, roughness=made.roughness, normal=bump))
    _flatten(graph.tree)


def _flatten(tree: bpy.types.NodeTree) -> None:
    """Noise in the plane only: the ground is most of a picture, and solid noise costs two to three times as much."""
    for node in tree.nodes:
        if node.bl_idname == "ShaderNodeTexNoise":
            node.noise_dimensions = "2D"
        elif node.bl_idname == "ShaderNodeTexVoronoi":
            node.voronoi_dimensions = "2D"


def _wet(graph: Graph, at: Socket, made: Ground, wet: float) -> Ground:
    """Darker, shinier, and water standing in the low places."""
    land = graph.plus(graph.noise(at, 0.28, 3.0), graph.times(graph.noise(at, 2.2, 2.0), 0.12))
    low = graph.plus(land, graph.times(made.hollow, 0.12))
    edge = 0.80 - 0.24 * wet
    pool = graph.step(low, edge, edge + 0.03)
    shore = graph.step(low, edge - 0.10, edge)
    damp = graph.math("MAXIMUM", graph.times(shore, 0.9), 0.75 * wet)
    dark = graph.mix(graph.times(damp, 0.55), made.colour, (0.004, 0.004, 0.004))
    rough = graph.blend(damp, made.roughness, 0.32)
    return Ground(
        graph.mix(graph.times(pool, 0.45), dark, (0.006, 0.006, 0.005)),
        graph.blend(pool, rough, 0.02),
        graph.times(made.relief, graph.plus(1.0, graph.times(pool, -0.995))),
    )


def _asphalt(graph: Graph, at: Socket, rng: np.random.Generator) -> Ground:
    """Stones in tar; mended in patches, cracked, stained."""
    age = float(rng.uniform(0, 1))
    fine = graph.noise(at, 90.0, 1.0)
    broad = graph.noise(at, 0.35, 3.0)
    low, high = 0.026 + 0.035 * age, 0.075 + 0.085 * age
    shade = graph.step(graph.blend(0.5, fine, broad), 0.28, 0.72)
    colour = graph.mix(shade, (low, low, low * 1.04), (high, high * 0.98, high * 0.94))
    speckle = graph.node("TexVoronoi", Vector=at, Scale=70.0).outputs["Color"]
    stone = graph.node("SeparateXYZ", i0=speckle).outputs["X"]
    colour = graph.mix(graph.times(graph.step(stone, 0.86, 0.97), 0.5), colour, (high * 2.0, high * 1.95, high * 1.85))
    colour, seam = _patches(graph, at, colour, float(rng.uniform(0.55, 0.9)))
    crack = graph.times(_cracks(graph, at, 0.45, 0.0055), graph.step(broad, 0.62 - 0.22 * age, 0.70 - 0.2 * age))
    gap = graph.math("MAXIMUM", crack, seam)
    colour = graph.mix(graph.times(gap, 0.85), colour, (0.008, 0.008, 0.008))
    oil = graph.times(graph.step(graph.noise(at, 0.9, 3.0), 0.64, 0.76), 0.6)
    colour = graph.mix(oil, colour, (0.016, 0.015, 0.014))
    rough = graph.blend(oil, 0.86, 0.5)
    return Ground(colour, rough, graph.times(fine, 0.006))


def _patches(graph: Graph, at: Socket, colour: Socket, darker: float) -> tuple[Socket, Socket]:
    """Right-angled places that were dug up and filled: their colour, and the tar around them."""
    cells = graph.node("TexVoronoi", Scale=0.16, Randomness=0.8)
    cells.distance = "CHEBYCHEV"
    wobble = graph.scaled(graph.node("TexNoise", Vector=at, Scale=1.2, Detail=1.0).outputs["Color"], 0.10)
    graph.put(cells.inputs["Vector"], graph.vector("MULTIPLY", graph.vector("ADD", at, wobble), (1.0, 1.7, 0.0)))
    chance = graph.node("SeparateXYZ", i0=cells.outputs["Color"])
    size = graph.plus(0.12, graph.times(chance.outputs["Y"], 0.20))
    depth = graph.math("SUBTRACT", size, cells.outputs["Distance"])
    there = graph.math("GREATER_THAN", chance.outputs["X"], 0.72)
    inside = graph.times(graph.step(depth, 0.0, 0.004), there)
    seam = graph.times(inside, graph.step(depth, 0.012, 0.005))
    fill = graph.scaled(colour, darker)
    return graph.mix(inside, colour, fill), graph.times(seam, 0.7)


def _cracks(graph: Graph, at: Socket, scale: float, width: float) -> Socket:
    """1 in the lines between warped cells; `width` counts in cells."""
    warp = graph.node("TexNoise", Vector=at, Scale=1.6, Detail=3.0).outputs["Color"]
    cells = graph.node("TexVoronoi", Vector=graph.vector("ADD", at, graph.scaled(warp, 0.9)), Scale=scale)
    cells.feature = "DISTANCE_TO_EDGE"
    return graph.step(cells.outputs["Distance"], width, width * 0.3)


def _concrete(graph: Graph, at: Socket, rng: np.random.Generator) -> Ground:
    """Cast in place: cloudy, pitted, stained, with a crack here and there."""
    return _cast(graph, at, float(rng.uniform(0.75, 1.25)), 0.35)


def _cast(graph: Graph, at: Socket, light: float, cracked: float) -> Ground:
    cloud = graph.noise(at, 0.6, 4.0)
    fine = graph.noise(at, 35.0, 1.0)
    shade = graph.step(graph.blend(0.3, cloud, fine), 0.3, 0.7)
    dark, pale = (0.18 * light, 0.175 * light, 0.16 * light), (0.34 * light, 0.33 * light, 0.305 * light)
    colour = graph.mix(shade, dark, pale)
    stain = graph.times(graph.step(graph.noise(at, 0.45, 4.0), 0.56, 0.72), 0.5)
    colour = graph.mix(stain, colour, (0.10 * light, 0.093 * light, 0.08 * light))
    pits = graph.step(graph.noise(at, 55.0, 1.0), 0.70, 0.76)
    crack = graph.times(_cracks(graph, at, 0.22, 0.0025), graph.step(cloud, 0.66 - cracked * 0.4, 0.7 - cracked * 0.4))
    gap = graph.math("MAXIMUM", graph.times(pits, 0.4), crack)
    return Ground(
        graph.mix(graph.times(gap, 0.8), colour, (0.03, 0.028, 0.025)),
        graph.blend(stain, 0.78, 0.6),
        graph.times(fine, 0.003),
    )


def _slabs(graph: Graph, at: Socket, rng: np.random.Generator) -> Ground:
    """Concrete slabs or paving stones with joints, each a little different."""
    size = float(rng.choice([0.2, 0.4, 0.5, 1.0, 3.0, 4.0]))
    joint = 0.004 + 0.003 * size
    tiles = graph.node(
        "TexBrick",
        Vector=at,
        Color1=(0.0, 0.0, 0.0),
        Color2=(1.0, 1.0, 1.0),
        Mortar=(0.5, 0.5, 0.5),
        Scale=1.0,
        Mortar_Size=joint,
        Mortar_Smooth=0.2,
        Brick_Width=size * float(rng.choice([1.0, 1.0, 2.0])),
        Row_Height=size,
    )
    tiles.offset = float(rng.choice([0.0, 0.5]))
    cast = _cast(graph, at, float(rng.uniform(0.7, 1.2)), 0.2 if size >= 1 else 0.0)
    own = graph.times(graph.node("SeparateXYZ", i0=tiles.outputs["Color"]).outputs["X"], 0.3)
    colour = graph.mix(own, cast.colour, (0.13, 0.125, 0.115))
    gap = tiles.outputs["Fac"] if "Fac" in tiles.outputs else tiles.outputs[1]
    moss = graph.mix(graph.step(graph.noise(at, 0.8, 3.0), 0.5, 0.62), (0.035, 0.032, 0.028), (0.035, 0.05, 0.016))
    return Ground(
        graph.mix(gap, colour, moss),
        graph.blend(gap, cast.roughness, 0.95),
        graph.plus(cast.relief, graph.times(gap, -0.008)),
        gap,
    )


def _gravel(graph: Graph, at: Socket, rng: np.random.Generator) -> Ground:
    """Stones of several sizes, trodden earth between them."""
    warm = float(rng.uniform(0.8, 1.15))
    cells = graph.node("TexVoronoi", Vector=at, Scale=float(rng.uniform(26, 48)))
    tone = graph.node("SeparateXYZ", i0=cells.outputs["Color"])
    grey = graph.mix(tone.outputs["X"], (0.10, 0.095, 0.088), (0.40, 0.375 * warm, 0.33 * warm))
    colour = graph.mix(graph.times(tone.outputs["Y"], 0.4), grey, (0.27 * warm, 0.20, 0.14))
    between = graph.step(cells.outputs["Distance"], 0.45, 0.8)
    colour = graph.mix(graph.times(between, 0.8), colour, (0.05, 0.044, 0.036))
    bare = graph.step(graph.plus(graph.noise(at, 0.3, 5.0), graph.times(graph.noise(at, 6.0, 3.0), 0.15)), 0.55, 0.68)
    earth = graph.mix(graph.noise(at, 14.0, 4.0), (0.11, 0.088, 0.062), (0.23 * warm, 0.19, 0.14))
    stones = graph.times(graph.plus(1.0, graph.times(cells.outputs["Distance"], -1.0)), 0.016)
    relief = graph.plus(
        graph.times(stones, graph.plus(1.0, graph.times(bare, -0.75))), graph.times(graph.noise(at, 9.0, 2.0), 0.012)
    )
    return Ground(graph.mix(graph.times(bare, 0.85), colour, earth), 0.95, relief, bare)


def _grass(graph: Graph, at: Socket, rng: np.random.Generator) -> Ground:
    """Blades that lie every way, in tufts; dry and bare patches."""
    dryness = float(rng.uniform(-0.08, 0.10))
    bend = graph.scaled(graph.node("TexNoise", Vector=at, Scale=3.0).outputs["Color"], 0.35)
    bent = graph.vector("ADD", at, bend)
    ways = [
        graph.noise(
            graph.vector(
                "MULTIPLY", graph.node("VectorRotate", Vector=bent, Angle=turn).outputs[0], (110.0, 14.0, 30.0)
            ),
            1.0,
            2.0,
        )
        for turn in (0.2, 1.25, 2.3)
    ]
    blades = graph.math("MAXIMUM", graph.math("MAXIMUM", ways[0], ways[1]), ways[2])
    clump = graph.noise(at, 5.0, 3.0)
    lush = graph.mix(graph.step(blades, 0.42, 0.74), (0.010, 0.022, 0.005), (0.105, 0.155, 0.035))
    straw = graph.mix(graph.step(blades, 0.42, 0.74), (0.045, 0.036, 0.016), (0.33, 0.27, 0.13))
    field = graph.plus(graph.noise(at, 0.22, 5.0), graph.times(graph.plus(clump, -0.5), 0.45))
    dry = graph.step(field, 0.50 - dryness, 0.74 - dryness)
    colour = graph.mix(graph.plus(graph.times(dry, 0.75), 0.08), lush, straw)
    colour = graph.mix(graph.step(clump, 0.52, 0.30), colour, graph.scaled(colour, 0.42))
    bare = graph.times(graph.step(graph.plus(field, graph.times(ways[0], 0.1)), 0.70, 0.76), 0.9)
    soil = graph.mix(graph.noise(at, 22.0, 4.0), (0.045, 0.032, 0.020), (0.16, 0.12, 0.08))
    high = graph.times(graph.plus(graph.times(ways[0], 0.5), clump), 0.08)
    return Ground(graph.mix(bare, colour, soil), 0.9, graph.times(high, graph.plus(1.0, graph.times(bare, -0.7))), bare)


def _snow(graph: Graph, at: Socket, rng: np.random.Generator) -> Ground:
    """Trodden and fresh snow, dirty in places, the ground shining through where it is thin."""
    worn = float(rng.uniform(0.0, 0.12))
    drift, lumps, fine = graph.noise(at, 0.5, 4.0), graph.noise(at, 6.0, 5.0), graph.noise(at, 60.0, 2.0)
    thin = graph.step(graph.plus(drift, graph.times(graph.plus(lumps, -0.5), 0.4)), 0.60 - worn, 0.76 - worn)
    white = graph.mix(lumps, (0.66, 0.69, 0.74), (0.86, 0.87, 0.89))
    slush = graph.mix(graph.noise(at, 25.0, 4.0), (0.22, 0.215, 0.21), (0.55, 0.55, 0.55))
    relief = graph.plus(graph.times(lumps, 0.07), graph.plus(graph.times(drift, 0.2), graph.times(fine, 0.006)))
    return Ground(graph.mix(graph.times(thin, 0.8), white, slush), graph.blend(thin, 0.75, 0.5), relief, thin)


def _plain(graph: Graph, at: Socket, rng: np.random.Generator) -> Ground:
    """A studio's floor."""
    return Ground((0.555, 0.555, 0.555), 0.6)


MAKERS: Mapping[str, Callable[[Graph, Socket, np.random.Generator], Ground]] = {
    "asphalt": _asphalt,
    "concrete": _concrete,
    "slabs": _slabs,
    "grass": _grass,
    "gravel": _gravel,
    "snow": _snow,
    "plain": _plain,
}
