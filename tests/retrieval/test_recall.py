"""A recall that is asked for, turned into where the search may stop."""

import numpy as np
import pytest

from retrieval.descriptor import describe
from retrieval.manifest import RecallPoint
from retrieval.nearest import top_entries_each
from retrieval.recall import TIGHTNESSES, tightness_for
from retrieval.store import load_index
from retrieval.write import write_index
from tests.benchmarks.simulated_views import disturb, simulate_views
from tests.retrieval.instances import content_of

MEASURED = [RecallPoint(tightness=t, recall=r) for t, r in ((0.95, 0.9995), (0.9, 0.992), (0.8, 0.95))]


@pytest.mark.parametrize(("recall", "tightness"), [(1, 1), (0.9999, 1), (0.999, 0.95), (0.99, 0.9), (0.5, 0.8)])
def test_the_loosest_that_is_known_to_find_enough(recall, tightness):
    assert tightness_for(recall, MEASURED) == tightness
    assert tightness_for(recall, []) == 1


def test_what_is_measured_holds_for_other_queries(tmp_path, monkeypatch):
    monkeypatch.setattr("retrieval.recall.MEASURED_FROM", 1000)
    monkeypatch.setattr("retrieval.recall.QUERIES", 40)
    views = simulate_views(6000, np.random.default_rng(0))
    write_index(content_of(views.keypoints, views.boxes), tmp_path / "index")
    index = load_index(tmp_path / "index")
    measured = index.segments[0].record.recall
    recalls = [point.recall for point in measured]
    assert [point.tightness for point in measured] == list(TIGHTNESSES)
    assert recalls == sorted(recalls, reverse=True)
    stop = index.tightness_for(0.9)
    assert stop[0] < 1
    rng = np.random.default_rng(9)
    asked = disturb(simulate_views(60, rng), rng)
    queries = describe(asked.keypoints, asked.boxes)
    shares, read = [], []
    for exact, near in zip(
        top_entries_each(index, queries, 10), top_entries_each(index, queries, 10, tightness=stop), strict=True
    ):
        shares.append(len(set(exact.entries) & set(near.entries)) / 10)
        read.append(near.read / exact.read)
    assert np.mean(shares) >= 0.85
    assert np.mean(read) < 0.95
