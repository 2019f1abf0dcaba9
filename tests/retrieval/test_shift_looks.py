"""Looks and classes, of features that are made up: what was planted is found, and what is not there is not."""

import numpy as np
import pytest

from retrieval.shift_classes import vote_classes
from retrieval.shift_coverage import measure_coverage
from retrieval.shift_findings import informative
from retrieval.shift_looks import compare_looks, one_per_group
from tests.retrieval.instances import SCHEMA, random_instances
from tests.retrieval.looks import make_looks

KEYPOINTS, BOXES = random_instances(np.random.default_rng(11), 60)


@pytest.fixture
def normal():
    """A function that draws (n, 4) features."""
    rng = np.random.default_rng(12)
    return lambda count: rng.normal(size=(count, 4))


def some(vectors, start=0, **more):
    count = len(vectors)
    return make_looks(vectors, KEYPOINTS[start : start + count], BOXES[start : start + count], **more)


def test_photos_that_look_alike_are_not_told_apart(normal):
    learned, held, real = (some(normal(30)) for _ in range(3))
    found = compare_looks(learned, held, real, SCHEMA, 0.3)
    assert found.all.p_value > 0.02
    assert found.proxy_distance < 1
    assert found.null.n == (15, 15)


def test_other_looks_at_the_same_poses_are_not_explained_by_pose(normal):
    """Both sides have the same keypoints, so each photo's partner is the render of its own pose."""
    learned, held, real = (
        some(normal(30)),
        some(normal(30)),
        some(normal(30) + 3),
    )
    found = compare_looks(learned, held, real, SCHEMA, 0.3)
    assert found.like_pose.n == (30, 30)
    assert found.like_pose.p_value < 0.01
    assert found.all.p_value < 0.01
    assert found.proxy_distance > 1.5


def test_poses_that_nothing_is_like_make_no_pairs(normal):
    learned, held, real = (
        some(normal(20)),
        some(normal(20)),
        some(normal(20), 40),
    )
    assert compare_looks(learned, held, real, SCHEMA, 0.95).like_pose is None


def test_the_photo_least_like_renders_comes_first(normal):
    vectors = normal(30)
    vectors[17] += 40
    found = compare_looks(some(normal(30)), some(normal(30)), some(vectors), SCHEMA, 0.3)
    assert found.least_alike[0].photo == "17.png"
    assert found.least_alike[0].value > 5


def test_one_image_of_each_vehicle_in_which_something_was_found(normal):
    looks = some(normal(9), groups=list("aaabbbccc"), found=[1, 1, 1, 0, 0, 1, 0, 0, 0])
    chosen = one_per_group(looks, seed=3)
    assert [looks.pictures.pictures[i].group for i in chosen] == ["a", "b"]
    assert looks.measured.found[chosen].all()


def test_too_few_vehicles_are_not_compared(normal):
    few = some(normal(9), groups=list("aaabbbccc"))
    assert compare_looks(few, few, some(normal(30)), SCHEMA, 0.3) is None


def styled(normal, count, shares, spread):
    """Features round a place for each style, and the styles."""
    places = np.array([[6.0, 0, 0, 0], [0, 6, 0, 0], [0, 0, 6, 0]])
    styles = np.repeat(np.arange(3), np.round(np.array(shares) * count).astype(int))
    vectors = places[styles] * spread + normal(len(styles))
    return vectors, [{"style": ("suv", "van", "coupe")[i]} for i in styles]


def test_styles_of_photos_are_counted_with_the_votes_mistakes_taken_out(normal):
    known, said = styled(normal, 60, (1 / 3, 1 / 3, 1 / 3), 0.5)
    photos, _ = styled(normal, 50, (0.1, 0.2, 0.7), 0.5)
    [found] = vote_classes([some(known, said=said)], some(photos))
    shares = dict(zip(found.classes, found.real, strict=True))
    assert found.accuracy > 0.7
    assert informative(found.accuracy_interval, found.chance)
    assert shares["coupe"] == pytest.approx(0.7, abs=0.15)
    assert shares["suv"] == pytest.approx(0.1, abs=0.12)
    ends = dict(zip(found.classes, found.interval, strict=True))["coupe"]
    assert ends[0] < 0.7 < ends[1]


def test_features_that_say_nothing_of_style_are_found_to(normal):
    known, said = styled(normal, 60, (1 / 3, 1 / 3, 1 / 3), 0.0)
    [found] = vote_classes([some(known, said=said)], some(known[:30]))
    assert not informative(found.accuracy_interval, found.chance)


def test_no_vehicle_votes_for_itself(normal):
    """Each vehicle's images are alike and nothing else is: only a leak would tell their styles."""
    groups = np.repeat(np.arange(20), 3)
    vectors = normal(20)[groups] * 5 + normal(60) * 0.01
    said = [{"style": ("suv", "van")[(group // 2) % 2]} for group in groups]
    [found] = vote_classes([some(vectors, said=said, groups=groups.tolist())], some(vectors[:30]))
    assert found.accuracy < 0.8


def test_coverage_of_photos_that_were_learned_from_and_of_ones_like_nothing():
    learned, held = some(np.zeros((40, 2))), some(np.zeros((20, 2)), 5)
    same, other = some(np.zeros((20, 2)), 10), some(np.zeros((20, 2)), 40)
    sets = [(held.pictures, held.measured), (same.pictures, same.measured)]
    found, best = measure_coverage(learned.pictures, sets, SCHEMA)
    assert best == pytest.approx(np.ones(20), abs=1e-5)
    assert found.superiority == pytest.approx(0.5, abs=0.2)
    found, best = measure_coverage(learned.pictures, [sets[0], (other.pictures, other.measured)], SCHEMA)
    assert found.uncovered == 1
    assert found.superiority == 0
    assert found.worst[0].value == pytest.approx(best.min())
    assert sum(found.real_histogram) == pytest.approx(1)


def test_a_photo_in_which_nothing_is_found_is_like_nothing():
    learned, held = some(np.zeros((40, 2))), some(np.zeros((20, 2)), 5)
    real = some(np.zeros((20, 2)), 10, found=[0] * 10 + [1] * 10)
    sets = [(held.pictures, held.measured), (real.pictures, real.measured)]
    found, best = measure_coverage(learned.pictures, sets, SCHEMA)
    assert (best[:10] == 0).all()
    assert found.uncovered >= 0.5
    assert len(found.worst) == 10
