"""What a labeller is offered before anyone has labelled: a frame, and where keypoints probably are."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.sidecar import Frame, Point


@dataclass(frozen=True)
class Proposal:
    """Labels that a program proposes; a person looks at them before they are believed.

    Attributes:
        frame: the model's own frame, settled.
        labels: keypoint name to one point per place, model's own frame and unit; on the surface or near it.
    """

    frame: Frame
    labels: Mapping[str, tuple[Point, ...]]
