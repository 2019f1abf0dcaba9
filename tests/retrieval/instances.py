"""Instances at random."""

import numpy as np

from pipeline.keypoints import load_schema
from retrieval.manifest import SourceRecord
from retrieval.segment import IndexedImage
from retrieval.write import Entry, IndexContent

SCHEMA = load_schema("vehicle20")
HERE = SourceRecord(path="/somewhere", kind="labels", root="/somewhere", root_from_index="../somewhere")


def content_of(keypoints, boxes, extra=None):
    """What an index is written from: each instance in an image of its own, of which `extra(i)` says something."""
    content = IndexContent(SCHEMA, HERE)
    for i in range(len(keypoints)):
        said = extra(i) if extra else {}
        content.add(IndexedImage(f"{i}.png", 100 + i, extra=said), [Entry(keypoints[i], boxes[i])])
    return content


def random_instances(rng, count, keypoints=20):
    """Keypoints (N, K, 3) in and around boxes (N, 4), about a third of them absent, and the boxes."""
    boxes = np.column_stack([rng.uniform(0, 500, (count, 2)), rng.uniform(20, 400, (count, 2))])
    points = boxes[:, None, :2] + rng.uniform(-0.05, 1.05, (count, keypoints, 2)) * boxes[:, None, 2:]
    visible = rng.integers(0, 3, (count, keypoints, 1)).astype(float)
    return np.concatenate([points * (visible > 0), visible], axis=2), boxes
