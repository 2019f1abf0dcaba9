"""Instances at random."""

import numpy as np

from pipeline.keypoints import load_schema

SCHEMA = load_schema("vehicle20")


def random_instances(rng, count, keypoints=20):
    """Keypoints (N, K, 3) in and around boxes (N, 4), about a third of them absent, and the boxes."""
    boxes = np.column_stack([rng.uniform(0, 500, (count, 2)), rng.uniform(20, 400, (count, 2))])
    points = boxes[:, None, :2] + rng.uniform(-0.05, 1.05, (count, keypoints, 2)) * boxes[:, None, 2:]
    visible = rng.integers(0, 3, (count, keypoints, 1)).astype(float)
    return np.concatenate([points * (visible > 0), visible], axis=2), boxes
