"""Sets of images with what a detector made of them, put together by hand."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from pipeline.coco import CocoDataset, ImageRecord, Instance
from retrieval.shift_images import Picture, Pictures
from retrieval.shift_looks import Looks
from retrieval.shift_measure import Measured
from tests.retrieval.instances import SCHEMA

SIZE = (200, 100)


def make_looks(vectors, keypoints, boxes, groups=None, said=None, found=None, labelled=True) -> Looks:
    """One detection per image, (N, D) features, (N, K, 3) keypoints that are labels too, (N, 4) boxes."""
    count = len(vectors)
    groups = [f"{i}.png" for i in range(count)] if groups is None else groups
    there = np.ones(count, bool) if found is None else np.asarray(found)
    known = said or [{}] * count
    targets = [Instance(i, i, boxes[i], keypoints[i], 100.0) for i in range(count)]
    pictures = tuple(
        Picture(Path(f"{i}.png"), f"{i}.png", str(groups[i]), targets[i] if labelled else None, known[i])
        for i in range(count)
    )
    images = tuple(
        ImageRecord(i, Path(f"{i}.png"), f"{i}.png", *SIZE, (targets[i],) if labelled else ()) for i in range(count)
    )
    detections = tuple(
        [SimpleNamespace(keypoints=keypoints[i], bbox=boxes[i], score=0.9, keypoint_scores=np.ones(len(SCHEMA)))]
        if there[i] else []
        for i in range(count)
    )  # fmt: skip
    features = np.where(there[:, None], np.asarray(vectors, float), np.nan)
    measured = Measured(detections, there, np.tile(SIZE, (count, 1)), features, features, {})
    return Looks(Pictures("made up", pictures, CocoDataset(Path("made_up.json"), SCHEMA.names, images)), measured)
