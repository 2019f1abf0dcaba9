"""Light: a physical sky with its sun, an environment map, an overcast sky, a studio, or street lamps at night."""

import math
from pathlib import Path

import bpy

from pipeline.errors import RenderError
from pipeline.plan import LightDraw
from pipeline.spec import list_hdris

TAG = "akd_light"
SODIUM, DIODE = (1.0, 0.62, 0.25), (1.0, 0.95, 0.86)
LAMP_HEIGHT_M, STREET_LAMP_W = 7.0, 900.0
"""Watts as Blender counts them: about the photometric 60 W of a street lamp, seen with a night's exposure."""
LAMP_PLACES = ((4.0, 5.0), (-17.0, 5.5), (26.0, 4.5), (-6.0, -7.0), (16.0, -7.5))
IMPORTANCE_MAP = 256
"""Cycles' own choice costs 3 s per render for a large map; this costs 0.2 s and looks the same."""


def set_light(scene: bpy.types.Scene, light: LightDraw) -> None:
    """Replace the scene's light."""
    for old in [o for o in scene.objects if o.get(TAG)]:
        data = old.data
        bpy.data.objects.remove(old, do_unlink=True)
        bpy.data.lights.remove(data)
    world = scene.world or bpy.data.worlds.new("world")
    scene.world = world
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = IMPORTANCE_MAP
    world.node_tree.nodes.clear()
    {"sky": _sky, "hdri": _environment, "overcast": _overcast, "studio": _studio, "night": _night}[light.kind](
        scene, light
    )


def _background(scene: bpy.types.Scene, strength: float) -> bpy.types.Node:
    tree = scene.world.node_tree
    background = tree.nodes.new("ShaderNodeBackground")
    background.inputs["Strength"].default_value = strength
    output = tree.nodes.new("ShaderNodeOutputWorld")
    tree.links.new(background.outputs["Background"], output.inputs["Surface"])
    return background


def _sky(scene: bpy.types.Scene, light: LightDraw) -> None:
    """Hosek and Wilkie's sky (2012), which has no disc, and a lamp for the sun."""
    elevation, azimuth = math.radians(light.sun_elevation_deg), math.radians(light.azimuth_deg)
    direction = (
        math.cos(elevation) * math.cos(azimuth),
        math.cos(elevation) * math.sin(azimuth),
        math.sin(elevation),
    )
    tree = scene.world.node_tree
    sky = tree.nodes.new("ShaderNodeTexSky")
    sky.sky_type = "HOSEK_WILKIE"
    sky.sun_direction = direction
    sky.turbidity = 2.0 + 0.8 * light.haze
    sky.ground_albedo = 0.25
    tree.links.new(sky.outputs["Color"], _background(scene, 2.2 * light.strength).inputs["Color"])
    # a low sun is dimmer and redder: its light comes through more air
    air = 1.0 / max(math.sin(elevation), 0.08)
    dimming = 0.9 ** (air - 1) / (1 + 0.12 * light.haze)
    colour = (1.0, 0.97 * 0.965 ** (air - 1), 0.92 * 0.91 ** (air - 1))
    sun = _lamp(scene, "SUN", 9.0 * light.strength * dimming, colour)
    sun.data.angle = math.radians(0.53 + 0.6 * light.haze)
    sun.rotation_euler = (math.pi / 2 - elevation, 0.0, azimuth + math.pi / 2)


def _environment(scene: bpy.types.Scene, light: LightDraw) -> None:
    tree = scene.world.node_tree
    file = _environment_file(light.hdri)
    image = bpy.data.images.load(str(file), check_existing=True)
    if not len(image.pixels):
        raise RenderError(f"light.hdri: {file} is not an environment map that Blender can read; allowed: .hdr, .exr")
    texture = tree.nodes.new("ShaderNodeTexEnvironment")
    texture.image = image
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.inputs["Rotation"].default_value[2] = math.radians(light.azimuth_deg)
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    tree.links.new(coordinates.outputs["Generated"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], texture.inputs["Vector"])
    strength = light.strength * _exposure_of(image)
    tree.links.new(texture.outputs["Color"], _background(scene, strength).inputs["Color"])


def _environment_file(name: str) -> Path:
    if not name.startswith("bundled:"):
        return Path(name)
    folder = Path(bpy.utils.system_resource("DATAFILES", path="studiolights/world"))
    files = list_hdris(folder) if folder.is_dir() else []
    if not files:
        raise RenderError(f"light.hdri: Blender's own environment maps are not in {folder}; give a folder of your own")
    return files[int(name.removeprefix("bundled:")) % len(files)]


def _exposure_of(image: bpy.types.Image) -> float:
    """The factor that brings a map's mean luminance to a common level: maps come in any unit."""
    import numpy as np

    if "akd_exposure" not in image:
        pixels = np.empty(len(image.pixels), dtype=np.float32)
        image.pixels.foreach_get(pixels)
        luminance = pixels.reshape(-1, image.channels)[:, :3] @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
        rows = luminance.reshape(image.size[1], image.size[0])
        latitude = (np.arange(image.size[1]) + 0.5) / image.size[1] * np.pi
        weight = np.sin(latitude)[:, None] * np.ones_like(rows)
        image["akd_exposure"] = float(0.8 / max(np.average(np.minimum(rows, 50.0), weights=weight), 1e-4))
    return float(image["akd_exposure"])


def _overcast(scene: bpy.types.Scene, light: LightDraw) -> None:
    """CIE's standard overcast sky: three times as bright overhead as at the horizon."""
    tree = scene.world.node_tree
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    split = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(coordinates.outputs["Generated"], split.inputs["Vector"])
    height = tree.nodes.new("ShaderNodeMapRange")
    height.inputs["From Min"].default_value, height.inputs["From Max"].default_value = 0.0, 1.0
    height.inputs["To Min"].default_value, height.inputs["To Max"].default_value = 1 / 3, 1.0
    tree.links.new(split.outputs["Z"], height.inputs["Value"])
    tint = tree.nodes.new("ShaderNodeMix")
    tint.data_type = "RGBA"
    tint.blend_type = "MULTIPLY"
    tint.inputs["Factor"].default_value = 1.0
    tint.inputs[6].default_value = (0.93, 0.97, 1.0, 1.0)
    tree.links.new(height.outputs["Result"], tint.inputs[7])
    tree.links.new(tint.outputs[2], _background(scene, 1.5 * light.strength).inputs["Color"])


def _studio(scene: bpy.types.Scene, light: LightDraw) -> None:
    """Three soft boxes around and one overhead, in a bright room."""
    _background(scene, 0.5 * light.strength).inputs["Color"].default_value = (0.9, 0.92, 0.95, 1.0)
    for angle, distance, height, power in ((40, 7, 4, 900), (160, 8, 3, 500), (275, 8, 5, 600), (0, 0, 6.5, 700)):
        box = _lamp(scene, "AREA", power * light.strength, (1.0, 0.98, 0.95))
        box.data.shape, box.data.size, box.data.size_y = "RECTANGLE", 4.0, 2.0
        turn = math.radians(angle + light.azimuth_deg)
        box.location = (distance * math.cos(turn), distance * math.sin(turn), height)
        box.rotation_euler = (math.atan2(distance, height - 0.8), 0.0, turn + math.pi / 2)


def _night(scene: bpy.types.Scene, light: LightDraw) -> None:
    """Street lamps in two rows, of old sodium or of white diodes, under a sky that a town lights up a little."""
    _background(scene, 0.035 * light.strength).inputs["Color"].default_value = (0.20, 0.27, 0.48, 1.0)
    colour = SODIUM if light.haze > light.sun_elevation_deg / 10 else DIODE
    turn = math.radians(light.azimuth_deg)
    for along, across in LAMP_PLACES:
        lamp = _lamp(scene, "AREA", STREET_LAMP_W * light.strength, colour)
        lamp.data.shape, lamp.data.size = "DISK", 0.5
        x, y = along * math.cos(turn) - across * math.sin(turn), along * math.sin(turn) + across * math.cos(turn)
        lamp.location = (x, y, LAMP_HEIGHT_M)


def _lamp(scene: bpy.types.Scene, kind: str, energy: float, colour: tuple[float, float, float]) -> bpy.types.Object:
    data = bpy.data.lights.new(kind.lower(), kind)
    data.energy, data.color = energy, colour
    lamp = bpy.data.objects.new(kind.lower(), data)
    lamp[TAG] = True
    scene.collection.objects.link(lamp)
    return lamp
