"""The other vehicles of a scene: built once, and stood where a shot wants them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import bpy
from mathutils import Matrix

from blender_scenes.vehicle import build_vehicle
from blender_scenes.vehicle_objects import add_vehicle, set_appearance
from pipeline.keypoints import KeypointSchema
from pipeline.place_traffic import Footprint, footprint_of, place_traffic
from pipeline.relabel import named_for
from pipeline.traffic_spec import TrafficDraw
from pipeline.vehicle import LabelledMesh
from pipeline.visibility import PosedVehicle


@dataclass(frozen=True)
class OtherVehicle:
    """One that has been built; it is hidden until a shot wants it."""

    objects: list[bpy.types.Object]
    mesh: LabelledMesh
    footprint: Footprint


@dataclass
class Traffic:
    """All that have been built for a target. They go when Blender is emptied for the next one."""

    schema: KeypointSchema
    target: Footprint
    built: dict[str, OtherVehicle] = field(default_factory=dict)

    def stand(self, draws: Sequence[TrafficDraw]) -> tuple[PosedVehicle, ...]:
        """Stand those vehicles around the target, in their colours; hide all others."""
        for other in self.built.values():
            show(other.objects, False)
        chosen = [self._built(draw) for draw in draws]
        poses = place_traffic(self.target, [(d, o.footprint) for d, o in zip(draws, chosen, strict=True)])
        for draw, other, pose in zip(draws, chosen, poses, strict=True):
            set_appearance(other.objects, draw.appearance)
            other.objects[0].matrix_world = Matrix(pose.tolist())
            show(other.objects, True)
        bpy.context.view_layer.update()
        return tuple(PosedVehicle(other.mesh, pose) for other, pose in zip(chosen, poses, strict=True))

    def hide(self, draw: TrafficDraw) -> None:
        """Take one away again."""
        show(self.built[draw.id].objects, False)

    def _built(self, draw: TrafficDraw) -> OtherVehicle:
        if draw.id not in self.built:
            vehicle = build_vehicle(draw.style, draw.seed)
            known = replace(vehicle.mesh, labels={**vehicle.further, **vehicle.mesh.labels})
            self.built[draw.id] = OtherVehicle(
                add_vehicle(vehicle), named_for(known, self.schema), footprint_of(vehicle.mesh.vertices)
            )
        return self.built[draw.id]


def show(objects: Sequence[bpy.types.Object], shown: bool) -> None:
    """Show or hide a vehicle."""
    for item in objects:
        item.hide_render = not shown
