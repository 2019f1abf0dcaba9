"""What is measured of pixels, on pictures whose answer is known."""

import cv2
import numpy as np
import pytest

from pipeline.sensor import decode_light
from retrieval.pixel_measures import blur, measure_pixels
from retrieval.shift_properties import disc_blurred

WHOLE = np.array([0.0, 0.0, 120.0, 80.0])


def picture(seed=0):
    rng = np.random.default_rng(seed)
    image = np.full((80, 120, 3), 90, np.uint8)
    for _ in range(25):
        x, y = rng.integers(0, 110), rng.integers(0, 70)
        cv2.rectangle(image, (int(x), int(y)), (int(x) + 14, int(y) + 9), [int(c) for c in rng.integers(0, 255, 3)], -1)
    return image


def test_middle_grey_is_no_stop_off_and_double_the_light_is_one():
    values = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    light = decode_light(values, np.ones(3, np.float32))[0, :, 0]
    grey, double = (np.full((80, 120, 3), np.argmin(abs(light - goal)), np.uint8) for goal in (0.18, 0.36))
    assert measure_pixels(grey, WHOLE, 120)["brightness_ev"] == pytest.approx(0, abs=0.03)
    assert measure_pixels(double, WHOLE, 120)["brightness_ev"] == pytest.approx(1, abs=0.03)
    assert measure_pixels(grey, WHOLE, 120)["contrast"] == pytest.approx(0, abs=1e-6)
    assert measure_pixels(grey, WHOLE, 120)["saturation"] == 0


def test_only_what_is_inside_the_box_counts():
    image = np.zeros((80, 120, 3), np.uint8)
    image[20:60, 30:90] = 255
    inside = measure_pixels(image, np.array([30.0, 20, 60, 40]), 120)
    assert inside["brightness_ev"] == pytest.approx(np.log2(1 / 0.18), abs=1e-3)
    assert inside["contrast"] == pytest.approx(0, abs=1e-3)


def test_blur_grows_with_the_radius_whichever_way_edges_run():
    luma = [disc_blurred(picture(), radius).astype(float).mean(axis=2) / 255 for radius in (0, 0.5, 1, 2, 4)]
    found = [blur(one) for one in luma]
    assert (np.diff(found) > 0.01).all()
    assert [blur(one.T.copy()) for one in luma] == pytest.approx(found)


def test_a_flat_picture_is_as_blurred_as_can_be():
    assert blur(np.full((20, 30), 0.4)) == 1
