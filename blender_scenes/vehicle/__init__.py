"""The parametric vehicle: (style, seed) to parts and a labelled mesh. Numpy alone; Blender comes later."""

from blender_scenes.vehicle.assemble import build_vehicle
from blender_scenes.vehicle.part import Part, Vehicle
from blender_scenes.vehicle.ranges import STYLES

__all__ = ["STYLES", "Part", "Vehicle", "build_vehicle"]
