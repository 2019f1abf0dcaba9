"""Backgrounds and Fourier mixing: vehicles stay, crowds too, edges are soft, colours come from elsewhere."""

import cv2
import numpy as np
import pytest

from pipeline.errors import ImageError
from pipeline.images import write_image
from tests.training.drawn import FLIP, board, lands, region, sources, still
from training import augment_backdrop, augment_fourier
from training.affine import FILL
from training.labelled import Labelled
from training.sources import Pictures
from training.transforms import augmented, to_input


def with_crowd():
    one = board()
    crowd = np.zeros(one.image.shape[:2], dtype=bool)
    crowd[95:115, 160:190] = True
    return Labelled(one.image, one.objects, one.keypoints, (region(crowd),))


@pytest.mark.parametrize("seed", range(8))
def test_vehicles_and_crowds_stay_and_all_else_in_the_picture_changes(seed):
    labelled = with_crowd()
    how, size = still(background=1), 200
    plain = to_input(labelled, size)
    sample = augmented(labelled, size, how, FLIP, sources(seed, board((150, 5), (195, 60), ground=130, coloured=False)))
    same = (sample.image == plain.image).all(axis=2)
    # the letterbox puts 40 rows above the picture
    assert same[64 + 3 : 124 - 3, 33:147].all()
    assert same[135 + 3 : 155 - 3, 163:187].all()
    assert same[:38].all()
    assert (sample.image[:38] == FILL).all()
    outside = np.ones((200, 200), dtype=bool)
    outside[:42], outside[158:] = False, False
    outside[64 - 3 : 124 + 3, 27:153] = False
    outside[135 - 3 : 155 + 3, 157:193] = False
    assert same[outside].mean() < 0.05
    assert (sample.keypoints == plain.keypoints).all()
    assert (sample.boxes == plain.boxes).all()


def test_discs_land_where_labels_say_before_another_background():
    how = still(background=1, rotate_deg=25, perspective=0.1)
    for seed in range(6):
        sample = augmented(board(), 160, how, FLIP, sources(seed))
        places = sample.keypoints[0]
        near = [sample.image[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3] for x, y, v in places if v]
        assert [patch.mean(axis=(0, 1)).argmax() for patch in near] == [0, 1, 2]


def test_edges_go_from_one_to_the_other_within_two_pixels(tmp_path):
    write_image(tmp_path / "black.png", np.zeros((64, 64, 3), dtype=np.uint8))
    labelled = board(size=(200, 200), face=200, ground=200, coloured=False)
    given = sources(1, backgrounds=Pictures(tmp_path, 256))
    sample = augmented(labelled, 200, still(background=1), FLIP, given)
    across = sample.image[:, 90, 0].astype(int)
    assert (np.diff(across[15:45]) >= 0).all()
    between = np.flatnonzero((across[15:45] > 2) & (across[15:45] < 198))
    assert 1 <= len(between) <= 3
    assert (across[28:80] == 200).all()
    assert (across[:20] == 0).all()


def test_a_folder_gives_the_pictures_and_is_missed_when_it_is_not_there(tmp_path):
    green = np.zeros((900, 300, 3), dtype=np.uint8)
    green[:, :, 1] = 200
    write_image(tmp_path / "tall.png", green)
    pictures = Pictures(tmp_path, 128)
    assert pictures.pick(np.random.default_rng(0)).shape == (128, 43, 3)
    corners = [
        augmented(board(), 96, still(background=1), FLIP, sources(seed, backgrounds=pictures)).image[25, 1]
        for seed in range(30)
    ]
    assert 15 <= sum((corner == [0, 200, 0]).all() for corner in corners) <= 28
    with pytest.raises(ImageError, match="no such file or folder"):
        Pictures(tmp_path / "nowhere", 128)


def test_pictures_are_the_same_whether_kept_or_not(tmp_path):
    for number in range(4):
        write_image(tmp_path / f"{number}.png", np.full((20, 30, 3), number * 60, dtype=np.uint8))
    kept, bare = Pictures(tmp_path, 64), Pictures(tmp_path, 64, room_mb=0)
    for seed in range(12):
        first, again = (pictures.pick(np.random.default_rng(seed)) for pictures in (kept, bare))
        assert (first == again).all()
    assert not bare._kept


@pytest.mark.parametrize("seed", range(20))
def test_free_places_show_no_vehicle_and_are_large(seed):
    rng = np.random.default_rng(seed)
    low = rng.integers(5, 100, 2)
    labelled = board(tuple(low), tuple(low + rng.integers(20, 80, 2)), (300, 190), face=255, ground=0, coloured=False)
    place = augment_backdrop.free_place(labelled, rng)
    assert place is not None
    assert not place.any()
    assert min(place.shape[:2]) >= 50


def test_an_image_full_of_a_vehicle_has_no_free_place():
    labelled = board((0, 0), (200, 120), (200, 120))
    assert augment_backdrop.free_place(labelled, np.random.default_rng(0)) is None


def test_plain_backdrops_have_the_size_that_was_asked_for_and_differ():
    made = [augment_backdrop.plain(40, 25, np.random.default_rng(seed)) for seed in range(12)]
    assert {pixels.shape for pixels in made} == {(25, 40, 3)}
    assert len({pixels.tobytes() for pixels in made}) == 12


def smooth(seed, size=128):
    noise = np.random.default_rng(seed).integers(60, 200, (size, size, 3), dtype=np.uint8)
    return np.ascontiguousarray(cv2.GaussianBlur(noise, (0, 0), 5))


@pytest.mark.parametrize(("reach", "share"), [(1, 0.4), (2, 1.0), (1, 0.0)])
def test_amplitudes_are_those_of_whole_transforms(reach, share):
    image, style = smooth(0), smooth(1) // 2 + 20
    own, other = (np.fft.fft2(pixels.astype(float), axes=(0, 1)) for pixels in (image, style))
    waves = np.abs(np.fft.fftfreq(128) * 128) <= reach
    low = (waves[:, None] & waves)[:, :, None]
    amplitude = np.where(low, (1 - share) * abs(own) + share * abs(other), abs(own))
    expected = np.fft.ifft2(amplitude * np.exp(1j * np.angle(own)), axes=(0, 1)).real
    found = augment_fourier.mix_amplitudes(image, style, reach, share)
    assert found == pytest.approx(expected.clip(0, 255), abs=3)
    assert found.mean() == pytest.approx(expected.mean(), abs=1)


def test_fourier_takes_the_light_of_another_image_and_moves_nothing():
    dark = board(ground=10, face=30)
    sample = augmented(board(), 160, still(fourier=1, rotate_deg=20), FLIP, sources(2, dark))
    plain = augmented(board(), 160, still(rotate_deg=20), FLIP, sources(2, dark))
    assert sample.image.mean() < plain.image.mean() - 5
    assert lands(sample.image, sample.keypoints[0], np.arange(3)) == 3
