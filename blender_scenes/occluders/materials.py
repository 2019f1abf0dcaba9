"""The finishes of occluders: each takes its colour from the mesh, so that one material serves any number of colours."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import bpy
import numpy as np

from blender_scenes.nodes import Graph, Socket
from blender_scenes.occluders.cutout import opaque_colours
from blender_scenes.surroundings.materials import material_of
from blender_scenes.wear import Surface, principled
from pipeline.seeds import stream_key

PREFIX = "akd_occluder"
PICTURE = f"{PREFIX}.picture."
TINT = "tint"
"""The colour attribute, one value for each face."""


def finish_of(slot: str, picture: Path | None = None) -> bpy.types.Material:
    """The material of a slot: "FINISH:PART", "picture", or one of the surroundings' own."""
    if slot != "picture" and ":" not in slot:
        return material_of(slot)
    fill: Callable[[Graph], None]
    if picture is not None and slot == "picture":
        name, fill = f"{PICTURE}{stream_key(str(picture))}", partial(_picture, picture)
    else:
        finish = slot.split(":")[0]
        name, fill = f"{PREFIX}.{finish}", FINISHES[finish]
    made = bpy.data.materials.get(name)
    if made is None:
        made = bpy.data.materials.new(name)
        fill(Graph(made))
    return made


def _tint(graph: Graph) -> Socket:
    def make() -> Socket:
        node = graph.node("Attribute")
        node.attribute_name = TINT
        return node.outputs["Color"]

    return graph.shared("tint", make)


def _wavy(graph: Graph, *layers: tuple[tuple[float, float, float], float]) -> Socket:
    """A normal with bumps: for each layer how fine along x, y, z, and how high in metres."""
    height: Socket | float = 0.0
    for scale, depth in layers:
        noise = graph.noise(graph.vector("MULTIPLY", graph.place(), scale), 1.0, 3.0)
        height = graph.plus(height, graph.times(noise, depth))
    return graph.node("Bump", Height=height, Distance=1.0).outputs["Normal"]


FOLDS = ((9.0, 9.0, 13.0), 0.010), ((30.0, 30.0, 30.0), 0.002)


def _plain(roughness: float, metallic: float = 0.0, coat: float = 0.0) -> Callable[[Graph], None]:
    def fill(graph: Graph) -> None:
        worn = graph.noise(graph.place(), 7.0, 5.0)
        colour = graph.mix(graph.step(worn, 0.35, 0.75), _tint(graph), graph.scaled(_tint(graph), 0.72))
        rough = graph.blend(graph.step(worn, 0.3, 0.7), roughness, min(1.0, roughness + 0.15))
        principled(graph, Surface(colour, metallic, rough, coat))

    return fill


def _cloth(graph: Graph) -> None:
    _fabric(graph, _tint(graph))


def _fabric(graph: Graph, colour: Socket, *further: tuple[tuple[float, float, float], float]) -> None:
    cloud = graph.noise(graph.place(), 5.0, 4.0)
    shade = graph.mix(graph.step(cloud, 0.3, 0.75), colour, graph.scaled(colour, 0.8))
    shader = principled(graph, Surface(shade, roughness=0.9, normal=_wavy(graph, *FOLDS, *further)))
    shader.inputs["Sheen Weight"].default_value = 0.15
    shader.inputs["Specular IOR Level"].default_value = 0.25


def _knit(graph: Graph) -> None:
    _fabric(graph, _tint(graph), ((160.0, 160.0, 60.0), 0.0035))


def _denim(graph: Graph) -> None:
    """Paler where it is worn."""
    worn = graph.step(graph.noise(graph.vector("MULTIPLY", graph.place(), (7.0, 7.0, 3.0)), 1.0, 4.0), 0.42, 0.72)
    pale = graph.mix(0.35, graph.scaled(_tint(graph), 1.5), (0.22, 0.25, 0.29))
    _fabric(graph, graph.mix(graph.times(worn, 0.55), _tint(graph), pale), ((150.0, 150.0, 150.0), 0.001))


def _bands(graph: Graph, axis: str, pitch: float) -> Socket:
    wave = graph.math("SINE", graph.times(graph.axis(axis), 6.2832 / pitch))
    return graph.step(wave, -0.1, 0.1)


def _stripes(graph: Graph) -> None:
    light = graph.mix(0.75, _tint(graph), (0.6, 0.59, 0.57))
    _fabric(graph, graph.mix(_bands(graph, "Z", 0.055), _tint(graph), light))


def _plaid(graph: Graph) -> None:
    dark = graph.scaled(_tint(graph), 0.35)
    both = graph.plus(graph.times(_bands(graph, "Z", 0.07), 0.5), graph.times(_bands(graph, "Y", 0.07), 0.5))
    _fabric(graph, graph.mix(both, _tint(graph), dark))


def _skin(graph: Graph) -> None:
    cloud = graph.noise(graph.place(), 22.0, 3.0)
    colour = graph.mix(
        graph.step(cloud, 0.35, 0.7), _tint(graph), graph.vector("MULTIPLY", _tint(graph), (0.92, 0.8, 0.78))
    )
    shader = principled(graph, Surface(colour, roughness=0.5))
    shader.inputs["Subsurface Weight"].default_value = 0.12
    shader.inputs["Subsurface Radius"].default_value = (1.0, 0.35, 0.2)
    shader.inputs["Subsurface Scale"].default_value = 0.008


def _hair(graph: Graph) -> None:
    strands = graph.noise(graph.vector("MULTIPLY", graph.place(), (130.0, 130.0, 18.0)), 1.0, 3.0)
    colour = graph.mix(strands, graph.scaled(_tint(graph), 0.55), graph.scaled(_tint(graph), 1.6))
    normal = graph.node("Bump", Height=graph.times(strands, 0.008), Distance=1.0).outputs["Normal"]
    principled(graph, Surface(colour, roughness=0.42, normal=normal))


def _retro(graph: Graph) -> None:
    """Sheet that throws light back: bright by day."""
    principled(graph, Surface(_tint(graph), roughness=0.35, coat=0.3))


def _rough(graph: Graph) -> None:
    """Concrete, clay, soil: grainy and uneven."""
    fine = graph.noise(graph.place(), 55.0, 4.0)
    broad = graph.noise(graph.place(), 4.0, 5.0)
    colour = graph.mix(
        graph.blend(0.6, fine, broad), graph.scaled(_tint(graph), 0.55), graph.scaled(_tint(graph), 1.35)
    )
    principled(graph, Surface(colour, roughness=0.92, normal=_wavy(graph, ((60.0, 60.0, 60.0), 0.004))))


FINISHES: Mapping[str, Callable[[Graph], None]] = {
    "cloth": _cloth,
    "canvas": _cloth,
    "knit": _knit,
    "denim": _denim,
    "stripes": _stripes,
    "plaid": _plaid,
    "skin": _skin,
    "hair": _hair,
    "eye": _plain(0.2),
    "leather": _plain(0.5),
    "rubber": _plain(0.8),
    "plastic": _plain(0.42),
    "paint": _plain(0.35, coat=0.3),
    "metal": _plain(0.38, metallic=0.9),
    "zinc": _plain(0.5, metallic=0.6),
    "rough": _rough,
    "retro": _retro,
}


def _picture(file: Path, graph: Graph) -> None:
    """A photograph that lies on the mesh by its uv; lit as a matt print."""
    pixels = opaque_colours(file)
    high, wide = pixels.shape[:2]
    image = bpy.data.images.new(graph.owner, wide, high)
    image.pixels.foreach_set(np.dstack([pixels, np.ones((high, wide), np.float32)])[::-1].ravel())
    image.update()
    node = graph.node("TexImage", Vector=graph.node("UVMap").outputs[0])
    node.image = image
    node.extension = "EXTEND"
    principled(graph, Surface(node.outputs["Color"], roughness=0.9))


def forget_pictures() -> None:
    """Free the pictures of the shot before, which no mesh shows any more."""
    for kept in (bpy.data.materials, bpy.data.images):
        for old in [one for one in kept if one.name.startswith(PICTURE)]:
            kept.remove(old)
