"""The materials of the surroundings. An object's own colour is its tint; what is random about it, Blender's number."""

from collections.abc import Callable, Mapping

import bpy

from blender_scenes.nodes import Graph, Socket
from blender_scenes.surroundings.foliage import FOLIAGE, fill_foliage, tint_of
from blender_scenes.wear import Surface, principled

PREFIX = "akd_around"
# base colour (linear), metallic, roughness
PLAIN: Mapping[str, tuple[tuple[float, float, float], float, float]] = {
    "frame": ((0.55, 0.54, 0.51), 0.0, 0.45),
    "metal": ((0.035, 0.037, 0.040), 0.2, 0.5),
    "galvanised": ((0.30, 0.31, 0.32), 0.7, 0.45),
    "sign_red": ((0.45, 0.012, 0.015), 0.0, 0.35),
    "sign_blue": ((0.010, 0.06, 0.32), 0.0, 0.35),
    "sign_white": ((0.75, 0.75, 0.74), 0.0, 0.4),
    "container_edge": ((0.10, 0.10, 0.10), 0.0, 0.6),
}


def material_of(name: str) -> bpy.types.Material:
    """The material of that name, made when it is first asked for."""
    made = bpy.data.materials.get(f"{PREFIX}.{name}")
    if made is None:
        made = bpy.data.materials.new(f"{PREFIX}.{name}")
        _fill(made, name)
    return made


def _fill(material: bpy.types.Material, name: str) -> None:
    graph = Graph(material)
    if name in PLAIN:
        colour, metallic, roughness = PLAIN[name]
        principled(graph, Surface(colour, metallic, roughness))
    elif name in FOLIAGE:
        fill_foliage(graph, name)
    else:
        principled(graph, MADE[name](graph))


def _chance(graph: Graph) -> Socket:
    return tint_of(graph).node.outputs["Random"]


def _on_wall(graph: Graph) -> Socket:
    """Along the wall and up it, metres; right for walls along the axes."""
    along = graph.plus(graph.axis("X"), graph.axis("Y"))
    shift = graph.times(_chance(graph), 37.0)
    return graph.node("CombineXYZ", X=graph.plus(along, shift), Y=graph.axis("Z")).outputs[0]


def _weathered(graph: Graph, colour: Socket) -> Socket:
    """Streaks that run down, damp at the foot."""
    streaks = graph.noise(graph.vector("MULTIPLY", _on_wall(graph), (3.5, 0.35, 1.0)), 1.0, 4.0)
    foot = graph.times(
        graph.step(graph.axis("Z"), 0.9, 0.0), graph.step(graph.noise(_on_wall(graph), 1.3, 4.0), 0.3, 0.7)
    )
    dirt = graph.plus(graph.times(graph.step(streaks, 0.48, 0.78), 0.42), graph.times(foot, 0.4))
    return graph.mix(dirt, colour, graph.vector("MULTIPLY", colour, (0.42, 0.39, 0.35)))


def _brick(graph: Graph) -> Surface:
    red = graph.mix(_chance(graph), (0.24, 0.075, 0.04), (0.34, 0.19, 0.10))
    dark = graph.scaled(red, 0.55)
    bricks = graph.node(
        "TexBrick",
        Vector=_on_wall(graph),
        Color1=red,
        Color2=dark,
        Mortar=(0.30, 0.28, 0.25),
        Scale=1.0,
        Mortar_Size=0.008,
        Mortar_Smooth=0.1,
        Brick_Width=0.23,
        Row_Height=0.077,
    )
    return Surface(_weathered(graph, bricks.outputs["Color"]), roughness=0.9)


def _plaster(graph: Graph) -> Surface:
    cloud = graph.noise(_on_wall(graph), 1.1, 5.0)
    colour = graph.mix(graph.step(cloud, 0.3, 0.7), graph.scaled(tint_of(graph), 0.82), tint_of(graph))
    return Surface(_weathered(graph, colour), roughness=0.85)


def _concrete(graph: Graph) -> Surface:
    cloud = graph.noise(_on_wall(graph), 1.7, 6.0)
    colour = graph.mix(graph.step(cloud, 0.3, 0.7), (0.17, 0.165, 0.155), (0.31, 0.305, 0.29))
    cells = graph.node(
        "TexBrick", Vector=_on_wall(graph), Scale=1.0, Mortar_Size=0.012, Brick_Width=2.4, Row_Height=1.25
    )
    cells.offset = 0.0
    seam = graph.times(cells.outputs[1], 0.6)
    return Surface(graph.mix(seam, _weathered(graph, colour), (0.05, 0.05, 0.048)), roughness=0.85)


def _panel(graph: Graph) -> Surface:
    colour = graph.mix(0.75, tint_of(graph), (0.12, 0.125, 0.13))
    return Surface(_weathered(graph, colour), roughness=0.5)


def _stone(graph: Graph) -> Surface:
    cloud = graph.noise(graph.place(), 3.0, 4.0)
    return Surface(graph.mix(cloud, (0.24, 0.23, 0.21), (0.46, 0.44, 0.41)), roughness=0.85)


def _ribs(graph: Graph, pitch: float) -> Socket:
    """The normal of a sheet with upright ribs."""
    along = graph.plus(graph.axis("X"), graph.axis("Y"))
    wave = graph.math("SINE", graph.times(along, 6.2832 / pitch))
    return graph.node("Bump", Height=graph.times(graph.step(wave, -0.5, 0.5), 0.03), Distance=1.0).outputs["Normal"]


def _ribbed(graph: Graph) -> Surface:
    """Painted sheet metal with rust."""
    colour = graph.mix(0.45, tint_of(graph), (0.22, 0.23, 0.24))
    rust = graph.step(graph.noise(graph.vector("MULTIPLY", _on_wall(graph), (1.5, 0.5, 1.0)), 1.0, 6.0), 0.58, 0.72)
    rusty = graph.mix(graph.times(rust, 0.75), _weathered(graph, colour), (0.11, 0.045, 0.018))
    return Surface(rusty, metallic=0.25, roughness=0.5, normal=_ribs(graph, 0.25))


def _container(graph: Graph) -> Surface:
    rust = graph.step(graph.noise(_on_wall(graph), 2.5, 6.0), 0.62, 0.7)
    colour = graph.mix(rust, _weathered(graph, tint_of(graph)), (0.10, 0.04, 0.015))
    return Surface(colour, roughness=0.5, normal=_ribs(graph, 0.28))


def _roller(graph: Graph) -> Surface:
    slats = graph.math("SINE", graph.times(graph.axis("Z"), 6.2832 / 0.1))
    normal = graph.node("Bump", Height=graph.times(slats, 0.008), Distance=1.0).outputs["Normal"]
    colour = graph.mix(graph.math("FRACT", graph.times(_chance(graph), 7.3)), (0.35, 0.36, 0.37), (0.12, 0.16, 0.22))
    return Surface(_weathered(graph, colour), metallic=0.3, roughness=0.45, normal=normal)


def _glass(graph: Graph) -> Surface:
    """Dark rooms behind panes, some with curtains; each room another."""
    room = graph.node("TexWhiteNoise", Vector=graph.vector("FLOOR", graph.scaled(_on_wall(graph), 0.36)))
    curtain = graph.times(graph.step(room.outputs["Value"], 0.62, 0.66), 0.55)
    folds = graph.noise(graph.vector("MULTIPLY", _on_wall(graph), (22.0, 0.4, 1.0)), 1.0)
    cloth = graph.mix(folds, (0.14, 0.13, 0.115), (0.42, 0.40, 0.36))
    return Surface(graph.mix(curtain, (0.012, 0.014, 0.016), cloth), roughness=0.04, coat=0.6)


def _shop_glass(graph: Graph) -> Surface:
    """A lit window display behind glass, out of focus."""
    at = graph.vector("MULTIPLY", _on_wall(graph), (1.6, 1.1, 1.0))
    goods = graph.node("TexVoronoi", Vector=at, Scale=1.4)
    tone = graph.node("SeparateXYZ", i0=goods.outputs["Color"])
    colour = graph.mix(
        graph.times(tone.outputs["X"], 0.5),
        (0.02, 0.02, 0.022),
        graph.mix(0.6, goods.outputs["Color"], (0.2, 0.17, 0.13)),
    )
    return Surface(colour, roughness=0.05, coat=0.8)


def _by_chance(graph: Graph, step: float, saturation: float, value: float) -> Socket:
    """A colour of any hue, another for each object."""
    hue = graph.math("FRACT", graph.times(_chance(graph), step))
    node = graph.node("CombineColor", Red=hue, Green=saturation, Blue=value)
    node.mode = "HSV"
    return node.outputs[0]


def _painted(step: float, saturation: float, value: float, stripes: bool = False) -> Callable[[Graph], Surface]:
    def make(graph: Graph) -> Surface:
        colour = _by_chance(graph, step, saturation, value)
        if stripes:
            band = graph.math("SINE", graph.times(graph.axis("X"), 6.2832 / 0.5))
            colour = graph.mix(graph.step(band, -0.05, 0.05), colour, (0.7, 0.68, 0.62))
        return Surface(colour, roughness=0.5)

    return make


def _sign(graph: Graph) -> Surface:
    """A board with something like letters on it."""
    board = _by_chance(graph, 11.0, 0.75, 0.22)
    at = graph.vector("MULTIPLY", _on_wall(graph), (7.0, 2.0, 1.0))
    marks = graph.node("TexVoronoi", Vector=at, Scale=1.0)
    marks.distance = "MANHATTAN"
    band = graph.math("FRACT", graph.times(graph.axis("Z"), 1.0))
    letter = graph.times(graph.step(marks.outputs["Distance"], 0.42, 0.36), graph.step(band, 0.0, 0.3))
    gate = graph.step(graph.noise(_on_wall(graph), 0.45), 0.45, 0.47)
    return Surface(graph.mix(graph.times(letter, gate), board, (0.7, 0.68, 0.62)), roughness=0.4)


def _tiles(graph: Graph) -> Surface:
    """Roof tiles in courses."""
    at = graph.node("CombineXYZ", X=graph.axis("X"), Y=graph.times(graph.axis("Y"), 1.3)).outputs[0]
    base = graph.mix(graph.math("FRACT", graph.times(_chance(graph), 5.1)), (0.20, 0.065, 0.035), (0.06, 0.058, 0.058))
    rows = graph.node(
        "TexBrick",
        Vector=at,
        Color1=base,
        Color2=graph.scaled(base, 0.6),
        Mortar=graph.scaled(base, 0.25),
        Scale=1.0,
        Mortar_Size=0.02,
        Brick_Width=0.3,
        Row_Height=0.33,
    )
    moss = graph.times(graph.step(graph.noise(graph.place(), 0.9, 5.0), 0.52, 0.7), 0.35)
    return Surface(graph.mix(moss, rows.outputs["Color"], (0.05, 0.055, 0.03)), roughness=0.8)


def _sheet(graph: Graph) -> Surface:
    return Surface(
        graph.mix(graph.noise(graph.place(), 0.7, 4.0), (0.16, 0.17, 0.18), (0.30, 0.31, 0.32)), roughness=0.5
    )


def _roofing(graph: Graph) -> Surface:
    return Surface(
        graph.mix(graph.noise(graph.place(), 1.0, 4.0), (0.05, 0.05, 0.05), (0.15, 0.145, 0.14)), roughness=0.9
    )


def _wood(graph: Graph) -> Surface:
    """Weathered boards: grain along them, each of another tone."""
    board = graph.node(
        "TexWhiteNoise", Vector=graph.vector("FLOOR", graph.vector("MULTIPLY", graph.place(), (7.3, 0.0, 0.0)))
    )
    grain = graph.noise(graph.vector("MULTIPLY", graph.place(), (60.0, 60.0, 3.0)), 1.0, 3.0)
    tone = graph.blend(0.5, grain, board.outputs["Value"])
    grey = graph.mix(tone, (0.09, 0.075, 0.06), (0.30, 0.26, 0.21))
    brown = graph.mix(tone, (0.07, 0.035, 0.015), (0.22, 0.12, 0.055))
    return Surface(graph.mix(_chance(graph), grey, brown), roughness=0.85)


def _bark(graph: Graph) -> Surface:
    rough = graph.noise(graph.vector("MULTIPLY", graph.place(), (22.0, 22.0, 4.0)), 1.0, 4.0)
    normal = graph.node("Bump", Height=graph.times(rough, 0.03), Distance=1.0).outputs["Normal"]
    return Surface(
        graph.mix(graph.step(rough, 0.3, 0.7), (0.022, 0.017, 0.012), (0.14, 0.115, 0.09)),
        roughness=0.95,
        normal=normal,
    )


def _kerb(graph: Graph) -> Surface:
    fine = graph.noise(graph.place(), 40.0, 3.0)
    broad = graph.noise(graph.vector("ADD", graph.place(), graph.scaled(tint_of(graph), 50.0)), 1.5, 4.0)
    return Surface(graph.mix(graph.blend(0.5, fine, broad), (0.12, 0.118, 0.11), (0.42, 0.41, 0.39)), roughness=0.85)


def _hill(graph: Graph) -> Surface:
    """Woods and fields, far away: paler and bluer than near ones."""
    woods = graph.step(graph.noise(graph.place(), 0.035, 6.0), 0.36, 0.46)
    crowns = graph.node("TexVoronoi", Vector=graph.place(), Scale=0.28).outputs["Distance"]
    dark = graph.mix(graph.step(crowns, 0.0, 0.9), (0.075, 0.10, 0.085), (0.030, 0.045, 0.048))
    return Surface(graph.mix(woods, tint_of(graph), dark), roughness=1.0)


def _paint(colour: tuple[float, float, float]) -> Callable[[Graph], Surface]:
    """Road paint, worn down to the asphalt in places."""

    def make(graph: Graph) -> Surface:
        wear = graph.plus(
            graph.noise(graph.place(), 1.2, 3.0),
            graph.times(graph.plus(graph.noise(graph.place(), 38.0, 3.0), -0.5), 0.9),
        )
        return Surface(
            graph.mix(graph.times(graph.step(wear, 0.48, 0.66), 0.85), colour, (0.07, 0.068, 0.066)), roughness=0.7
        )

    return make


MADE: Mapping[str, Callable[[Graph], Surface]] = {
    "brick": _brick,
    "plaster": _plaster,
    "concrete": _concrete,
    "panel": _panel,
    "stone": _stone,
    "ribbed": _ribbed,
    "container": _container,
    "roller": _roller,
    "glass": _glass,
    "shop_glass": _shop_glass,
    "door": _painted(3.7, 0.6, 0.10),
    "awning": _painted(17.0, 0.8, 0.28, stripes=True),
    "sign": _sign,
    "tiles": _tiles,
    "sheet": _sheet,
    "roofing": _roofing,
    "wood": _wood,
    "bark": _bark,
    "kerb": _kerb,
    "hill": _hill,
    "bin": lambda graph: Surface(tint_of(graph), roughness=0.45),
    "paint_white": _paint((0.62, 0.62, 0.60)),
    "paint_yellow": _paint((0.60, 0.36, 0.03)),
}
