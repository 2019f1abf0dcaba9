"""From keypoints in pixels to the frame of the box."""

import numpy as np
import pytest

from retrieval.descriptor import describe

KEYPOINTS = np.array([[[10.0, 20.0, 2], [50.0, 30.0, 1], [0.0, 0.0, 0]]])
BOX = np.array([[10.0, 20.0, 80.0, 20.0]])


def test_points_are_measured_from_the_middle_of_the_box_in_its_root_area():
    found = describe(KEYPOINTS, BOX)
    np.testing.assert_allclose(found.points[0], [[-1.0, -0.25], [0.0, 0.0], [0.0, 0.0]], atol=1e-7)


def test_hidden_keypoints_count_half_and_rows_have_unit_length():
    found = describe(KEYPOINTS, BOX)
    np.testing.assert_allclose(found.weights[0], np.array([1, 0.5, 0]) / np.sqrt(1.25), atol=1e-7)


@pytest.mark.parametrize("box", [[10, 20, 0, 20], [10, 20, 80, -1], [10, 20, np.nan, 20]])
def test_a_box_without_area_leaves_nothing_to_compare(box):
    found = describe(KEYPOINTS, [box])
    assert not found.weights.any()
    assert np.isfinite(found.points).all()


def test_a_keypoint_that_is_not_finite_is_not_there():
    broken = KEYPOINTS.copy()
    broken[0, 0, 1] = np.inf
    found = describe(broken, BOX)
    assert found.weights[0].tolist() == [0.0, 1.0, 0.0]
    assert np.isfinite(found.points).all()


def test_no_visible_keypoint_gives_a_row_of_zeros():
    assert not describe(np.zeros((1, 3, 3)), BOX).weights.any()


def test_no_instances():
    assert len(describe(np.zeros((0, 3, 3)), np.zeros((0, 4)))) == 0


@pytest.mark.parametrize(("keypoints", "box"), [(KEYPOINTS[0], BOX), (KEYPOINTS, BOX[0]), (KEYPOINTS, np.ones((2, 4)))])
def test_shapes_that_do_not_agree_are_named(keypoints, box):
    with pytest.raises(ValueError, match=r"keypoints must be \(N, K, 3\) and boxes \(N, 4\)"):
        describe(keypoints, box)


def test_a_weight_outside_the_range_is_named():
    with pytest.raises(ValueError, match=r"hidden_weight must be in 0..1; got 1.5"):
        describe(KEYPOINTS, BOX, 1.5)
