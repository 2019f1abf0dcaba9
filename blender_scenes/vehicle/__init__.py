"""The parametric vehicle: (style, seed) to parts and a labelled mesh. Numpy alone; Blender comes later."""

from blender_scenes.vehicle.assemble import build_vehicle
from blender_scenes.vehicle.params import STYLES
from blender_scenes.vehicle.part import Part, Vehicle

__all__ = ["STYLES", "Part", "Vehicle", "build_vehicle"]
