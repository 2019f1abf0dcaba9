from hypothesis import given
from hypothesis import strategies as st

from pipeline.farm import GROUP, group_shots
from pipeline.generate import default_memory_mb, usual_timeout_s
from tests.farm.conftest import fake_spec


@given(st.integers(1, 150), st.integers(1, 80), st.integers(1, 4))
def test_every_shot_is_in_one_group_and_a_group_is_of_one_vehicle(images: int, views: int, workers: int):
    groups = group_shots(range(images), views, workers)
    assert [index for group in groups for index in group] == list(range(images))
    assert max(map(len, groups)) <= GROUP
    assert all(group[0] // views == group[-1] // views for group in groups)
    if views <= GROUP and images >= views * workers:
        assert len(groups) == -(-images // views), "a vehicle is built once"


def test_one_vehicles_views_are_shared_out_when_nothing_else_is_there():
    assert group_shots(range(12), 12, 2) == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]


def test_what_is_done_already_leaves_the_vehicles_whole():
    assert group_shots([1, 2, 5, 6, 7], 3, 1) == [[1, 2], [5], [6, 7]]


def test_a_large_picture_of_many_samples_has_more_time():
    small, large = fake_spec(), fake_spec(image={"width": 3840, "height": 2160}, render={"samples": 1024})
    assert usual_timeout_s(small) < 130
    assert usual_timeout_s(large) > 3600 * 12


def test_workers_together_leave_memory_to_others():
    assert default_memory_mb(2) * 2 == default_memory_mb(1)
