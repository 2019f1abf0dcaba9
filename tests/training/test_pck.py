import numpy as np
import pytest

from tests.training.score_cases import SCHEMA, dataset, detection, instance, moved, points
from training.pck import match_errors, score_mean_error, score_pck
from training.swaps import count_swaps, diagonal_pairs, score_swaps


def errors_of(coco, found):
    return match_errors(coco, found, SCHEMA)


@pytest.mark.parametrize(("off", "expected"), [(4.9, (1, 1, 1)), (5.1, (0, 1, 1)), (9.9, (0, 1, 1)),
    (10.1, (0, 0, 1)), (19.9, (0, 0, 1)), (20.1, (0, 0, 0))])  # fmt: skip
def test_pck_at_each_of_its_levels(off, expected):
    pck = score_pck(errors_of(dataset([instance(1)]), {1: [detection(moved(off))]}), SCHEMA)
    assert tuple(pck.overall.values()) == expected


def test_pck_is_split_by_visibility_and_by_view():
    """Image 1, from the left: two of five hidden, all within 0.1. Image 2, from behind: nothing found."""
    hidden = points(v={"wheel_FR": 1, "wheel_RR": 1})
    coco = dataset([instance(1, hidden)], [instance(2)], extra=[{"view": "L"}, {"view": "B"}])
    pck = score_pck(errors_of(coco, {1: [detection(moved(8))], 2: []}), SCHEMA)
    assert pck.overall == {"0.05": 0, "0.1": 0.5, "0.2": 0.5}
    assert pck.seen["0.1"] == pytest.approx(3 / 8)
    assert pck.hidden["0.1"] == 1
    assert pck.counts == {"all": 10, "seen": 8, "hidden": 2}
    assert pck.per_view == {"B": {"0.05": 0, "0.1": 0, "0.2": 0, "n": 5}, "L": {"0.05": 0, "0.1": 1, "0.2": 1, "n": 5}}
    assert pck.view_source == "the image's own field `view`"


def test_without_views_there_is_no_table_of_views():
    pck = score_pck(errors_of(dataset([instance(1)]), {1: []}), SCHEMA)
    assert (pck.per_view, pck.view_source) == ({}, None)


def test_nme_is_the_mean_over_keypoints_of_found_objects():
    """Five points 4 px off and two (of an object with three unlabelled) 18 px off: (5 * 0.04 + 2 * 0.18) / 7."""
    few = points(v={"wheel_FL": 0, "wheel_FR": 0, "roof": 0})
    coco = dataset([instance(1)], [instance(2, few)], [instance(3)])
    nme = score_mean_error(errors_of(coco, {1: [detection(moved(4))], 2: [detection(moved(18))], 3: []}))
    assert nme.mean == pytest.approx((5 * 0.04 + 2 * 0.18) / 7)
    assert (nme.keypoints, nme.objects_found, nme.objects_missed) == (7, 2, 1)


def test_nme_of_misses_alone_is_not_known():
    nme = score_mean_error(errors_of(dataset([instance(1)]), {1: []}))
    assert np.isnan(nme.mean)
    assert nme.objects_missed == 1


def swaps_of(places, v=2):
    coco = dataset([instance(1, points(v=v))])
    return score_swaps(count_swaps(errors_of(coco, {1: [detection(points(places))]}), SCHEMA))


def test_each_kind_of_swap_is_told_from_the_others():
    """One wheel of four set elsewhere; each has one twin of each kind, the roof has none."""
    assert np.array(astuple(swaps_of({}))).tolist() == [0, 0, 0, 0, 0]
    side = swaps_of({"wheel_FL": (90, 20)})
    assert (side.left_right, side.front_back, side.diagonal) == (0.25, 0, 0)
    assert (side.rate, side.anywhere) == (1 / 8, 1 / 4)
    end = swaps_of({"wheel_FL": (10, 40)})
    assert (end.left_right, end.front_back, end.diagonal, end.anywhere) == (0, 0.25, 0, 0.25)
    corner = swaps_of({"wheel_FL": (10, 20)})
    assert (corner.left_right, corner.front_back, corner.diagonal, corner.anywhere) == (0, 0, 0.25, 0.25)
    assert corner.rate == 0


def astuple(swaps):
    return swaps.rate, swaps.left_right, swaps.front_back, swaps.diagonal, swaps.anywhere


def test_every_wheel_taken_for_its_diagonal():
    turned = {"wheel_FL": (10, 20), "wheel_FR": (10, 40), "wheel_RL": (90, 20), "wheel_RR": (90, 40)}
    swaps = swaps_of(turned)
    assert (swaps.diagonal, swaps.anywhere, swaps.rate) == (1, 1, 0)


def test_a_diagonal_swap_is_nearer_to_the_corner_than_to_the_end_twin():
    """RL and RR are 15 px apart: 9 px from RR and 6 from RL is at the end, 6 and 9 at the corner."""
    coco = dataset([instance(1, points({"wheel_RL": (10, 35)}))])

    def wheel_at(y):
        found = {1: [detection(points({"wheel_RL": (10, 35), "wheel_FL": (10, y)}))]}
        return score_swaps(count_swaps(errors_of(coco, found), SCHEMA))

    assert wheel_at(29).diagonal == 0
    assert wheel_at(29).front_back == 0.25
    assert wheel_at(26).diagonal == 0.25


def test_where_the_end_twin_has_no_label_the_corner_may_still_be_told():
    unlabelled = points({"wheel_RL": (10, 20)}, v={"wheel_RL": 0})  # its place means nothing: here it is the corner's
    found = {1: [detection(points({"wheel_FL": (10, 20)}))]}
    swaps = score_swaps(count_swaps(errors_of(dataset([instance(1, unlabelled)]), found), SCHEMA))
    assert swaps.diagonal == 0.5, "FL and RR are labelled; FR has no labelled corner"


def test_what_is_within_a_tenth_of_its_own_place_is_not_swapped():
    """FL and FR are 12 px apart, FL is set 7 px from its own place and 5 px from FR's."""
    coco = dataset([instance(1, points({"wheel_FR": (90, 28)}))])
    found = {1: [detection(points({"wheel_FL": (90, 33), "wheel_FR": (90, 28)}))]}
    assert score_swaps(count_swaps(errors_of(coco, found), SCHEMA)).left_right == 0


def test_twins_without_labels_misses_and_twins_close_by_are_not_counted():
    swaps = swaps_of({"wheel_FL": (90, 20)}, v={"wheel_FR": 0, "wheel_RL": 0, "wheel_RR": 0})
    assert np.isnan(astuple(swaps)).all()
    coco = dataset([instance(1)])
    assert np.isnan(astuple(score_swaps(count_swaps(errors_of(coco, {1: []}), SCHEMA)))).all()
    close = points({"wheel_FR": (90, 31), "wheel_RR": (10, 31)})
    coco = dataset([instance(1, close)])
    counts = count_swaps(errors_of(coco, {1: [detection()]}), SCHEMA)
    assert counts["left_right"].tolist() == [[0, 0]]
    assert counts["front_back"].tolist() == [[0, 4]]


def test_diagonal_twins_of_the_schema_that_ships(schema):
    names = {(schema.names[a], schema.names[b]) for a, b in diagonal_pairs(schema)}
    assert ("wheel_FL", "wheel_RR") in names
    assert ("headlight_RL", "headlight_FR") in names
    assert len(names) == 12
    assert not {name for pair in names for name in pair} & {"roof", "bumper_FRONT", "windshield_REAR", "mirror_LEFT"}
