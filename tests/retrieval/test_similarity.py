"""The similarity against a slow twin, and the properties that make it one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.descriptor import Descriptors, describe
from retrieval.similarity import CHUNK, contributions, similarities
from tests.retrieval.instances import SCHEMA, random_instances

SIGMAS = SCHEMA.sigmas
seeds = st.integers(0, 2**32 - 1)


def slow_similarity(keypoints_a, box_a, keypoints_b, box_b, sigmas, hidden_weight):
    """The definition, one keypoint at a time."""
    unit = lambda box: math.sqrt(box[2] * box[3])  # noqa: E731
    weight = lambda v: {0: 0.0, 1: hidden_weight, 2: 1.0}[int(v)]  # noqa: E731
    place = lambda p, box: ((p[0] - box[0] - box[2] / 2) / unit(box), (p[1] - box[1] - box[3] / 2) / unit(box))  # noqa: E731
    shared = sum(
        weight(a[2]) * weight(b[2]) * math.exp(-(math.dist(place(a, box_a), place(b, box_b)) ** 2) / (2 * (2 * s) ** 2))
        for a, b, s in zip(keypoints_a, keypoints_b, sigmas, strict=True)
    )
    lengths = [math.sqrt(sum(weight(p[2]) ** 2 for p in points)) for points in (keypoints_a, keypoints_b)]
    return shared / math.prod(lengths) if all(lengths) else 0.0


def fast(query: Descriptors, entries: Descriptors, sigmas=SIGMAS, dtype=np.float32):
    points, weights = entries.points.transpose(1, 2, 0), entries.weights.T
    return similarities(query.points[0], query.weights[0], points, weights, sigmas, dtype)


@pytest.mark.parametrize("hidden_weight", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_agrees_with_the_slow_twin_also_without_visible_keypoints(hidden_weight, dtype):
    rng = np.random.default_rng(11)
    keypoints, boxes = random_instances(rng, 60)
    keypoints[10:50] = keypoints[9] + rng.normal(0, 4, (40, len(SCHEMA), 3)) * [1, 1, 0]
    boxes[10:50] = boxes[9] + rng.normal(0, 3, (40, 4))
    keypoints[3, :, 2] = 0
    entries = describe(keypoints, boxes, hidden_weight)
    sigmas = rng.uniform(0.03, 0.1, len(SCHEMA))
    for q in (3, 9, 20):
        wanted = [
            slow_similarity(keypoints[q], boxes[q], k, b, sigmas, hidden_weight)
            for k, b in zip(keypoints, boxes, strict=True)
        ]
        got = fast(describe(keypoints[q : q + 1], boxes[q : q + 1], hidden_weight), entries, sigmas, dtype)
        np.testing.assert_allclose(got, wanted, atol=2e-6)
    assert (fast(describe(keypoints[9:10], boxes[9:10], hidden_weight), entries) > 0.2).sum() > 20


def test_seen_keypoints_alone_give_shared_over_root_of_both_counts():
    """Two instances in one place that see 4 and 9 keypoints and share 3: 3 / sqrt(4 * 9)."""
    keypoints = np.zeros((2, len(SCHEMA), 3))
    keypoints[:, :, :2] = np.random.default_rng(0).uniform(0, 100, (len(SCHEMA), 2))
    keypoints[0, [0, 1, 2, 3], 2] = 2
    keypoints[1, [1, 2, 3, 4, 5, 6, 7, 8, 9], 2] = 2
    both = describe(keypoints, [[0, 0, 100, 50]] * 2)
    assert fast(describe(keypoints[:1], [[0, 0, 100, 50]]), both)[1] == pytest.approx(3 / 6, abs=1e-6)


def test_a_point_off_by_its_own_deviation():
    """In the box's frame a distance of 2 sigma costs exp(-1/2), as OKS does at area = width * height."""
    keypoints = np.zeros((2, len(SCHEMA), 3))
    keypoints[:, 4] = [30, 40, 2]
    keypoints[1, 4, 0] += 2 * SIGMAS[4] * math.sqrt(90 * 40)
    both = describe(keypoints, [[0, 0, 90, 40]] * 2)
    assert fast(describe(keypoints[:1], [[0, 0, 90, 40]]), both)[1] == pytest.approx(math.exp(-0.5), abs=1e-6)


@given(seeds)
def test_symmetric_bounded_and_one_with_itself(seed):
    keypoints, boxes = random_instances(np.random.default_rng(seed), 2)
    keypoints[:, 0, 2] = 2
    a, b = describe(keypoints[:1], boxes[:1]), describe(keypoints[1:], boxes[1:])
    assert fast(a, b, dtype=np.float64)[0] == pytest.approx(fast(b, a, dtype=np.float64)[0], abs=1e-12)
    assert 0 <= fast(a, b)[0] <= 1
    assert fast(a, a)[0] == pytest.approx(1, abs=1e-6)


@given(seeds, st.floats(0.05, 20), st.floats(-2000, 2000), st.floats(-2000, 2000))
def test_neither_size_nor_place_matters(seed, scale, right, down):
    keypoints, boxes = random_instances(np.random.default_rng(seed), 8)
    moved, moved_boxes = keypoints.copy(), boxes.copy()
    moved[:, :, :2] = keypoints[:, :, :2] * scale + [right, down]
    moved_boxes[:, :2] = boxes[:, :2] * scale + [right, down]
    moved_boxes[:, 2:] *= scale
    query = describe(keypoints[:1], boxes[:1])
    np.testing.assert_allclose(
        fast(query, describe(moved, moved_boxes)), fast(query, describe(keypoints, boxes)), atol=2e-5
    )


@given(seeds)
def test_it_is_a_metric(seed):
    """sqrt(2 - 2 s) keeps to the triangle inequality: s is an inner product of unit vectors."""
    keypoints, boxes = random_instances(np.random.default_rng(seed), 3)
    keypoints[:, 0, 2] = 2
    each = describe(keypoints, boxes)
    ab, ac, bc = (
        math.sqrt(max(0.0, 2 - 2 * float(fast(_one(each, i), _one(each, j), dtype=np.float64)[0])))
        for i, j in ((0, 1), (0, 2), (1, 2))
    )
    assert ac <= ab + bc + 1e-6


@given(seeds)
def test_contributions_sum_to_the_similarity_and_name_only_shared_keypoints(seed):
    keypoints, boxes = random_instances(np.random.default_rng(seed), 5)
    query, entries = describe(keypoints[:1], boxes[:1]), describe(keypoints, boxes)
    terms = contributions(
        query.points[0], query.weights[0], entries.points.transpose(1, 2, 0), entries.weights.T, SIGMAS
    )
    np.testing.assert_allclose(terms.sum(axis=1), fast(query, entries), atol=2e-6)
    shared = (keypoints[0, :, 2] > 0) & (keypoints[:, :, 2] > 0)
    assert not terms[~shared].any()


def test_an_entry_scores_the_same_wherever_it_lies():
    """Over several chunks and at every offset within a vector register, to the last bit: ties are real ties."""
    keypoints, boxes = random_instances(np.random.default_rng(2), 1)
    near = keypoints + np.array([1.5, -0.7, 0])
    count = 2 * CHUNK + 13
    entry = describe(near, boxes)
    entries = Descriptors(np.repeat(entry.points, count, axis=0), np.repeat(entry.weights, count, axis=0))
    scores = fast(describe(keypoints, boxes), entries)
    assert len(scores) == count
    assert len(np.unique(scores)) == 1
    assert 0.5 < scores[0] < 1


def test_no_entries():
    keypoints, boxes = random_instances(np.random.default_rng(2), 1)
    empty = Descriptors(np.zeros((0, len(SCHEMA), 2), np.float32), np.zeros((0, len(SCHEMA)), np.float32))
    assert fast(describe(keypoints, boxes), empty).shape == (0,)


def _one(each, i):
    return Descriptors(each.points[i : i + 1], each.weights[i : i + 1])
