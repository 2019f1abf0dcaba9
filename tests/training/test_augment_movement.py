"""Aspect, perspective and truncation: discs land where the labels say, and what is off draws nothing."""

import numpy as np
import pytest

from tests.training.drawn import FLIP, board, lands, sources, still
from training import augment_truncate, homography
from training.affine import FILL
from training.augment_aspect import stretch
from training.augment_perspective import tilt
from training.config import Augmentation
from training.transforms import augmented

NEW = ("truncate", "background", "copy_paste", "occlude", "fourier")


@pytest.mark.parametrize(("seed", "flip"), [(seed, seed % 2) for seed in range(10)])
def test_discs_land_where_labels_say_with_perspective_rotation_and_truncation(seed, flip):
    how = still(flip=flip, rotate_deg=25, scale=(0.8, 1.3), translate=0.1, perspective=0.15, truncate=seed % 3 == 0)
    sample = augmented(board(), 160, how, FLIP, sources(seed))
    assert lands(sample.image, sample.keypoints[0], FLIP if flip else np.arange(3)) >= 1


@pytest.mark.parametrize("seed", range(6))
def test_discs_land_where_labels_say_in_squeezed_pictures(seed):
    how = still(flip=seed % 2, rotate_deg=10, aspect=(0.5, 1.6), perspective=0.1 * (seed % 2))
    sample = augmented(board(), 160, how, FLIP, sources(seed))
    assert lands(sample.image, sample.keypoints[0], FLIP if seed % 2 else np.arange(3)) >= 1


def test_a_stretch_keeps_areas_and_the_middle_and_stays_within_its_limits():
    factors = []
    for seed in range(200):
        matrix = stretch((0.5, 1.5), 80, np.random.default_rng(seed))
        assert homography.apply(matrix, [40, 40]) == pytest.approx(np.array([40, 40]))
        assert np.linalg.det(matrix[:, :2]) == pytest.approx(1)
        factors.append(matrix[0, 0] / matrix[1, 1])
    assert 0.5 <= min(factors) < 0.55
    assert 1.4 < max(factors) <= 1.5


def test_perspective_bends_and_small_strengths_bend_less():
    def bend(strength):
        found = []
        for seed in range(20):
            matrix = tilt(strength, 100, np.random.default_rng(seed))
            ends = homography.apply(matrix, [[0, 0], [50, 50], [100, 100]])
            found.append(np.hypot(*(ends[1] - (ends[0] + ends[2]) / 2)))
        return np.mean(found)

    assert bend(0.0) == pytest.approx(0, abs=1e-4)
    assert 0.2 < bend(0.03) < bend(0.1) / 2


def test_the_strongest_perspective_leaves_the_frame_before_the_horizon():
    frame = np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]])
    for seed in range(300):
        assert (frame @ tilt(0.2, 1, np.random.default_rng(seed))[2] > 0).all()


def test_a_shrinking_perspective_averages_as_an_affine_one_does():
    image = np.random.default_rng(0).integers(0, 255, (400, 600, 3), dtype=np.uint8)
    shrink = np.diag([0.2, 0.2, 1.0])
    flat = homography.warp(image, shrink[:2], 120, 80)
    assert homography.warp(image, shrink, 120, 80).astype(int) == pytest.approx(flat.astype(int), abs=2)


@pytest.mark.parametrize("seed", range(60))
def test_truncation_leaves_a_tenth_to_half_of_the_box_outside(seed):
    rng = np.random.default_rng(seed)
    low = rng.uniform(20, 60, 2)
    high = low + rng.uniform(20, 90, 2)
    box = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    crop = augment_truncate.truncating_crop((box,), 160, rng)
    assert crop is not None
    moved = homography.apply(crop, box)
    inside = np.clip(moved, 0, 160)
    kept = np.ptp(inside, axis=0).prod() / np.ptp(moved, axis=0).prod()
    assert 0.5 - 1e-9 <= kept <= 0.9 + 1e-9
    assert crop[0, 0] >= 1


def test_truncation_prefers_crops_inside_the_picture():
    labelled = board((70, 70), (130, 120), (200, 200))
    samples = [augmented(labelled, 160, still(truncate=1), FLIP, sources(seed)) for seed in range(30)]
    assert sum((sample.image == FILL).all(axis=2).any() for sample in samples) <= 3
    gone = [int((sample.keypoints[:, :, 2] == 0).sum()) for sample in samples]
    assert 10 < sum(gone) < 60
    for sample in samples:
        assert (sample.keypoints[sample.keypoints[:, :, 2] == 0] == 0).all()


def test_truncation_without_objects_does_nothing():
    assert augment_truncate.truncating_crop((), 100, np.random.default_rng(0)) is None


def test_items_of_recipes_without_the_new_augmentations_are_what_they_were():
    """The numbers were taken before these augmentations were written."""
    labelled = board((5, 5), (85, 55), (90, 60))
    labelled.keypoints[0, :, :2] = [[20.5, 15.5], [70.5, 18.5], [45.5, 40.5]]
    expected = {
        0: ([[13.545006, 43.187317], [61.645181, 39.899073], [40.486584, 63.976788]], [0.0, 25.227579, 79.978226]),
        1: ([[22.943233, 28.739707], [88.21871, 26.163827], [58.621458, 57.948812]], [1.469645, 7.694332, 96.0]),
        2: ([[16.38233, 36.574718], [65.197468, 37.933116], [38.782093, 60.076563]], [0.0, 22.224977, 81.147804]),
    }
    for seed, (points, box) in expected.items():
        rng = np.random.default_rng(seed)
        given = sources(seed)
        object.__setattr__(given, "stream", {"augment": rng}.__getitem__)  # any other stream would be a KeyError
        sample = augmented(labelled, 96, Augmentation(degrade=0, cutout=1), FLIP, given)
        assert sample.keypoints[0, :, :2] == pytest.approx(np.array(points), abs=1e-5)
        assert sample.boxes[0, :3] == pytest.approx(box, abs=1e-5)


@pytest.mark.parametrize("name", NEW)
def test_an_augmentation_whose_turn_it_is_not_changes_nothing(name):
    how = Augmentation(cutout=1, degrade=0.5)
    other = board((40, 20), (120, 100))
    before = augmented(board(), 96, how, FLIP, sources(3, other))
    after = augmented(board(), 96, how.model_copy(update={name: 1e-12}), FLIP, sources(3, other))
    assert (before.image == after.image).all()
    assert (before.keypoints == after.keypoints).all()


@pytest.mark.parametrize("name", ["background", "fourier", "occlude"])
def test_what_does_not_move_pixels_leaves_the_places_of_labels(name):
    how, other = Augmentation(), board((40, 20), (120, 100))
    before = augmented(board(), 96, how, FLIP, sources(3, other))
    after = augmented(board(), 96, how.model_copy(update={name: 1.0}), FLIP, sources(3, other))
    assert (before.image != after.image).any()
    assert (before.keypoints[:, :, :2] == after.keypoints[:, :, :2]).all()
