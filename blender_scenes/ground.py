"""What the vehicle stands on: a wide plane with a procedural surface."""

import bpy

from pipeline.plan import GroundDraw
from pipeline.seeds import stream_rng

NAME = "akd_ground"
HALF_SIZE_M = 400.0
# kind: dark and light shade (linear), grain in cycles per metre, roughness, bump height in metres
SURFACES: dict[str, tuple[tuple[float, float, float], tuple[float, float, float], float, float, float]] = {
    "asphalt": ((0.030, 0.030, 0.032), (0.085, 0.083, 0.080), 90.0, 0.85, 0.004),
    "concrete": ((0.190, 0.185, 0.175), (0.330, 0.320, 0.300), 25.0, 0.80, 0.002),
    "grass": ((0.018, 0.040, 0.008), (0.085, 0.130, 0.030), 60.0, 0.95, 0.030),
    "gravel": ((0.090, 0.082, 0.072), (0.300, 0.280, 0.250), 45.0, 0.95, 0.015),
    "plain": ((0.550, 0.550, 0.550), (0.560, 0.560, 0.560), 1.0, 0.60, 0.000),
}


def set_ground(scene: bpy.types.Scene, ground: GroundDraw, seed: int) -> bpy.types.Object:
    """Give the scene its ground plane and that plane the drawn surface."""
    plane = bpy.data.objects.get(NAME) or _add_plane(scene)
    tree = plane.data.materials[0].node_tree
    tree.nodes.clear()
    dark, light, grain, roughness, bump = SURFACES[ground.kind]
    offset = stream_rng(seed, 0, "ground.offset").uniform(-500, 500, 3)

    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    moved = tree.nodes.new("ShaderNodeVectorMath")
    moved.inputs[1].default_value = offset
    tree.links.new(coordinates.outputs["Object"], moved.inputs[0])
    fine = _noise(tree, moved.outputs[0], grain, detail=3.0)
    coarse = _noise(tree, moved.outputs[0], 0.35, detail=4.0)  # stains and patches, metres wide
    shade = _blend(tree, "FLOAT", fine, coarse, 0.45)
    colour = tree.nodes.new("ShaderNodeValToRGB")
    for element, rgb in zip(colour.color_ramp.elements, (dark, light), strict=True):
        element.color = (*(min(1.0, channel * ground.brightness) for channel in rgb), 1.0)
    colour.color_ramp.elements[0].position, colour.color_ramp.elements[1].position = 0.3, 0.7
    tree.links.new(shade, colour.inputs["Factor"])

    surface = tree.nodes.new("ShaderNodeBsdfPrincipled")
    surface.inputs["Roughness"].default_value = roughness * (1 - 0.85 * ground.wet)
    tree.links.new(colour.outputs["Color"], surface.inputs["Base Color"])
    if bump > 0:
        relief = tree.nodes.new("ShaderNodeBump")
        relief.inputs["Distance"].default_value = bump * (1 - 0.8 * ground.wet)
        tree.links.new(fine, relief.inputs["Height"])
        tree.links.new(relief.outputs["Normal"], surface.inputs["Normal"])
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(surface.outputs["BSDF"], output.inputs["Surface"])
    return plane


def _add_plane(scene: bpy.types.Scene) -> bpy.types.Object:
    h = HALF_SIZE_M
    mesh = bpy.data.meshes.new(NAME)
    mesh.from_pydata([(-h, -h, 0), (h, -h, 0), (h, h, 0), (-h, h, 0)], [], [(0, 1, 2, 3)])
    mesh.materials.append(bpy.data.materials.new(NAME))
    plane = bpy.data.objects.new(NAME, mesh)
    scene.collection.objects.link(plane)
    return plane


def _noise(tree: bpy.types.NodeTree, vector: bpy.types.NodeSocket, scale: float, detail: float) -> bpy.types.NodeSocket:
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = scale
    noise.inputs["Detail"].default_value = detail
    tree.links.new(vector, noise.inputs["Vector"])
    return noise.outputs[0]


def _blend(
    tree: bpy.types.NodeTree, kind: str, a: bpy.types.NodeSocket, b: bpy.types.NodeSocket, factor: float
) -> bpy.types.NodeSocket:
    mix = tree.nodes.new("ShaderNodeMix")
    mix.data_type = kind
    mix.inputs[0].default_value = factor
    tree.links.new(a, mix.inputs[2])
    tree.links.new(b, mix.inputs[3])
    return mix.outputs[0]
