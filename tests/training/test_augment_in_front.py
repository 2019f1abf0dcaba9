"""Copy-paste and occluders: discs of pasted vehicles land where labels say, what is covered is hidden or gone."""

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from tests.training.drawn import FLIP, board, disc_at, lands, region, sources, still
from training import affine
from training.augment_scene import Layer, Scene
from training.labelled import Labelled
from training.masks import Region, decode
from training.transforms import augmented, to_input

SIZE = 160


def scene_of(labelled):
    height, width = labelled.image.shape[:2]
    sample = to_input(labelled, SIZE)
    return Scene.of(sample, labelled, [0], affine.letterbox(width, height, SIZE))


def layer(left, top, width, height, color=0):
    return Layer(left, top, np.full((height, width, 3), color, np.uint8), np.full((height, width), 255, np.uint8))


SQUARE = board((40, 60), (120, 100), (160, 160))
"""At 40, 60 to 120, 100 of the frame too; keypoints at 56, 72, at 104, 76 and at 76, 90."""


def test_a_layer_hides_the_keypoints_under_it_and_no_others():
    scene = scene_of(SQUARE)
    after = scene.behind(layer(95, 70, 20, 10))
    assert after.keypoints[0, :, 2].tolist() == [2, 1, 2]
    assert (after.keypoints[:, :, :2] == scene.keypoints[:, :, :2]).all()
    assert (after.image[70:80, 95:115] == 0).all()
    assert (after.boxes == scene.boxes).all()
    assert scene.keypoints[0, 1, 2] == 2


def test_hidden_and_absent_keypoints_stay_what_they_are():
    labelled = board((40, 60), (120, 100), (160, 160))
    labelled.keypoints[0, 0, 2], labelled.keypoints[0, 1] = 1, 0
    after = scene_of(labelled).behind(layer(41, 61, 70, 20))
    assert after.keypoints[0, :, 2].tolist() == [1, 0, 2]
    assert after.keypoints[0, 1].tolist() == [0, 0, 0]


def test_boxes_shrink_to_what_is_seen_and_only_where_it_is_hidden():
    after = scene_of(SQUARE).behind(layer(30, 50, 30, 60))
    assert after.boxes[0].tolist() == [60, 60, 120, 100]
    assert scene_of(SQUARE).behind(layer(30, 50, 30, 20)).boxes[0].tolist() == [40, 60, 120, 100]


def test_objects_hidden_by_more_than_seventy_percent_are_dropped_whatever_hides_them():
    scene = scene_of(SQUARE)
    assert len(scene.behind(layer(40, 60, 54, 40)).boxes) == 1
    assert len(scene.behind(layer(40, 60, 58, 40)).boxes) == 0
    twice = scene.behind(layer(40, 60, 30, 40)).behind(layer(70, 60, 28, 40))
    assert len(twice.boxes) == len(twice.keypoints) == len(twice.seen) == len(twice.left) == len(twice.whole) == 0


@pytest.mark.parametrize("seed", range(16))
def test_discs_of_a_pasted_vehicle_land_where_its_labels_say(seed):
    own = board((60, 70), (110, 100), (200, 160), coloured=False)
    donor = board((50, 40), (170, 100), (240, 170))
    sample = augmented(own, SIZE, still(copy_paste=1, rotate_deg=20), FLIP, sources(seed, donor))
    keypoints, box = sample.keypoints[-1], sample.boxes[-1]
    order = FLIP if is_mirrored(sample.image) else np.arange(3)
    assert lands(sample.image, keypoints, order, margin=3) == 3
    assert (keypoints[:, :2] >= box[:2]).all()
    assert (keypoints[:, :2] <= box[2:]).all()
    assert (box >= 0).all()
    assert (box <= SIZE).all()


def is_mirrored(image):
    """Whether the red disc is right of the green one, by the pixels alone."""
    return disc_at(image, 0)[0][0] > disc_at(image, 1)[0][0]


def test_vehicles_are_pasted_mirrored_and_as_they_are():
    own = board((60, 70), (110, 100), (200, 160), coloured=False)
    donor = board((50, 40), (170, 100), (240, 170))
    made = [augmented(own, SIZE, still(copy_paste=1), FLIP, sources(seed, donor)) for seed in range(16)]
    assert 3 <= sum(is_mirrored(sample.image) for sample in made) <= 13


def test_a_pasted_vehicle_hides_the_discs_it_covers_and_drops_what_it_covers_almost_wholly():
    donor = board((50, 40), (170, 130), (240, 170), coloured=False)
    hidden = seen = dropped = 0
    for seed in range(40):
        sample = augmented(board(), SIZE, still(copy_paste=1), FLIP, sources(seed, donor))
        pasted = sample.boxes[-1]
        if len(sample.boxes) == 1:
            dropped += 1
            continue
        for x, y, v in sample.keypoints[0]:
            inside = (pasted[0] + 2 < x < pasted[2] - 2) and (pasted[1] + 2 < y < pasted[3] - 2)
            outside = not ((pasted[0] - 2 < x < pasted[2] + 2) and (pasted[1] - 2 < y < pasted[3] + 2))
            if inside or outside:
                assert v == (1 if inside else 2)
            hidden, seen = hidden + inside, seen + outside
    assert hidden > 10
    assert seen > 10
    assert dropped < 8


def test_vehicles_that_are_cut_off_or_behind_something_are_not_pasted():
    cut = board((0, 24), (150, 84))
    behind = board()
    behind.keypoints[0, 2, :2] = [100, 115]
    for donor in (cut, behind, Labelled(cut.image, (), np.zeros((0, 3, 3)))):
        sample = augmented(board(), SIZE, still(copy_paste=1), FLIP, sources(0, donor))
        assert len(sample.boxes) == 1
        assert (sample.image == to_input(board(), SIZE).image).all()


@pytest.mark.parametrize("seed", range(12))
def test_keypoints_are_hidden_where_an_occluder_changed_the_pixels_and_only_there(seed):
    donor = board((50, 40), (170, 130), (240, 170), face=90, coloured=False)
    how = still(rotate_deg=15, perspective=0.05)
    plain = augmented(board(), SIZE, how, FLIP, sources(seed, donor))
    sample = augmented(board(), SIZE, how.model_copy(update={"occlude": 1.0}), FLIP, sources(seed, donor))
    changed = (sample.image.astype(int) != plain.image).any(axis=2)
    assert len(sample.boxes) == 1
    for x, y, v in sample.keypoints[0]:
        around = changed[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3]
        if around.all() or not around.any():
            assert v == (1 if around.all() else 2)
    assert (sample.keypoints[:, :, :2] == plain.keypoints[:, :, :2]).all()


def test_occluders_hide_something_and_never_most_of_an_object():
    donor = board((50, 40), (170, 130), (240, 170), face=90, coloured=False)
    hidden = 0
    for seed in range(40):
        sample = augmented(board(), SIZE, still(occlude=1), FLIP, sources(seed, donor))
        alone = augmented(board(), SIZE, still(occlude=1), FLIP, sources(seed))
        assert len(sample.boxes) == len(alone.boxes) == 1
        hidden += int((sample.keypoints[:, :, 2] == 1).sum() + (alone.keypoints[:, :, 2] == 1).sum())
    assert hidden > 20


def test_no_objects_and_no_other_images_are_no_trouble():
    empty = Labelled(board().image, (), np.zeros((0, 3, 3)))
    how = still(truncate=1, background=1, copy_paste=1, occlude=1, fourier=1, perspective=0.1)
    assert augmented(empty, SIZE, how, FLIP, sources(0)).boxes.shape == (0, 4)
    assert augmented(empty, SIZE, how, FLIP, sources(0, empty)).keypoints.shape == (0, 3, 3)
    assert len(augmented(empty, SIZE, how, FLIP, sources(0, board())).boxes) == 1


def test_masks_are_the_same_from_run_lengths_polygons_and_boxes():
    mask = np.zeros((60, 90), dtype=bool)
    mask[20:30, 10:40] = True
    from_rle = region(mask)
    rle = from_rle.segmentation
    counts = [10 * 60 + 20, *([10, 50] * 29), 10, 50 * 60 + 30]
    given = [
        rle,
        {"size": [60, 90], "counts": rle["counts"].decode()},
        {"size": [60, 90], "counts": counts},
        [[10, 20, 40, 20, 40, 30, 10, 30]],
        None,
        {"size": [5, 5], "counts": "04"},
    ]
    assert sum(counts) == 60 * 90
    for segmentation in given:
        drawn = decode([Region(from_rle.outline, segmentation)], 90, 60)
        assert ((drawn > 0) != mask).mean() < 0.02, segmentation
    assert (decode([from_rle], 90, 60) == 255 * mask).all()
    assert coco_mask.area(rle) == 300
    both = decode([from_rle, Region(np.array([[50.0, 40], [60, 40], [60, 50], [50, 50]]))], 90, 60)
    assert both[45, 55] == both[25, 20] == 255
