import numpy as np
import pytest

from tests.training.score_cases import SCHEMA, dataset, detection, instance, points
from training.pck import match_errors
from training.visibility_scores import auroc, calibration_error, score_visibility


def test_auroc_counts_pairs_ties_half():
    """Seen 0.9, 0.5, 0.4 against unseen 0.5, 0.1: of six pairs four are in order, one is tied, one is not."""
    confidence = np.array([0.9, 0.5, 0.4, 0.5, 0.1])
    seen = np.array([True, True, True, False, False])
    assert auroc(confidence, seen) == pytest.approx(4.5 / 6)
    assert auroc(-confidence, seen) == pytest.approx(1.5 / 6)
    assert np.isnan(auroc(confidence, np.ones(5, dtype=bool)))


def test_calibration_error_by_hand():
    """Bin 0.2: 0.25, 0.25, of which one is seen: gap 0.25. Bin 0.9: 0.95 and 1.0, both seen: gap 0.025."""
    confidence = np.array([0.25, 0.25, 0.95, 1.0])
    seen = np.array([True, False, True, True])
    assert calibration_error(confidence, seen) == pytest.approx((2 * 0.25 + 2 * 0.025) / 4)


def test_calibration_error_does_not_cancel_between_bins_but_within():
    assert calibration_error(np.array([0.05, 0.85]), np.array([True, False])) == pytest.approx((0.95 + 0.85) / 2)
    assert calibration_error(np.array([0.05, 0.05]), np.array([True, False])) == pytest.approx(0.45)


def test_there_are_ten_bins_and_1_belongs_to_the_last():
    """0.05 and 0.15 are of two bins, 0.95 and 1.0 of one: gaps -0.95 and 0.15; -0.05 and 1 in one."""
    seen = np.array([True, False])
    assert calibration_error(np.array([0.05, 0.15]), seen) == pytest.approx((0.95 + 0.15) / 2)
    assert calibration_error(np.array([0.95, 1.0]), seen) == pytest.approx((1 - 0.05) / 2)


def test_what_is_no_probability_has_no_calibration():
    assert np.isnan(calibration_error(np.array([3.2, 0.1]), np.array([True, False])))


def test_found_objects_and_labelled_names_count_hidden_and_absent_are_unseen():
    """The roof is labelled nowhere and left out; the missed object is; a hidden and an absent wheel are unseen."""
    first = points(v={"roof": 0, "wheel_FR": 1, "wheel_RR": 0})
    missed = points(v={"roof": 0})
    coco = dataset([instance(1, first)], [instance(2, missed)])
    sure = detection(confidence=[0.9, 0.2, 0.8, 0.1, 0.99])
    found = score_visibility(match_errors(coco, {1: [sure], 2: []}, SCHEMA))
    assert (found.auroc, found.seen, found.unseen) == (1, 2, 2)
    assert found.ece == pytest.approx((0.1 + 0.2 + 0.2 + 0.1) / 4)


def test_a_detector_without_keypoint_scores_has_no_such_score():
    coco = dataset([instance(1)])
    assert score_visibility(match_errors(coco, {1: [detection(confidence=np.nan)]}, SCHEMA)) is None
