"""Labels and detections small enough to score by hand: boxes of 100 x 50, so that one pixel is 0.01."""

from pathlib import Path

import numpy as np

from pipeline.coco import CocoDataset, ImageRecord, Instance
from pipeline.keypoints import Keypoint, KeypointSchema
from training.predict import Detection

PLACES = {
    "wheel_FL": (90, 40), "wheel_FR": (90, 20), "wheel_RL": (10, 40), "wheel_RR": (10, 20), "roof": (50, 5),
}  # fmt: skip
NAMES = tuple(PLACES)
SCHEMA = KeypointSchema(
    name="five",
    keypoints=tuple(Keypoint(name=n, sigma=0.05, kind="surface", tolerance_m=0, definition="") for n in NAMES),
    flip=(("wheel_FL", "wheel_FR"), ("wheel_RL", "wheel_RR")),
)


def points(places=None, v=2):
    """(5, 3) keypoints, where they are or by `places`; `v` for all, or by name."""
    at = PLACES | (places or {})
    return np.array([[*at[name], v if isinstance(v, int) else v.get(name, 2)] for name in NAMES], dtype=float)


def instance(image_id, keypoints=None, x=0.0, **changes):
    keypoints = points() if keypoints is None else keypoints.copy()
    keypoints[:, 0] += x
    box = np.array([x, 0, 100, 50])
    return Instance(image_id, image_id, **{"bbox": box, "keypoints": keypoints, "area": 3000.0} | changes)


def dataset(*images, extra=None):
    """Each image is a list of instances; `extra` is one dict per image."""
    extra = extra or [{}] * len(images)
    records = tuple(
        ImageRecord(number, Path(f"{number}.png"), f"{number}.png", 400, 100, tuple(objects), more)
        for number, (objects, more) in enumerate(zip(images, extra, strict=True), start=1)
    )
    return CocoDataset(Path("by_hand.json"), NAMES, records, (1,))


def detection(keypoints=None, x=0.0, score=0.9, confidence=0.5):
    keypoints = points() if keypoints is None else keypoints.copy()
    keypoints[:, 0] += x
    return Detection(np.array([x, 0, 100.0, 50]), score, keypoints, np.broadcast_to(confidence, 5).astype(float))


def moved(dx):
    """Keypoints `dx` pixels, or hundredths of the object's size, to the right."""
    return points() + np.array([dx, 0, 0])
