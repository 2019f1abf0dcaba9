"""Checks of what one row alone does not tell: another convention for boxes or coordinates, or a label given twice."""

from collections.abc import Iterator

import numpy as np

from pipeline.check_category import mirrored_name
from pipeline.check_problem import Problem, error, warning
from pipeline.check_rows import CocoRows

ENOUGH = 0.5
"""Share of the boxes that must stick out before they are taken for corners."""


def normalised(rows: CocoRows) -> Iterator[Problem]:
    """Coordinates are pixels, not shares of the image's size."""
    boxes = [annotation.bbox for annotation in rows.annotations]
    points = [a.keypoints[a.keypoints[:, 2] > 0, :2].ravel() for a in rows.annotations]
    if boxes and max(np.concatenate([*boxes, *points]), default=2.0) <= 1.0:
        yield error(
            f"{rows.source}: annotations", "no box or keypoint reaches beyond 1", "pixels, not shares of the size"
        )


def corner_boxes(rows: CocoRows) -> Iterator[Problem]:
    """Boxes are x, y, width, height, not two corners: those would fit into their images where these stick out."""
    known = [(a.bbox, rows.images_by_id[a.image_id]) for a in rows.annotations if a.image_id in rows.images_by_id]
    if not known:
        return
    boxes = np.array([box for box, _ in known])
    size = np.array([[image.width, image.height] for _, image in known])
    sticks_out = (boxes[:, :2] + boxes[:, 2:] > size + 1).any(axis=1)
    are_corners = (boxes[:, 2:] > boxes[:, :2]) & (boxes[:, 2:] <= size + 1)
    if are_corners.all() and sticks_out.mean() >= ENOUGH:
        what = f"{int(sticks_out.sum())} of {len(boxes)} boxes leave their image, and as two corners none would"
        yield error(f"{rows.source}: annotations", what, "bbox as x, y, width, height")


def labelled_twice(rows: CocoRows) -> Iterator[Problem]:
    """No object is annotated twice with the same box and keypoints."""
    first: dict[tuple[int, int, bytes], str] = {}
    for annotation in rows.annotations:
        key = (annotation.image_id, annotation.category_id, annotation.bbox.tobytes() + annotation.keypoints.tobytes())
        if key in first:
            yield error(
                annotation.where, f"has the box and keypoints of {first[key]}", "one annotation for each object"
            )
        first.setdefault(key, annotation.where)


def pairs_that_mirror(rows: CocoRows) -> Iterator[Problem]:
    """A flip pair joins two names that are each other's mirror image, where names say a side at all."""
    for number, category in enumerate(rows.categories):
        pairs = category.get("flip_pairs")
        for pair in pairs if isinstance(pairs, list) else ():
            if isinstance(pair, list) and len(pair) == 2 and all(isinstance(name, str) for name in pair):
                one, other = pair
                sided = mirrored_name(one) != one or mirrored_name(other) != other
                if sided and mirrored_name(one) != other:
                    where = f"{rows.source}: categories[{number}]"
                    yield warning(where, f"flip_pairs join {one!r} and {other!r}", "a name and its mirror image")
