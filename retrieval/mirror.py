"""A query as in a mirror: what was the vehicle's left is its right."""

import numpy as np

from pipeline.keypoints import KeypointSchema
from retrieval.result import Query


def mirrored(query: Query, schema: KeypointSchema) -> Query:
    """The query turned left for right about the middle of its box, which stays where it is."""
    keypoints = np.array(query.keypoints, dtype=np.float64)
    there = keypoints[:, 2] > 0
    keypoints[there, 0] = 2 * float(query.bbox[0]) + float(query.bbox[2]) - keypoints[there, 0]
    order = schema.flip_index
    certain = None if query.keypoint_scores is None else np.asarray(query.keypoint_scores)[order]
    return Query(keypoints[order], query.bbox, query.score, certain)
