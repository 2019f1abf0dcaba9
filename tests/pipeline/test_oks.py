"""OKS against five obvious lines and against pycocotools."""

import contextlib
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from pipeline.oks import oks


def slow_oks(truth, area, predicted, sigmas):
    """The formula of https://cocodataset.org/#keypoints-eval, one keypoint at a time."""
    terms = []
    for (x, y, v), (px, py), sigma in zip(truth, predicted, sigmas, strict=True):
        if v > 0:
            terms.append(math.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * area * (2 * sigma) ** 2)))
    return sum(terms) / len(terms)


def random_objects(rng, count, keypoints=7):
    truth = np.dstack([rng.uniform(0, 640, (count, keypoints)), rng.uniform(0, 400, (count, keypoints))])
    truth = np.dstack([truth, rng.integers(0, 3, (count, keypoints))])
    boxes = np.column_stack([rng.uniform(0, 300, (count, 2)), rng.uniform(20, 300, (count, 2))])
    return truth, boxes, boxes[:, 2] * boxes[:, 3] * rng.uniform(0.3, 0.9, count)


def pycocotools_oks(truth, areas, boxes, predicted, sigmas):
    """The matrix (D, G) that COCOeval computes for one image."""
    annotations = [
        {"id": i + 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": float(areas[i]), "bbox": boxes[i].tolist(),
         "keypoints": truth[i].ravel().tolist(), "num_keypoints": int((truth[i, :, 2] > 0).sum())}
        for i in range(len(truth))
    ]  # fmt: skip
    results = [
        # falling scores keep COCOeval from sorting the predictions into another order
        {"image_id": 1, "category_id": 1, "score": 1 - i / 100,
         "keypoints": np.column_stack([p, np.ones(len(p))]).ravel().tolist()}
        for i, p in enumerate(predicted)
    ]  # fmt: skip
    truth_file = COCO()
    truth_file.dataset = {"images": [{"id": 1}], "categories": [{"id": 1}], "annotations": annotations}
    with contextlib.redirect_stdout(io.StringIO()):
        truth_file.createIndex()
        evaluation = COCOeval(truth_file, truth_file.loadRes(results), "keypoints")
        evaluation.params.kpt_oks_sigmas = np.asarray(sigmas)
        evaluation._prepare()
        return evaluation.computeOks(1, 1)


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_pycocotools_also_for_objects_without_keypoints(seed):
    rng = np.random.default_rng(seed)
    truth, boxes, areas = random_objects(rng, 6)
    truth[2, :, 2] = 0
    near = truth[rng.integers(0, 6, 9), :, :2] + rng.normal(0, 20, (9, 7, 2))
    sigmas = rng.uniform(0.02, 0.2, 7)
    ours = oks(truth, areas, boxes, near, sigmas)
    np.testing.assert_allclose(ours, pycocotools_oks(truth, areas, boxes, near, sigmas), atol=1e-6)
    assert ours.max() > 0.5, "the comparison must not be of zeros"


def test_agrees_with_the_formula_written_out():
    rng = np.random.default_rng(3)
    truth, boxes, areas = random_objects(rng, 5)
    truth[:, 0, 2] = 2
    predicted = truth[:, :, :2] + rng.normal(0, 9, (5, 7, 2))
    sigmas = rng.uniform(0.02, 0.2, 7)
    ours = oks(truth, areas, boxes, predicted, sigmas)
    for g in range(5):
        for d in range(5):
            assert ours[d, g] == pytest.approx(slow_oks(truth[g], areas[g], predicted[d], sigmas), abs=1e-12)


def test_one_keypoint_off_by_its_own_deviation():
    """At a distance of k s = 2 sigma sqrt(area) the similarity is exp(-1/2)."""
    truth = np.array([[[100.0, 50.0, 2.0]]])
    predicted = np.array([[[100.0 + 2 * 0.05 * 60, 50.0]]])
    assert oks(truth, [3600.0], [[70, 20, 60, 60]], predicted, [0.05]) == pytest.approx(math.exp(-0.5))


def test_unlabelled_keypoints_do_not_count():
    truth = np.array([[[10.0, 10.0, 2], [0.0, 0.0, 0]]])
    predicted = np.array([[[10.0, 10.0, 2], [500.0, 500.0, 2]]])
    assert oks(truth, [100.0], [[0, 0, 10, 10]], predicted, [0.05, 0.05]) == pytest.approx(1.0)


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 50), st.floats(-500, 500))
def test_the_same_at_every_scale_and_place(seed, scale, shift):
    rng = np.random.default_rng(seed)
    truth, boxes, areas = random_objects(rng, 3)
    predicted = truth[:, :, :2] + rng.normal(0, 15, (3, 7, 2))
    sigmas = rng.uniform(0.02, 0.2, 7)
    moved = truth.copy()
    moved[:, :, :2] = truth[:, :, :2] * scale + shift
    moved_boxes = np.column_stack([boxes[:, :2] * scale + shift, boxes[:, 2:] * scale])
    np.testing.assert_allclose(
        oks(moved, areas * scale**2, moved_boxes, predicted * scale + shift, sigmas),
        oks(truth, areas, boxes, predicted, sigmas),
        atol=1e-6,
    )


def test_no_objects_or_no_predictions_give_an_empty_matrix():
    sigmas = [0.05, 0.05]
    assert oks(np.zeros((0, 2, 3)), [], np.zeros((0, 4)), np.zeros((4, 2, 2)), sigmas).shape == (4, 0)
    assert oks(np.zeros((3, 2, 3)), np.ones(3), np.ones((3, 4)), np.zeros((0, 2, 2)), sigmas).shape == (0, 3)


def test_shapes_that_do_not_agree_are_named():
    with pytest.raises(ValueError, match=r"must be \(G, 2, 3\)"):
        oks(np.zeros((1, 3, 3)), [1.0], np.ones((1, 4)), np.zeros((1, 3, 2)), [0.05, 0.05])
