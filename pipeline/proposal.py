"""Labels that a program proposes for a model, before a person looks at them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.sidecar import Frame, Point


@dataclass(frozen=True)
class Proposal:
    """Where the keypoints of a model seem to be.

    Attributes:
        frame: the model's axes and unit as they were found.
        labels: keypoint to one point per place, in the coordinates of the model's file.
        source: keypoint to what told: "name" (of an object or material) or "shape".
    """

    frame: Frame
    labels: Mapping[str, tuple[Point, ...]]
    source: Mapping[str, str] = field(default_factory=dict)
