"""What leaves, needles and grass are made of."""

from collections.abc import Mapping

from blender_scenes.nodes import Graph, Socket

FOLIAGE: Mapping[str, tuple[float, float, float]] = {
    "leaf": (1.0, 1.0, 1.0),
    "leaf_dark": (0.42, 0.42, 0.42),
    "needle": (0.50, 0.62, 0.70),
    "needle_dark": (0.18, 0.22, 0.25),
    "blade": (1.0, 1.0, 1.0),
}
"""What the tint of a plant is multiplied by."""


def tint_of(graph: Graph) -> Socket:
    """The object's own colour."""
    return graph.shared("info", lambda: graph.node("ObjectInfo").outputs["Color"])


def fill_foliage(graph: Graph, name: str) -> None:
    """Leaves let some of the light through; light and dark by place."""
    cloud = graph.noise(graph.place(), 2.5, 3.0)
    hue = graph.vector("MULTIPLY", tint_of(graph), FOLIAGE[name])
    pale = graph.vector("MULTIPLY", hue, (2.2, 1.9, 1.5))
    colour = graph.mix(graph.step(cloud, 0.3, 0.75), graph.scaled(hue, 0.85), pale)
    front = graph.node("BsdfDiffuse", Color=colour)
    through = graph.node("BsdfTranslucent", Color=graph.vector("MULTIPLY", colour, (1.2, 1.25, 0.5)))
    graph.surface(graph.node("MixShader", Factor=0.35, i1=front.outputs[0], i2=through.outputs[0]))
