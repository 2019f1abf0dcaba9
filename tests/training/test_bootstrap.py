import numpy as np
import pytest

from tests.training.score_cases import SCHEMA, dataset, detection, instance, moved, points
from training.bootstrap import difference_intervals, intervals, resampled
from training.evaluate import evaluate
from training.image_rows import ImageRows, read_rows


def rows(vehicles, right, of=None):
    counts = np.array([right, of or [1] * len(right)], dtype=float).T
    return ImageRows(tuple(range(len(right))), tuple(vehicles), "vehicle", {"pck/0.1": counts}, {})


def test_a_vehicle_is_drawn_with_all_its_images():
    for weights in resampled(["a", "a", "b", "c", "a"], 200, seed=1):
        assert weights[0] == weights[1] == weights[4]
        assert weights[0] + weights[2] + weights[3] == 3


def test_resamples_are_seeded_and_differ():
    first, again, other = (np.array(list(resampled(list("abcdef"), 20, seed))) for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()
    assert len({tuple(one) for one in first}) > 10


def test_two_vehicles_by_hand():
    """Right and wrong: resamples score 0, 1/2 or 1 with chances 1/4, 1/2, 1/4; the 95 % lie from 0 to 1."""
    two = rows("ab", [0, 1])
    shares = [two.scores(weights)["pck/0.1"] for weights in resampled(["a", "b"], 4000, 0)]
    assert np.bincount((2 * np.array(shares)).astype(int)) / 4000 == pytest.approx([0.25, 0.5, 0.25], abs=0.03)
    assert intervals(two, 200)["pck/0.1"] == (0, 1)


def test_the_interval_of_a_share_is_that_of_its_standard_error():
    """60 of 100 vehicles right: 0.6 +- 1.96 sqrt(0.6 * 0.4 / 100) = 0.504..0.696."""
    low, high = intervals(rows(map(str, range(100)), [1] * 60 + [0] * 40), 2000)["pck/0.1"]
    assert (low, high) == pytest.approx((0.504, 0.696), abs=0.015)


def test_images_of_one_vehicle_do_not_make_it_narrower():
    """The same 20 vehicles, each photographed once or ten times with the same luck."""
    once = rows(map(str, range(20)), [1, 0] * 10)
    ten = rows([str(n) for n in range(20) for _ in range(10)], [n % 2 == 0 for n in range(20) for _ in range(10)])
    assert intervals(ten, 300)["pck/0.1"] == pytest.approx(intervals(once, 300)["pck/0.1"])
    alone = rows(map(str, range(200)), [n % 2 == 0 for n in range(20) for _ in range(10)])
    width = {name: np.ptp(intervals(one, 300)["pck/0.1"]) for name, one in (("ten", ten), ("alone", alone))}
    assert width["ten"] > 2 * width["alone"]


def test_one_vehicle_or_no_resamples_tell_nothing():
    assert intervals(rows("aa", [0, 1]), 50) == {}
    assert intervals(rows("ab", [0, 1]), 0) == {}


def test_a_score_that_counts_nothing_in_some_resamples_is_of_the_others():
    low, high = intervals(rows("ab", [0, 1], [0, 1]), 50)["pck/0.1"]
    assert (low, high) == (1, 1)
    assert np.isnan(intervals(rows("ab", [0, 0], [0, 0]), 50)["pck/0.1"]).all()


def test_a_paired_difference_is_surer_than_each_alone():
    luck = [n % 2 for n in range(40)]
    first, second = (
        rows(map(str, range(40)), luck, [2] * 40),
        rows(map(str, range(40)), [n + 1 for n in luck], [2] * 40),
    )
    assert difference_intervals(first, second, 200)["pck/0.1"] == pytest.approx((0.5, 0.5))
    assert np.ptp(intervals(first, 200)["pck/0.1"]) > 0.1


def report(found, extra=None, **options):
    partly = points(v={"roof": 0})  # where an unlabelled point is guessed counts for nothing
    return evaluate(dataset([instance(1, partly)], [instance(2)], [instance(3)], extra=extra), found, SCHEMA, **options)


FOUND = {1: [detection(moved(7))], 2: [detection(score=0.5), detection(moved(60), score=0.6)], 3: []}


def test_rows_sum_to_the_scores_of_the_report():
    found = report(FOUND)
    scores, content = found.rows.scores(), found.as_json()
    for name, score in scores.items():
        value = content
        for part in name.split("/"):
            value = value[part]
        assert value == pytest.approx(score), name
    assert len(scores) == 3 + 1 + 5 + 2 * 4
    assert scores["pck/0.1"] == pytest.approx(4 / 14), "of image 2 the false alarm scores higher, and takes the car"


def test_misses_are_wrong_in_resamples_too():
    assert report({1: [], 2: [], 3: [detection()]}, resamples=200).intervals["pck/0.1"] == (0, 1)


def test_vehicles_are_resampled_where_every_image_names_one():
    named = [{"vehicle": "a"}, {"vehicle": "b"}, {"vehicle": "a"}]
    by = [report(FOUND, extra).rows for extra in (named, [*named[:2], {}], None)]
    assert [one.by for one in by] == ["vehicle", "image", "image"]
    assert by[0].vehicles == ("a", "b", "a")
    assert by[1].vehicles == ("1", "2", "3")


def test_rows_come_back_from_json():
    before = report(FOUND, [{"vehicle": "a"}, {"vehicle": "b"}, {"vehicle": "a"}]).rows
    after = read_rows(before.as_json(), "here")
    assert (after.ids, after.vehicles, after.by) == (before.ids, before.vehicles, before.by)
    weights = np.array([2.0, 1, 0])
    assert after.scores(weights) == pytest.approx(before.scores(weights), nan_ok=True)
    for name, one in before.curves.items():
        for field in ("image", "score", "hit", "ignored", "positives"):
            assert (getattr(one, field) == getattr(after.curves[name], field)).all(), (name, field)


def test_the_text_says_what_was_resampled():
    text = report(FOUND, [{"vehicle": "a"}, {"vehicle": "b"}, {"vehicle": "a"}], resamples=50).as_text()
    assert "95 %: 50 resamples of 2 vehicles, each with all its images, seed 0" in text
    assert "95 %: " not in report(FOUND).as_text()
