"""Search against sorting every similarity."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.descriptor import Descriptors, describe
from retrieval.nearest import nearest, top_entries
from retrieval.similarity import similarities
from retrieval.store import load_index
from retrieval.write import write_index
from tests.retrieval.instances import SCHEMA, content_of, random_instances


def make_index(folder, keypoints, boxes):
    write_index(content_of(keypoints, boxes), folder)
    return load_index(folder)


def by_sorting(index, query, k):
    """All similarities in float64, and the entries in their order: highest first, then the earlier entry."""
    entries = index.descriptors()
    points, weights = entries.points.transpose(1, 2, 0), entries.weights.T
    scores = similarities(query.points[0], query.weights[0], points, weights, SCHEMA.sigmas, np.float64)
    return scores, sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:k]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    rng = np.random.default_rng(4)
    keypoints, boxes = random_instances(rng, 400)
    keypoints[1::4] = keypoints[0] + rng.normal(0, 3, (100, len(SCHEMA), 3)) * [1, 1, 0]
    boxes[1::4] = boxes[0]
    keypoints[2::8], boxes[2::8] = keypoints[1], boxes[1]
    keypoints[7, :, 2] = 0
    return make_index(tmp_path_factory.mktemp("search") / "index", keypoints, boxes)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), entry=st.integers(0, 399), k=st.integers(1, 450))
def test_finds_what_sorting_finds(index, seed, entry, k):
    """Among them 50 equal entries, of which the earlier come first, and queries without a visible keypoint."""
    rng = np.random.default_rng(seed)
    near = index.keypoints[entry] + rng.normal(0, 5, (len(SCHEMA), 3)) * [1, 1, 0]
    query = describe(near[None], index.boxes[entry][None])
    found = top_entries(index, query, k)
    every_score, wanted = by_sorting(index, query, k)
    assert found.entries.tolist() == wanted
    assert found.scores.tolist() == every_score[wanted].tolist()


def test_an_entry_finds_itself_first_with_similarity_one(index):
    for entry in (0, 1, 3, 399):
        match = nearest(index, describe(index.keypoints[entry][None], index.boxes[entry][None]), 3)[0]
        assert (match.entry, match.rank, match.image_id) == (entry, 1, 100 + entry)
        assert match.score == pytest.approx(1, abs=1e-6)
        assert sum(match.contributions.values()) == pytest.approx(match.score, abs=1e-6)
        visible = index.keypoints[entry][:, 2] > 0
        assert set(match.contributions) == {n for n, v in zip(SCHEMA.names, visible, strict=True) if v}


def test_no_score_is_above_one(index):
    """Although the weights are rounded to float32, and so are not of unit length to the last bit."""
    best = [nearest(index, index.descriptors([i]), 1)[0].score for i in range(200)]
    assert max(best) == 1
    assert max(top_entries(index, index.descriptors([i]), 1).scores[0] for i in range(200)) > 1


def test_equal_entries_are_found_in_order(index):
    query = describe(index.keypoints[2][None], index.boxes[2][None])
    found = top_entries(index, query, 20)
    assert found.entries.tolist() == [1, *range(2, 2 + 8 * 19, 8)]
    assert len(set(found.scores)) == 1


def test_more_asked_for_than_there_is(index):
    assert len(nearest(index, describe(index.keypoints[:1], index.boxes[:1]), 1000)) == 400


def test_a_query_without_keypoints_is_like_nothing(index):
    found = top_entries(index, describe(np.zeros((1, len(SCHEMA), 3)), np.ones((1, 4))), 5)
    assert found.entries.tolist() == [0, 1, 2, 3, 4]
    assert not found.scores.any()


def test_only_allowed_entries_are_found(index):
    allowed = np.zeros(400, dtype=bool)
    allowed[[5, 17, 300]] = True
    found = top_entries(index, describe(index.keypoints[:1], index.boxes[:1]), 10, allowed)
    assert sorted(found.entries.tolist()) == [5, 17, 300]


def test_an_empty_index_finds_nothing(tmp_path):
    empty = make_index(tmp_path / "empty", np.zeros((0, len(SCHEMA), 3)), np.zeros((0, 4)))
    assert len(empty) == 0
    assert nearest(empty, describe(np.ones((1, len(SCHEMA), 3)), [[0, 0, 9, 9]]), 5) == []


def test_what_cannot_be_asked_is_named(index):
    query = describe(index.keypoints[:1], index.boxes[:1])
    with pytest.raises(ValueError, match="k must be at least 1; got 0"):
        nearest(index, query, 0)
    with pytest.raises(ValueError, match="must be a descriptor of 20 keypoints"):
        nearest(index, Descriptors(query.points[:, :3], query.weights[:, :3]), 1)


def test_entries_that_float32_cannot_order_are_in_order(tmp_path):
    """Entries a step or two apart: rounding in float32 must neither drop nor swap any of them."""
    rng = np.random.default_rng(6)
    keypoints, boxes = random_instances(rng, 1)
    near = keypoints + rng.normal(0, 0.02, (3000, len(SCHEMA), 3)) * [1, 1, 0]
    index = make_index(tmp_path / "index", near, np.repeat(boxes, 3000, axis=0))
    query = describe(keypoints + rng.normal(0, 9, (1, len(SCHEMA), 3)) * [1, 1, 0], boxes)
    every_score, wanted = by_sorting(index, query, 40)
    assert len(np.unique(every_score)) > 50
    assert len(np.unique(every_score.astype(np.float32))) < len(np.unique(every_score))
    assert top_entries(index, query, 40).entries.tolist() == wanted
