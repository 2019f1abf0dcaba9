"""What a field becomes: nothing where photos are covered, more where they are not, and never beyond its limits."""

import numpy as np
import pytest

from pipeline.distributions import Normal, OnValue, Uniform, support
from pipeline.sampling import sample
from retrieval.refine_target import MOST_NEW, Piece, fill_in, mixture, uniform_edges

EDGES = uniform_edges(-15, 345, 30)
ROUND = (-360.0, 360.0)


def azimuths(*middles, count=60):
    return (np.repeat(middles, count) + np.tile(np.linspace(-12, 12, count), len(middles))) % 360


def drawn(number, count=4000):
    rng = np.random.default_rng(1)
    return np.array([sample(number, rng) for _ in range(count)])


def test_views_that_are_lacking_come_in_and_the_rest_stays():
    """Half of the photos from ahead, where the old spec has a sixth, and half from behind, where it has nothing."""
    old = Uniform(uniform=(-90, 90))
    target = fill_in(old, azimuths(0, 180), EDGES, ROUND, period=360)
    assert [(piece.low, piece.high, piece.photos) for piece in target.pieces] == [(-15, 15, 0.5), (165, 195, 0.5)]
    assert [piece.before for piece in target.pieces] == pytest.approx([1 / 6, 0], abs=0.01)
    assert target.wanted == pytest.approx(1 / 3 + 1 / 2, abs=0.01)
    values = drawn(target.number) % 360
    assert ((values > 165) & (values < 195)).mean() == pytest.approx(MOST_NEW * 0.5 / (5 / 6), abs=0.03)
    assert ((values > 30) & (values < 90)).mean() == pytest.approx((1 - MOST_NEW) / 3, abs=0.03)


def test_no_photo_calls_for_more_than_the_greatest_share():
    target = fill_in(Uniform(uniform=(0, 10)), azimuths(180), EDGES, ROUND, period=360)
    assert target.wanted == pytest.approx(1)
    assert target.new == MOST_NEW
    assert (drawn(target.number) <= 10).mean() == pytest.approx(1 - MOST_NEW, abs=0.03)


@pytest.mark.parametrize(
    "number",
    [
        Uniform(uniform=(0, 360)),
        Normal.model_validate({"normal": {"mean": 180, "std": 40, "min": 0, "max": 360}}),
    ],
)
def test_what_matches_is_left_alone(number):
    """At 5 %: of ten sets of photos that were drawn from the old distribution, at most two call for a change."""
    rng = np.random.default_rng(2)
    sets = [np.array([sample(number, rng) for _ in range(200)]) for _ in range(10)]
    assert sum(fill_in(number, photos, EDGES, ROUND, period=360) is not None for photos in sets) <= 2


def test_a_few_photos_prove_nothing():
    assert fill_in(Uniform(uniform=(0, 360)), azimuths(180, count=3)[:2], EDGES, ROUND, period=360) is None


def test_what_reading_gives_on_renders_too_is_no_difference():
    """The reading scatters: heights of 2 to 8 are read as 0 to 20 on photos and on renders alike."""
    rng = np.random.default_rng(3)
    old, edges, limits = Uniform(uniform=(2, 8)), uniform_edges(-5, 85, 5), (-5.0, 85.0)
    photos, renders = (rng.uniform(2, 8, 200) + rng.normal(0, 5, 200) for _ in range(2))
    assert fill_in(old, photos, edges, limits) is not None
    assert fill_in(old, photos, edges, limits, renders) is None


def test_nothing_is_drawn_beyond_a_fields_limits():
    photos = np.concatenate([np.full(40, 88.0), np.full(40, 300.0)])
    target = fill_in(Uniform(uniform=(0, 10)), photos, uniform_edges(-5, 115, 5), (-5.0, 90.0))
    assert support(target.number) == (0, 90)
    assert target.photos == 80


def test_neighbouring_bins_of_like_density_become_one_piece():
    photos = np.linspace(81, 159, 200)
    [piece] = fill_in(Uniform(uniform=(-40, 40)), photos, uniform_edges(-180, 180, 20), ROUND).pieces
    assert (piece.low, piece.high, piece.weight) == (80, 160, 1)


def test_shares_of_three_pieces_come_out_as_they_were_asked_for():
    pieces = [Piece(i, i + 1, w, w, 0) for i, w in ((0, 0.5), (2, 0.3), (4, 0.2))]
    number = mixture(-1.0, pieces, 0.5)
    assert isinstance(number, OnValue)
    values = drawn(number, 8000)
    counts = [((values >= i) & (values < i + 1)).mean() for i in (-1, 0, 2, 4)]
    assert counts == pytest.approx([0.5, 0.25, 0.15, 0.1], abs=0.02)
