"""Where the parts of a built car are, as materials need to know it: read from its meshes."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

from pipeline.vehicle import LabelledMesh

KEY = "akd_frame"
USUAL_PLATE = 4.7
"""A European plate: 520 by 110 mm."""


@dataclass(frozen=True)
class CarFrame:
    """Heights and stations, metres, vehicle frame.

    Attributes:
        front, rear: where the body ends.
        half_width: of the body.
        sill: the body's lower edge.
        belt, cant: lower and upper edge of the side windows.
        pillar_x: between the front and the rear side windows.
        front_axle, rear_axle: stations of the wheels.
        wheel_radius: of a tyre.
        front_plate, rear_plate: how many times as wide as high the licence plates are.
    """

    front: float
    rear: float
    half_width: float
    sill: float
    belt: float
    cant: float
    pillar_x: float
    front_axle: float
    rear_axle: float
    wheel_radius: float
    front_plate: float
    rear_plate: float

    @property
    def middle(self) -> float:
        """The station half way along."""
        return (self.front + self.rear) / 2

    @property
    def length(self) -> float:
        """Of the body."""
        return self.front - self.rear


def measure_car(meshes: Mapping[str, tuple[NDArray[np.float64], NDArray[np.int64]]]) -> CarFrame:
    """The frame of a car from its meshes by material: vertices (V, 3) and triangles (T, 3)."""
    paint, tyre = meshes["paint"][0], meshes["tyre"][0]
    glass, panes = meshes["glass_side"]
    plate, middle = meshes["plate"][0], float(paint[:, 0].max() + paint[:, 0].min()) / 2
    radius = float(np.ptp(tyre[:, 2])) / 2
    return CarFrame(
        front=float(paint[:, 0].max()),
        rear=float(paint[:, 0].min()),
        half_width=float(np.quantile(np.abs(paint[:, 1]), 0.98)),
        sill=float(np.quantile(paint[:, 2], 0.01)),
        belt=float(np.quantile(glass[:, 2], 0.02)),
        cant=float(glass[:, 2].max()),
        pillar_x=_widest_gap(glass[panes][:, :, 0]),
        front_axle=float(tyre[:, 0].max()) - radius,
        rear_axle=float(tyre[:, 0].min()) + radius,
        wheel_radius=radius,
        front_plate=_aspect(plate[plate[:, 0] > middle]),
        rear_plate=_aspect(plate[plate[:, 0] < middle]),
    )


def frame_of_labels(mesh: LabelledMesh) -> CarFrame:
    """The frame of any labelled vehicle, as well as its keypoints tell; what they do not tell has a usual value."""
    used = mesh.vertices[np.unique(mesh.triangles)]
    at = {name: mesh.place_positions(name).mean(axis=0) for name in mesh.labels}
    low, high = used.min(axis=0), used.max(axis=0)

    def mean(names: Sequence[str], axis: int, usual: float) -> float:
        found = [at[name][axis] for name in names if name in at]
        return float(np.mean(found)) if found else usual

    radius = mean(("wheel_FL", "wheel_FR", "wheel_RL", "wheel_RR"), 2, 0.32)
    cant = mean(("roof",), 2, float(high[2])) - 0.08
    glass = mean(("windshield_FRONT", "windshield_REAR"), 2, cant - 0.2)
    return CarFrame(
        front=float(high[0]),
        rear=float(low[0]),
        half_width=float(np.quantile(np.abs(used[:, 1]), 0.98)),
        sill=0.6 * radius,
        belt=2 * glass - cant,
        cant=cant,
        pillar_x=mean(("door_FL", "door_FR", "door_RL", "door_RR"), 0, 0.0),
        front_axle=mean(("wheel_FL", "wheel_FR"), 0, float(high[0]) - 0.85),
        rear_axle=mean(("wheel_RL", "wheel_RR"), 0, float(low[0]) + 0.85),
        wheel_radius=radius,
        front_plate=USUAL_PLATE,
        rear_plate=USUAL_PLATE,
    )


def _aspect(plate: NDArray[np.float64]) -> float:
    _, width, height = np.ptp(plate, axis=0)
    return float(width / height)


def _widest_gap(spans: NDArray[np.float64]) -> float:
    """The middle of the widest stretch of x that no triangle (T, 3) covers; the windows' middle if there is none."""
    low, high = spans.min(axis=1), spans.max(axis=1)
    order = np.argsort(low)
    reach = np.maximum.accumulate(high[order])
    gaps = low[order][1:] - reach[:-1]
    widest = int(np.argmax(gaps)) if len(gaps) else 0
    if not len(gaps) or gaps[widest] <= 0:
        return float((low.min() + high.max()) / 2)
    return float((low[order][widest + 1] + reach[widest]) / 2)


def keep_frame(parent: bpy.types.Object, frame: CarFrame) -> None:
    """Store the frame with the vehicle's parent."""
    parent[KEY] = astuple(frame)


def frame_of(objects: Sequence[bpy.types.Object]) -> CarFrame:
    """The frame that `keep_frame` stored."""
    return CarFrame(*(float(value) for value in objects[0][KEY]))
