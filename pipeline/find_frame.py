"""A model's axes and unit: from its label file, else from its format, else from its labels and its shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pipeline.frame_shape import Samples, sample_surface, shape_score
from pipeline.model_mesh import ModelMesh
from pipeline.sidecar import UNITS, Axis, Frame

AXIS_NAMES: dict[Axis, NDArray[np.float64]] = {
    "+X": np.array([1.0, 0, 0]),
    "-X": np.array([-1.0, 0, 0]),
    "+Y": np.array([0, 1.0, 0]),
    "-Y": np.array([0, -1.0, 0]),
    "+Z": np.array([0, 0, 1.0]),
    "-Z": np.array([0, 0, -1.0]),
}
LIKELY_UNITS = tuple(UNITS[name] for name in ("m", "cm", "mm", "in"))
"""Without feet: a model 12 units long is a bus in metres before it is a car in feet."""
USUAL_LENGTH_M = 4.5
SHORTEST_M, LONGEST_M = 2.3, 20.0
LABEL_WEIGHT = 100.0
"""A label says which side it is on; shape only decides what labels leave open."""
FRONT, REAR = ("_FL", "_FR", "_FRONT"), ("_RL", "_RR", "_REAR")
LEFT, RIGHT = ("_FL", "_RL", "_LEFT"), ("_FR", "_RR", "_RIGHT")


@dataclass(frozen=True)
class Declared:
    """What a file or its format says of its own frame; None where it says nothing. `unit`: metres per unit."""

    up: Axis | None = None
    forward: Axis | None = None
    unit: float | None = None


@dataclass(frozen=True)
class FoundFrame:
    """A model's frame, and in words how each of its three facts was come by."""

    frame: Frame
    forward_from: str
    up_from: str
    unit_from: str

    def sentence(self, model: ModelMesh, ground: float | None) -> str:
        """One line, such as "axes: forward +Z, up +Y (format); unit 1 m (format); ground y = 0"."""
        up = self.frame.up
        heights = model.vertices @ AXIS_NAMES[up]
        height = float(heights.min()) if ground is None else ground
        level = height if up[0] == "+" else -height
        return (
            f"axes: forward {self.frame.forward} ({self.forward_from}), up {up} ({self.up_from}); "
            f"unit {self.frame.unit:g} m ({self.unit_from}); ground {up[1].lower()} = {level + 0.0:.3f}"
        )


def find_frame(
    model: ModelMesh, labels: Mapping[str, NDArray], said: Declared, declared: Declared | None = None
) -> FoundFrame:
    """The model's frame.

    Args:
        model: the model in its own frame.
        labels: keypoint name to a position (3,), same frame; says left, right, front and rear by name.
        said: what the label file says; it comes first.
        declared: what the file or its format says; it comes second.
    """
    declared = declared or Declared()
    up, forward = said.up or declared.up, said.forward or declared.forward
    unit = said.unit or declared.unit
    up_from, forward_from, unit_from = (
        "label file" if by_user else "format" for by_user in (said.up, said.forward, said.unit)
    )
    if up is None or forward is None:
        ahead, above, how = _find_axes(model, labels, forward, up)
        up_from, forward_from = up_from if up else how, forward_from if forward else how
        up, forward = above, ahead
    if unit is None:
        unit = find_unit(float(np.ptp(model.vertices @ AXIS_NAMES[forward])))
        unit_from = "found from its length"
    return FoundFrame(Frame(up=up, forward=forward, unit=unit), forward_from, up_from, unit_from)


def find_unit(length: float) -> float:
    """Metres per unit such that a vehicle of this length in units is as long as vehicles are; 1 where none fits."""
    fits = {unit: unit * length for unit in LIKELY_UNITS if SHORTEST_M <= unit * length <= LONGEST_M}
    return min(fits, key=lambda unit: abs(np.log(fits[unit] / USUAL_LENGTH_M)), default=1.0)


def _find_axes(
    model: ModelMesh, labels: Mapping[str, NDArray], forward: Axis | None, up: Axis | None
) -> tuple[Axis, Axis, str]:
    """Forward, up, and whether labels or shape told; candidates are all that agree with what is given."""
    towards_front, towards_left = _pointer(labels, FRONT, REAR), _pointer(labels, LEFT, RIGHT)
    samples = sample_surface(model.vertices[model.triangles])
    scores = {}
    for ahead, above in product(AXIS_NAMES, AXIS_NAMES):
        if ahead[1] != above[1] and forward in (None, ahead) and up in (None, above):
            scores[ahead, above] = _score(samples, ahead, above, towards_front, towards_left)
    best = max(scores, key=lambda pair: scores[pair])
    told = towards_front.any() and (towards_left.any() or up is not None)
    return *best, "found from labels" if told else "found from shape"


def _score(samples: Samples, ahead: Axis, above: Axis, front: NDArray, left: NDArray) -> float:
    x, z = AXIS_NAMES[ahead], AXIS_NAMES[above]
    y = np.cross(z, x)
    return LABEL_WEIGHT * float(front @ x + left @ y) + shape_score(samples, np.array([x, y, z]))


def _pointer(labels: Mapping[str, NDArray], there: tuple[str, ...], here: tuple[str, ...]) -> NDArray[np.float64]:
    """Unit vector from the labels that end in `here` to those of the same stem that end in `there`, or zero."""
    ways = []
    for start, end in zip(here, there, strict=True):
        for name in labels:
            if name.endswith(start) and (other := name.removesuffix(start) + end) in labels:
                ways.append(labels[other] - labels[name])
    total = np.sum(ways, axis=0) if ways else np.zeros(3)
    length = float(np.linalg.norm(total))
    return np.asarray(total / length if length > 0 else total)
